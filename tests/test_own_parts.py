"""One of each part, added from outside with one registration, is found wherever names are asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from scipy.stats import loguniform, spearmanr
from sklearn.cross_decomposition import PLSRegression
from typer.testing import CliRunner

from physio_vad import build_pipeline, evaluate, search_space, write_report
from physio_vad.cli.commands import app
from physio_vad.evaluation import BASELINES, CHECKS, SPLITS, Finding, LeaveOneSubjectOut
from physio_vad.exceptions import ArgumentError
from physio_vad.io import READERS, TableReader
from physio_vad.metrics import METRICS, Metric, by_rows
from physio_vad.modalities import MODALITIES, Modality, register_modality
from physio_vad.modalities.eda import EDA as BuiltIn
from physio_vad.recording.units import Conversion
from physio_vad.regressors import ESTIMATORS, MODELS, MaskedScorer, MultiOutput
from physio_vad.regressors.estimators import Estimator
from physio_vad.report import Section
from physio_vad.report.html import SECTIONS
from physio_vad.study.recipe import make_recipe


class Pupil(Modality):
    """Pupil diameter."""

    name = "third_eye"
    unit = "mm"
    units: ClassVar = {"mm": Conversion(), "um": Conversion(1e-3)}
    features = ()

    def prepare(self, signal, others):
        """Take the signal as it is."""
        return signal

    def compute(self, prepared, starts, stops):
        """Compute nothing."""
        return np.empty((len(starts), 0))


@dataclass(frozen=True, kw_only=True)
class Tracker(TableReader):
    """An eye tracker's tables."""

    name: ClassVar[str] = "tracker"


class Tuned(MultiOutput):
    """A model with a search space of its own."""

    @classmethod
    def search_space(cls):
        """Try one thing."""
        return {"verbose": [0, 1]}


def spearman(truth, prediction, weight):
    """Rank correlation, undefined for a constant."""
    if np.ptp(truth) == 0 or np.ptp(prediction) == 0:
        return np.nan
    return float(spearmanr(truth, prediction).statistic)


def scale_top(fold) -> np.ndarray:
    """Answer nine."""
    return np.full((len(fold.test), len(fold.targets)), 9.0)


def too_few(evidence) -> Iterator[Finding]:
    """Say that there are few people."""
    yield Finding("info", "too_few", "two people", "That is few.", "Record more.")


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(3)
    index = pd.MultiIndex.from_product(
        [["anna", "ben", "cem", "dana"], ["1", "2"], range(8)],
        names=["subject", "trial", "window"],
    )
    X = pd.DataFrame({"eda__scl_mean": rng.normal(size=64), "ecg__hr": rng.normal(size=64)}, index)
    y = pd.DataFrame({"valence": 5 + X["eda__scl_mean"] + 0.3 * rng.normal(size=64)}, index)
    return X, y


@pytest.fixture
def own_parts():
    register_modality(Pupil)
    READERS["tracker"] = Tracker
    MODELS["tuned"] = Tuned
    ESTIMATORS["pls"] = Estimator(lambda: PLSRegression(1), lambda: {"tol": loguniform(1e-8, 1e-4)})
    METRICS["spearman"] = Metric("spearman", "rank correlation", by_rows(spearman), True)
    BASELINES["scale_top"] = scale_top
    CHECKS["too_few"] = too_few
    SPLITS["one-out"] = lambda seed: LeaveOneSubjectOut()
    SECTIONS["weather"] = lambda reported: [Section("The weather", ["It rained on every day."])]


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("modalities", "third_eye"),
        ("layouts", "tracker"),
        ("models", "tuned"),
        ("estimators", "pls"),
        ("metrics", "spearman"),
        ("baselines", "scale_top"),
        ("splits", "one-out"),
    ],
)
def test_list_names_it(own_parts, what, name):
    result = CliRunner().invoke(app, ["list", what])
    assert result.exit_code == 0
    assert name in result.stdout


def test_a_recipe_knows_it(own_parts):
    recipe = make_recipe(
        {
            "layout": {
                "name": "tracker",
                "sfreq": 30.0,
                "labels": ["valence"],
                "columns": {"left": {"modality": "third_eye", "unit": "mm"}},
            },
            "features": {"modalities": ["third_eye"]},
            "model": {"name": "tuned", "estimator": "pls"},
            "evaluation": {"cv": "one-out"},
        },
        where="here",
    )
    assert isinstance(recipe.reader(), Tracker)
    assert [one.name for one in recipe.modalities()] == ["third_eye"]
    assert isinstance(recipe.pipeline()[-1], Tuned)


def test_tune_knows_its_search_space(own_parts):
    assert sorted(search_space("tuned", "pls")) == ["model__estimator__tol", "model__verbose"]
    assert "model__estimator__tol" in search_space("multioutput", "pls")


def test_evaluate_and_the_report_use_it(own_parts, tables, tmp_path):
    X, y = tables
    result = evaluate(build_pipeline(estimator="ridge"), X, y, cv="one-out")
    truth, guess = result.predictions[["valence", "valence_predicted"]].to_numpy().T
    by_hand = spearmanr(truth, guess).statistic
    pooled = result.scores.query("level == 'pooled' and metric == 'spearman'")["value"]
    assert pooled.item() == pytest.approx(by_hand)
    low, high = result.intervals().loc[("valence", "spearman"), ["low", "high"]]
    assert low < by_hand < high
    assert result.baselines.loc[("valence", "scale_top"), "rmse"] == pytest.approx(
        np.sqrt(np.mean((truth - 9) ** 2))
    )
    assert "too_few" in {one.check for one in result.findings}
    page = write_report(result, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "It rained on every day." in page
    model = build_pipeline(estimator="ridge").fit(X, y)
    expected = spearmanr(y["valence"], np.ravel(model.predict(X))).statistic
    assert MaskedScorer("spearman")(model, X, y) == pytest.approx(expected)


def test_a_class_of_another_module_does_not_replace_a_built_in():
    twin = type("EDA", (BuiltIn,), {"__module__": "somebody", "__qualname__": "EDA"})
    with pytest.raises(ArgumentError, match=r"modality 'eda' is physio_vad.modalities.eda.EDA"):
        register_modality(twin)
    with pytest.raises(ArgumentError, match="take another name"):
        MODALITIES["eda"] = twin
    assert register_modality(BuiltIn) is BuiltIn
