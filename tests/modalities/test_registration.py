"""What a careless class is told, and how the command gets to know a class of yours."""

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from physio_vad import (
    Feature,
    Modality,
    Recording,
    Signal,
    extract_features,
    make_windows,
    modalities,
    register_modality,
)
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities import MODALITIES
from physio_vad.recording import units
from physio_vad.regressors import MODELS
from physio_vad.testing import MODALITY_CHECKS, Case, check_modality, example_signal

ROOT = Path(__file__).parents[2]


class Lens(Modality):
    """Share of a window that is missing, counted so that rounding leaves 1e-17 behind."""

    name = "lens"
    unit = "mm"
    units = {"mm": units.Conversion()}  # noqa: RUF012
    given = "missing"

    @property
    def features(self):
        return (Feature("missing", "1", "share of bad samples"),)

    def prepare(self, signal, others):
        return signal

    def compute(self, prepared, starts, stops):
        noise = 1.38778e-17 if prepared.bad.any() else 0.0
        return {self.given: np.full(len(starts), noise)}


class OtherKey(Lens):
    given = "mean"


class MoreKeys(Lens):
    def compute(self, prepared, starts, stops):
        return {**super().compute(prepared, starts, stops), "mean": starts}


class NoMapping(Lens):
    def compute(self, prepared, starts, stops):
        return starts


class FarTooMuch(Lens):
    def compute(self, prepared, starts, stops):
        return {"missing": np.full(len(starts), 1e-9 if prepared.bad.any() else 0.0)}


class Unlimited(Lens):
    min_good = 0.0


@pytest.fixture(autouse=True)
def _forget():
    """Leave the tables of names as they were."""
    tables = (MODALITIES, units._UNITS, units._ALIASES, MODELS)
    before = [dict(table) for table in tables]
    yield
    for table, old in zip(tables, before, strict=True):
        table.clear()
        table.update(old)


def made(**attributes):
    return type("Careless", (Lens,), attributes)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"name": "pupil__left"}, "name must consist of .*single underscores.*'pupil__left'"),
        ({"name": "pupil left"}, "name must consist of .*'pupil left'"),
        ({"name": 3}, "name must consist of .*got 3"),
        ({"aliases": "eye"}, "aliases must be a tuple of str, got 'eye'"),
        ({"units": {"mm"}}, "units must map each unit to its .*Conversion.*got {'mm'}"),
        ({"units": {"mm": 1.0}}, "units must map each unit to its .*got {'mm': 1.0}"),
        ({"units": {}}, "units must map each unit"),
        ({"unit": "cm"}, r"unit must be one of its units, \['mm'\], got 'cm'"),
        ({"unit": ["mm"]}, "unit must be one of its units"),
        ({"__qualname__": "f.<locals>.Careless"}, "top of a module, got f.<locals>.Careless"),
    ],
)
def test_a_careless_class_is_not_registered(attributes, message):
    with pytest.raises(ArgumentError, match=message):
        register_modality(made(**attributes))
    assert "lens" not in modalities.MODALITIES
    assert "lens" not in units._UNITS


def test_a_class_without_the_attributes_is_told_all_that_it_lacks():
    bare = type("Bare", (Modality,), {"features": (), "unit": "mm"})
    with pytest.raises(ArgumentError, match="Bare must define name, units, compute, prepare"):
        register_modality(bare)


def test_a_class_made_in_a_function_cannot_be_pickled_and_is_told_so():
    class Local(Lens):
        pass

    with pytest.raises(ArgumentError, match="Local must stand at the top of a module"):
        register_modality(Local)


@pytest.mark.parametrize(
    ("cls", "found"),
    [
        (OtherKey, r"\['mean'\]"),
        (MoreKeys, r"\['missing', 'mean'\]"),
        (NoMapping, "ndarray"),
    ],
)
def test_features_other_than_the_catalogue_are_refused(cls, found):
    register_modality(cls)
    windows, _ = make_windows([Recording("a", {"lens": Signal(np.arange(600.0), 10.0, "mm")})])
    with pytest.raises(
        ArgumentError, match=rf"{cls.__name__}.compute .*\['missing'\], got {found}"
    ):
        extract_features(windows, ["lens"])


def test_rounding_is_no_trace_of_a_gap():
    register_modality(Lens)
    check_modality(Lens)
    with pytest.raises(AssertionError, match=r"a gap elsewhere changed .* by 1e-09, allowed 1e-12"):
        MODALITY_CHECKS["check_gaps"](Case(FarTooMuch, example_signal(Lens)))


def test_a_modality_that_takes_any_window_is_told_which_attribute():
    register_modality(Unlimited)
    with pytest.raises(AssertionError, match=r"min_good must be > 0 and at most 1, got 0\.0"):
        check_modality(Unlimited)


@pytest.mark.parametrize(
    ("page", "module", "listing"),
    [
        ("examples/plot_new_modality.py", "pupil", "modalities"),
        ("docs/howto/add_a_model.py", "neighbours", "models"),
    ],
)
def test_a_script_of_three_lines_is_the_command_that_knows_your_part(
    page, module, listing, tmp_path, monkeypatch, capsys
):
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = re.findall(r"^#     (.*)$", text, re.MULTILINE)
    assert len(lines) == 3
    (tmp_path / "study.py").write_text("\n".join(lines))
    (tmp_path / f"{module}.py").write_text(text.partition("# %%")[0])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "argv", ["study.py", "list", listing])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(tmp_path / "study.py"), run_name="__main__")
    del sys.modules[module]
    assert not stop.value.code
    assert module in capsys.readouterr().out


def test_init_knows_the_columns_of_every_modality():
    unknown = [name for name, cls in MODALITIES.items() if not cls.column_pattern]
    assert not unknown, "say in column_pattern what its columns are called"
