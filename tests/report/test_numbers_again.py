"""Every further number of a report, computed anew from what was saved beside it, and only that."""

import re

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMRegressor

from physio_vad.evaluation import Evaluation, Inside, calibrate, evaluate, look_inside
from physio_vad.pipeline import build_pipeline
from physio_vad.report import inside_sections, write_report

TARGETS = ("valence", "arousal")


@pytest.fixture(scope="module")
def study():
    """Twelve people of four minutes, ratings in the skin and the heart, one signal missing."""
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product(
        [[f"s{number:02d}" for number in range(12)], ["a", "b"], range(24)],
        names=["subject", "trial", "window"],
    )
    values = np.cumsum(rng.normal(0, 0.4, (len(index), 2)), axis=0) % 6 + 2
    y = pd.DataFrame(values, index, list(TARGETS))
    noise = rng.normal(size=(len(index), 3))
    X = pd.DataFrame(
        {
            "eda__scl_mean": y["valence"] + noise[:, 0],
            "eda__quality": rng.uniform(0.5, 1, len(index)),
            "ppg__hr_mean": y["arousal"] + noise[:, 1],
            "ppg__rmssd": noise[:, 2],
            "ppg__quality": rng.uniform(0.2, 1, len(index)),
        }
    )
    X.loc["s03", ["ppg__hr_mean", "ppg__rmssd"]] = np.nan
    y.attrs["scale"] = dict.fromkeys(TARGETS, (1.0, 9.0))
    y.attrs["window"] = {"length": 10.0, "step": 10.0}
    booster = LGBMRegressor(n_estimators=15, num_leaves=4, verbosity=-1, n_jobs=1)
    pipeline = build_pipeline("multioutput", estimator=booster, random_state=0)
    evaluation = evaluate(pipeline, X, y, random_state=0)
    return evaluation, look_inside(pipeline, X, y, evaluation, n_repeats=2)


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    evaluation, inside = study
    folder = tmp_path_factory.mktemp("saved")
    inside.save(evaluation.save(folder))
    write_report(evaluation, folder / "report.html", extra=inside_sections(inside))
    return folder


@pytest.fixture(scope="module")
def page(folder, parse):
    return parse((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def table(folder):
    return pd.read_parquet(folder / "predictions.parquet")


def numbers(cell: str) -> list[float]:
    plain = cell.replace("\N{MINUS SIGN}", "-")
    return [float(one) for one in re.findall(r"-?\d+\.?\d*", plain)]


def rmse(part: pd.DataFrame, target: str, answer: str = "predicted") -> float:
    return float(np.sqrt(((part[target] - part[f"{target}_{answer}"]) ** 2).mean()))


def test_the_saved_files_give_the_same_report_to_the_byte(folder, tmp_path) -> None:
    loaded, inside = Evaluation.load(folder), Inside.load(folder)
    again = write_report(loaded, tmp_path / "a.html", extra=inside_sections(inside))
    assert again.read_bytes() == (folder / "report.html").read_bytes()


def test_intervals_of_scores_and_skill_by_another_bootstrap(page, table) -> None:
    rng = np.random.default_rng(7)
    people = [part for _, part in table.groupby("subject")]
    sums = {
        answer: np.array(
            [((one["valence"] - one[f"valence_{answer}"]) ** 2).sum() for one in people]
        )
        for answer in ("predicted", "training_mean", "scale_midpoint", "session_course")
    }
    n = np.array([len(one) for one in people])
    draws = rng.integers(len(people), size=(4000, len(people)))
    drawn = {name: np.sqrt(one[draws].sum(1) / n[draws].sum(1)) for name, one in sums.items()}
    scores = page.tables["Valence: pooled scores"]["RMSE"]
    for row, answer in (("model", "predicted"), ("training mean", "training_mean")):
        value, low, high = numbers(scores[row])
        assert value == pytest.approx(rmse(table, "valence", answer), abs=0.0051)
        expected = np.quantile(drawn[answer], [0.025, 0.975])
        assert [low, high] == pytest.approx(expected, abs=0.03)
    best = min(sums, key=lambda name: (name == "predicted", sums[name].sum()))
    sentence = next(one for one in page.texts["li"] if one.startswith("Valence"))
    assert best.replace("_", " ") in sentence
    _, low, high = numbers(sentence.split("skill")[1].replace("95%", ""))
    expected = np.quantile(1 - drawn["predicted"] / drawn[best], [0.025, 0.975])
    assert [low, high] == pytest.approx(expected, abs=0.03)


def test_other_metrics_by_hand(page, table) -> None:
    for target in TARGETS:
        row = page.tables[f"{target.capitalize()}: pooled scores"].loc["model"]
        truth, given = table[target], table[f"{target}_predicted"]
        assert numbers(row["MAE"])[0] == pytest.approx((truth - given).abs().mean(), abs=0.0051)
        assert numbers(row["MSE"])[0] == pytest.approx(((truth - given) ** 2).mean(), abs=0.0051)
        assert numbers(row["r"])[0] == pytest.approx(np.corrcoef(truth, given)[0, 1], abs=0.0051)
        r2 = 1 - ((truth - given) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
        assert numbers(row["R²"])[0] == pytest.approx(r2, abs=0.0051)


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_half_width_and_coverage(page, table, coverage) -> None:
    for target in TARGETS:
        errors = {
            who: np.sort((part[target] - part[f"{target}_predicted"]).abs())
            for who, part in table.groupby("subject")
        }

        def half(people, errors=errors):
            """Take the smallest width that enough of the weight, one share to come, lies below."""
            for width in np.sort(np.concatenate([errors[who] for who in people])):
                inside = sum((errors[who] <= width).mean() for who in people)
                if inside / (len(people) + 1) >= coverage - 1e-12:
                    return width
            return np.inf

        row = page.tables["Half-width in the unit of the ratings, and coverage"].loc[
            f"{target}, {coverage:.0%}"
        ]
        assert numbers(row["half-width"])[0] == pytest.approx(half(errors), abs=0.0051)
        shares = {
            who: (mine <= half([one for one in errors if one != who])).mean()
            for who, mine in errors.items()
        }
        values = np.array(list(shares.values()))
        assert numbers(row["mean coverage"])[0] == pytest.approx(100 * values.mean(), abs=0.051)
        below = 100 * (values < coverage - 0.1).mean()
        assert numbers(row["people more than 10 points below"])[0] == pytest.approx(
            below, abs=0.051
        )
        assert numbers(row["lowest person"])[0] == pytest.approx(100 * values.min(), abs=0.051)
        people = page.tables["Coverage of each person"][f"{coverage:.0%} asked"]
        for who, share in shares.items():
            cell = numbers(people[f"{who}, {target}"])[0]
            assert cell == pytest.approx(100 * share, abs=0.051)


def test_labelled_minutes(page, folder, table) -> None:
    given = page.tables["RMSE over the rest of the session"]
    late = table[(table["trial"] == "a") & (table["start"] >= 180) | (table["trial"] == "b")]
    for target in TARGETS:
        plain = np.mean([rmse(part, target) for _, part in late.groupby("subject")])
        row = given.loc[f"{target}, 0 min"]
        assert numbers(row["mean RMSE"])[0] == pytest.approx(plain, abs=0.00051)
        assert row["mean share of uncalibrated"] == "100.0%"
    curve = calibrate(Evaluation.load(folder)).curve
    for (target, minutes), row in curve.iterrows():
        cells = given.loc[f"{target}, {minutes:g} min"]
        assert numbers(cells.iloc[0])[0] == pytest.approx(row["rmse"], abs=0.00051)
        assert numbers(cells.iloc[1])[0] == pytest.approx(100 * row["ratio"], abs=0.051)
        assert numbers(cells.iloc[2])[0] == pytest.approx(100 * row["worse"], abs=0.051)


def test_levels(page, table) -> None:
    given = page.tables["Scores by level"]
    columns = [name for name in table if name.startswith(TARGETS)]
    trials = table.groupby(["subject", "trial"])[columns].mean()
    ordered = table.sort_values(["subject", "trial", "window"])
    rolled = ordered.groupby(["subject", "trial"])[[f"{one}_predicted" for one in TARGETS]]
    rolled = rolled.rolling(3, min_periods=1).mean().reset_index(drop=True)
    smooth = ordered.reset_index(drop=True).assign(**{name: rolled[name] for name in rolled})
    for target in TARGETS:
        for level, part in (("windows", table), ("last 30 s", smooth), ("trials", trials)):
            row = given.loc[f"{target}, {level}"]
            assert numbers(row["RMSE"])[0] == pytest.approx(rmse(part, target), abs=0.0051)
            assert row["rows"] == str(len(part))
            best = rmse(part, target, row["best baseline"].replace(" ", "_"))
            skill = numbers(row["skill (95% interval)"])[0]
            assert skill == pytest.approx(1 - rmse(part, target) / best, abs=0.0051)


def test_histogram(page, table) -> None:
    given = page.tables["Percent of windows by rating"]
    inside = table["valence"].between(3, 3.5, inclusive="left")
    row = given.loc["valence, 3 to 3.5"]
    assert numbers(row["ratings"])[0] == pytest.approx(100 * inside.mean(), abs=0.051)
    for target in TARGETS:
        mine = given[given.index.str.startswith(target)]
        for column in ("ratings", "predictions"):
            assert sum(numbers(one)[0] for one in mine[column]) == pytest.approx(100, abs=0.8)


def test_importance_from_the_saved_errors(page, folder) -> None:
    errors = pd.read_parquet(folder / "modality.parquet")
    roots = np.sqrt(errors.groupby("group")[list(TARGETS)].mean())
    given = page.tables["Rise of RMSE, by modality"]
    moves = (
        pd.read_parquet(folder / "moves.parquet").set_index(["group", "subject"]).sort_index().abs()
    )
    moved = page.tables["Mean |SHAP| of LightGBM: how far a modality moves the prediction"]
    for target in TARGETS:
        for modality in ("eda", "ppg"):
            value, low, high = numbers(given.loc[modality, target])
            expected = roots.loc[modality, target] - roots.loc["", target]
            assert value == pytest.approx(expected, abs=0.00051)
            assert low <= value <= high
            mean = moves.loc[modality, target].mean()
            assert numbers(moved.loc[modality, target])[0] == pytest.approx(mean, abs=0.00051)
    families = np.sqrt(
        pd.read_parquet(folder / "family.parquet").groupby("group")[list(TARGETS)].mean()
    )
    listed = page.tables["The 10 features of each target whose shuffling costs most"]
    expected = families.loc["eda__scl_mean", "valence"] - families.loc["", "valence"]
    cell = listed.loc["valence: eda scl mean"].iloc[0]
    assert numbers(cell)[0] == pytest.approx(expected, abs=0.00051)


def test_columns_kept_from_the_saved_predictions(page, folder) -> None:
    saved = pd.read_parquet(folder / "kept.parquet")
    for target in TARGETS:
        given = page.tables[f"{target.capitalize()}: columns kept"]
        assert list(given.index) == list(saved["kept"].unique())
        for kept, row in given.iterrows():
            part = saved[saved["kept"] == kept]
            assert numbers(row["RMSE"])[0] == pytest.approx(rmse(part, target), abs=0.00051)
            baselines = ("scale_midpoint", "training_mean", "session_course")
            best = min(rmse(part, target, name) for name in baselines)
            skill = numbers(row["skill (95% interval)"])[0]
            assert skill == pytest.approx(1 - rmse(part, target) / best, abs=0.0051)


def test_signals_and_cost(page, folder, study) -> None:
    signals = pd.read_parquet(folder / "signals.parquet")
    given = page.tables["Signals of all windows"]
    mine = signals[signals["modality"] == "ppg"]
    assert given.loc["ppg", "people without any"] == "1"
    assert numbers(given.loc["ppg", "features undefined"])[0] == pytest.approx(100 / 12, abs=0.051)
    assert numbers(given.loc["ppg", "mean quality"])[0] == pytest.approx(
        mine["quality"].mean(), abs=0.0051
    )
    worst = mine.loc[mine["quality"].idxmin()]
    assert given.loc["ppg", "lowest person"].endswith(f"({worst['subject']})")
    seconds = study[0].info["seconds"]
    assert page.tables["Time"].loc["Fit, mean of a fold", "seconds"] == f"{seconds['fit']:.2f} s"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_report_in_a_real_browser(folder, page, browse, width) -> None:
    console, loaded, wide, sections = browse(folder / "report.html", width)
    assert "CONSOLE" not in console
    assert loaded == "true"
    assert int(wide) <= width
    assert int(sections) == len(page.texts["h2"]) == 14
