"""Every number of a report, computed anew from what was saved beside it, and only that.

Nothing here uses the formulas of the package: each cell of each table has a second way to it, and
is held to its last digit.
"""

import json
import re

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMRegressor
from scipy import stats
from scipy.optimize import nnls
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from physio_vad.evaluation import Evaluation, evaluate
from physio_vad.explain import Explanation, explain
from physio_vad.pipeline import build_pipeline
from physio_vad.report import explain_sections, write_report

TARGETS = ("valence", "arousal")
METRICS = ("RMSE", "MAE", "MSE", "r", "CCC", "R²")
BASELINES = ("scale_midpoint", "training_mean", "session_course")


@pytest.fixture(scope="module")
def study():
    """Twelve people of eight minutes, ratings in the skin and the heart, some of each missing."""
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
    y.loc[("s05", "b", slice(7, 12)), "arousal"] = np.nan
    y.attrs["scale"] = dict.fromkeys(TARGETS, (1.0, 9.0))
    y.attrs["window"] = {"length": 10.0, "step": 10.0}
    booster = LGBMRegressor(n_estimators=15, num_leaves=4, verbosity=-1, n_jobs=1)
    pipeline = build_pipeline("multioutput", estimator=booster, random_state=0)
    evaluation = evaluate(pipeline, X, y, random_state=0)
    return evaluation, explain(pipeline, X, y, evaluation, n_repeats=2)


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    evaluation, inside = study
    folder = tmp_path_factory.mktemp("saved")
    inside.save(evaluation.save(folder))
    write_report(evaluation, folder / "report.html", extra=explain_sections(inside))
    return folder


@pytest.fixture(scope="module")
def page(folder, parse):
    return parse((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def saved(folder):
    """Read all that stands beside the report."""
    tables = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    return tables | {"info": json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))}


def numbers(cell: str) -> list[tuple[float, float]]:
    """Read the numbers of a cell, each with half a unit of its last digit."""
    found = re.findall(r"-?\d+(?:\.\d+)?", cell.replace("\N{MINUS SIGN}", "-"))
    return [(float(one), 0.5 * 10 ** -len(one.partition(".")[2])) for one in found]


def draws(n: np.ndarray) -> np.ndarray:
    """Take everybody, then everybody without each of those with rows."""
    rated = np.flatnonzero(np.asarray(n) > 0)
    takes = np.tile((np.asarray(n) > 0).astype(float), (len(rated) + 1, 1))
    takes[np.arange(1, len(takes)), rated] = 0
    return takes


SCALES = {  # to a scale on which a score is about normal, back, and the factor of its error
    "error": (np.log, np.exp, 1.5),
    "rest": (lambda v: np.log(1 - v), lambda v: 1 - np.exp(v), 1.25),
    "difference": (lambda v: v, lambda v: v, 1.25),
    "r": (np.arctanh, np.tanh, 1.6),
    "mean": (lambda v: v, lambda v: v, 1.75),
}
OF = {"RMSE": "error", "MAE": "error", "MSE": "error", "r": "r", "CCC": "r", "R²": "rest"}


def with_bounds(values: np.ndarray, scale: str, counted: np.ndarray) -> list[float]:
    """Put the 95 percent interval of a jackknife over people behind the value itself."""
    to, back, factor = SCALES[scale]
    moved, n = to(values), len(values) - 1
    error = np.std(moved[1:]) * np.sqrt(n - 1) * factor
    free = counted.sum() ** 2 / (counted**2).sum() - 1
    half = stats.t.ppf(0.975, max(free, 1)) * error
    return [values[0], *sorted((back(moved[0] - half), back(moved[0] + half)))]


def squares(part: pd.DataFrame, target: str, answer: str | None = None) -> np.ndarray:
    """Sum up squared errors (by default about the mean of all) in each person."""
    part = part[part[target].notna()]
    about = part[target].mean() if answer is None else part[f"{target}_{answer}"]
    square = (part[target] - about) ** 2
    return square.groupby(part["subject"], sort=False).sum().to_numpy()


def errors(part: pd.DataFrame, target: str, answer: str = "predicted") -> dict[str, np.ndarray]:
    """Compute all metrics of everybody, and of everybody without each."""
    part = part[part[target].notna()]
    who = part["subject"].to_numpy(dtype=object)
    rows = (who[:, None] == pd.unique(who)).astype(float)
    w = draws(rows.sum(axis=0)) @ rows.T
    w /= w.sum(axis=1, keepdims=True)
    t, p = part[target].to_numpy(), part[f"{target}_{answer}"].to_numpy()
    mt, mp = w @ t, w @ p
    vt, vp, both = w @ t**2 - mt**2, w @ p**2 - mp**2, w @ (t * p) - mt * mp
    square = w @ (t - p) ** 2
    flat = vp < 1e-12  # a constant answer has neither r nor CCC
    return {
        "RMSE": np.sqrt(square),
        "MAE": w @ np.abs(t - p),
        "MSE": square,
        "r": np.where(flat, 0, both / np.sqrt(vt * np.where(flat, 1, vp))),
        "CCC": np.where(flat, 0, 2 * both / (vt + vp + (mt - mp) ** 2)),
        "R²": 1 - square / vt,
    }


def skill(part: pd.DataFrame, target: str) -> tuple[str, list[float]]:
    """Choose the best baseline on everybody, and hold the model against it."""
    roots = {name: errors(part, target, name)["RMSE"] for name in BASELINES}
    best = min(roots, key=lambda name: roots[name][0])
    values = 1 - errors(part, target)["RMSE"] / roots[best]
    return best, with_bounds(values, "rest", squares(part, target))


def within_people(part: pd.DataFrame, target: str) -> list[float]:
    """Average r within people, with its interval."""
    people = part.dropna(subset=[target]).groupby("subject", sort=False)
    varying = [one for _, one in people if np.ptp(one[target]) > 0]
    r = np.array([one[target].corr(one[f"{target}_predicted"]) for one in varying])
    r = np.nan_to_num(r)  # 0 for a constant prediction
    takes = draws(np.ones(len(r)))
    return with_bounds(takes @ r / takes.sum(axis=1), "mean", np.ones(len(r)))


def rmse_by_person(table: pd.DataFrame, target: str, answer: str = "predicted") -> pd.Series:
    square = (table[target] - table[f"{target}_{answer}"]) ** 2
    return np.sqrt(square.groupby(table["subject"]).mean())


def set_up(saved):
    table, info = saved["predictions"], saved["info"]
    cells = {
        "Split": [],
        "Folds": [table["fold"].nunique()],
        "People": [table["subject"].nunique()],
        "Trials": [len(table.groupby(["subject", "trial"]))],
        "Windows": [len(table)],
        "Window": [10, 10],
        "Features": [5],
        "Seeds": [0, 0],
        "Versions": None,
        "Pipeline": None,
    }
    assert info["versions"]["lightgbm"]
    return {(name, "value"): cell for name, cell in cells.items()}


def scores(saved, target):
    table = saved["predictions"]
    answers = {"multioutput": "predicted"} | {name.replace("_", " "): name for name in BASELINES}
    return {
        (row, metric): with_bounds(
            errors(table, target, answer)[metric], OF[metric], squares(table, target)
        )
        for row, answer in answers.items()
        for metric in METRICS
    }


def high_or_low(saved):
    cells = {}
    for target in TARGETS:
        table = saved["predictions"].dropna(subset=[target])
        high, best = table[target] > 5, skill(table, target)[0]
        people = [table["subject"] != name for name in table["subject"].unique()]
        counts = table["subject"].value_counts().to_numpy().astype(float)

        def both(kept, table=table, high=high, target=target):
            guess = table[f"{target}_predicted"]
            said = balanced_accuracy_score(high[kept], guess[kept] > 5)
            return said, roc_auc_score(high[kept], guess[kept])

        accuracy, auc = np.array([both(kept) for kept in (high | ~high, *people)]).T
        flat = balanced_accuracy_score(high, table[f"{target}_{best}"] > 5)
        own = [both(~kept)[1] for kept in people if 0 < high[~kept].mean() < 1]
        cells[target, "high is above"] = [5.0]
        cells[target, "high ratings"] = [100 * high.mean()]
        cells[target, "balanced accuracy"] = np.clip(with_bounds(accuracy, "mean", counts), 0, 1)
        cells[target, "of the best baseline"] = f"{flat:.2f} ({best.replace('_', ' ')})"
        cells[target, "AUC"] = np.clip(with_bounds(auc, "mean", counts), 0, 1)
        cells[target, "AUC within people"] = [np.mean(own)]
    return cells


def skill_by_person(saved):
    table = saved["predictions"]
    best = {target: skill(table, target)[0] for target in TARGETS}
    cells = {
        target: 1 - rmse_by_person(table, target) / rmse_by_person(table, target, best[target])
        for target in TARGETS
    }
    return {(who, name): [value] for name in TARGETS for who, value in cells[name].items()}


def people_drawn(saved):
    table = saved["predictions"]
    ranked = sum(rmse_by_person(table, name) for name in TARGETS).sort_values().index
    cells = {}
    for who in (ranked[0], ranked[5], ranked[11]):
        mine = table[table["subject"] == who]
        for name in TARGETS:
            t, p = mine[name], mine[f"{name}_predicted"]
            known = t.notna()
            cells |= {
                (f"{who}, {name}", "mean rating"): [t.mean()],
                (f"{who}, {name}", "mean prediction"): [p.mean()],
                (f"{who}, {name}", "SD of ratings"): [np.nanstd(t)],
                (f"{who}, {name}", "SD of predictions"): [np.std(p)],
                (f"{who}, {name}", "r"): [
                    np.corrcoef(t[known], p[known])[0, 1] if np.ptp(p) > 0 else 0
                ],
            }
    return cells


def points_drawn(saved):
    """Average three windows of 10 s to a stretch of 30 s."""
    table = saved["predictions"].dropna(subset=list(TARGETS))
    return table.groupby(["subject", "trial", table["window"] // 3]).mean(numeric_only=True)


def plane(saved):
    points = points_drawn(saved)
    names = {"SD of ratings": "{}", "SD of predictions": "{}_predicted"}
    return {
        (target, head): [points[name.format(target)].std(ddof=0)]
        for target in TARGETS
        for head, name in names.items()
    }


def ratings(saved):
    table, cells = saved["predictions"], {}
    for name in TARGETS:
        values = table[name].to_numpy()
        known = values[~np.isnan(values)]
        means = table.groupby("subject")[name].mean().to_numpy()
        cells |= {
            (name, "scale"): saved["info"]["scale"][name],
            (name, "mean"): [known.sum() / len(known)],
            (name, "SD"): [np.sqrt(((known - known.mean()) ** 2).mean())],
            (name, "SD of people's means"): [np.std(means)],
            (name, "lowest"): [known.min()],
            (name, "highest"): [known.max()],
            (name, "windows rated"): [len(known)],
            (name, "windows not rated"): [len(values) - len(known)],
        }
    return cells


def histogram(saved):
    cells = {}
    for target in TARGETS:
        table = saved["predictions"].dropna(subset=[target])
        for head, name in (("ratings", target), ("predictions", f"{target}_predicted")):
            places = np.clip(np.floor((table[name].clip(1, 9) - 1) / 0.5), 0, 15)
            for place in range(16):
                row = f"{target}, {1 + place / 2:g} to {1.5 + place / 2:g}"
                cells[row, head] = [100 * (places == place).mean()]
    return cells


def residuals(saved, target):
    table = saved["predictions"].dropna(subset=[target])
    gap = (table[target] - table[f"{target}_predicted"]).abs()
    return {who: np.sort(part) for who, part in gap.groupby(table["subject"])}


def half_width(people: list[np.ndarray], coverage: float) -> float:
    """Take the smallest width that enough of the weight, one share to come, lies below."""
    for width in np.sort(np.concatenate(people)):
        inside = sum((mine <= width).mean() for mine in people)
        if inside / (len(people) + 1) >= coverage - 1e-12:
            return width
    return np.inf


def coverages(saved, target, coverage):
    parts = residuals(saved, target)
    return {
        who: (mine <= half_width([parts[one] for one in parts if one != who], coverage)).mean()
        for who, mine in parts.items()
    }


def half_widths(saved):
    cells = {}
    for target in TARGETS:
        for coverage in (0.8, 0.9):
            row = f"{target}, {coverage:.0%}"
            shares = np.array(list(coverages(saved, target, coverage).values()))
            below = (shares < coverage - 0.1).mean()
            width = half_width(list(residuals(saved, target).values()), coverage)
            cells |= {
                (row, "half-width"): [width],
                (row, "mean coverage"): [100 * shares.mean()],
                (row, "people more than 10 points below"): [100 * below],
                (row, "lowest person"): [100 * shares.min()],
            }
    return cells


def coverage_by_person(saved):
    return {
        (f"{who}, {target}", f"{coverage:.0%} asked"): [100 * share]
        for target in TARGETS
        for coverage in (0.8, 0.9)
        for who, share in coverages(saved, target, coverage).items()
    }


class Listener:
    """A person whose first labelled minutes are heard: the rest after 3 minutes is scored."""

    def __init__(self, part, target, minutes, steady):
        part = part.dropna(subset=[target])
        stop = part["stop"] + 240 * (part["trial"] == "b")
        e, p = part[target] - part[f"{target}_predicted"], part[f"{target}_predicted"]
        heard, rest = (stop <= 60 * minutes).to_numpy(), (stop - 10 >= 180).to_numpy()
        about = p[heard] - p[heard].mean()
        slope = (e[heard] * about).mean() / ((about**2).mean() + steady) if heard.any() else 0
        mean = e[heard].mean() if heard.any() else 0
        centre = p[heard].mean() if heard.any() else 0
        self.moves = np.column_stack([np.full(rest.sum(), mean), slope * (p[rest] - centre)])
        self.error = e[rest].to_numpy()
        self.plain = np.sqrt((self.error**2).mean())

    def after(self, trust):
        return np.sqrt(((self.error - self.moves @ trust) ** 2).mean())


def trust_in(people, units):
    """Learn how far to trust offset and gain, each lowered by its jackknife error."""

    def solve(some):
        parts = [(people[k], np.sqrt(len(people[k].error) * units[k])) for k in some]
        moves = np.concatenate([one.moves / unit for one, unit in parts])
        gap = np.concatenate([one.error / unit for one, unit in parts])
        return nnls(moves, gap)[0] if moves.any() else np.zeros(2)

    n = len(people)
    left = np.array([solve([k for k in range(n) if k != out]) for out in range(n)])
    spread = np.sqrt((n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    return np.clip(solve(range(n)) - spread, 0, 1)


def labelled_minutes(saved):
    table, cells = saved["predictions"], {}
    for target in TARGETS:
        known = table.dropna(subset=[target])
        steady = known.groupby("subject")[f"{target}_predicted"].var(ddof=0).mean()
        for minutes in (0.0, 0.5, 1.0, 2.0, 3.0):
            people = [
                Listener(part, target, minutes, steady) for _, part in table.groupby("subject")
            ]
            power = np.array([one.plain**2 for one in people])
            after = []
            for k, one in enumerate(people):
                others = [other for other in range(len(people)) if other != k]
                # the unit of an error is learned from the same people as the trust
                units = power[others] + 0.1 * np.median(power[others])
                after.append(one.after(trust_in([people[j] for j in others], units)))
            ratio = np.array(after) / np.array([one.plain for one in people])
            row = f"{target}, {minutes:g} min"
            cells |= {
                (row, "mean RMSE"): [np.mean(after)],
                (row, "mean share of uncalibrated"): [100 * ratio.mean()],
                (row, "people made worse"): [100 * (ratio > 1 + 1e-9).mean()],
            }
    return cells


def levels(saved):
    table = saved["predictions"].sort_values(["subject", "trial", "window"], ignore_index=True)
    guesses = [f"{name}_predicted" for name in TARGETS]
    rolled = table.groupby(["subject", "trial"])[guesses].rolling(3, min_periods=1).mean()
    smooth = table.assign(**rolled.reset_index(drop=True))
    cells = {}
    for target in TARGETS:
        names = [name for name in table if name.startswith(target)]
        rated = table.dropna(subset=[target])
        trials = rated.groupby(["subject", "trial"])[names].mean().reset_index()
        for level, part in (("windows", table), ("last 30 s", smooth), ("trials", trials)):
            row, metrics = f"{target}, {level}", errors(part, target)
            best, gain = skill(part, target)
            cells |= {(row, metric): [metrics[metric][0]] for metric in ("RMSE", "r", "CCC")}
            cells |= {
                (row, "rows"): [len(part)],
                (row, "best baseline"): best.replace("_", " "),
                (row, "skill (95% interval)"): gain,
            }
    return cells


def signals(saved):
    cells = {}
    for name, part in saved["signals"].groupby("modality"):
        worst = part.loc[part["quality"].idxmin()]
        cells |= {
            (name, "features undefined"): [100 * part["missing"].mean()],  # all have 48 windows
            (name, "people without any"): [(part["missing"] == 1).sum()],
            (name, "mean quality"): [part["quality"].mean()],
            (name, "lowest person"): [worst["quality"], float(worst["subject"][1:])],
        }
    return cells


def quality_by_person(saved):
    rows = saved["signals"].to_dict("records")
    return {(row["subject"], row["modality"]): [row["quality"]] for row in rows}


def rise(shuffled: pd.DataFrame, group: str, target: str) -> list[float]:
    def root(name: str) -> np.ndarray:
        return errors(shuffled[shuffled["group"] == name], target)["RMSE"]

    plain = squares(shuffled[shuffled["group"] == ""], target, "predicted")
    return with_bounds(root(group) - root(""), "difference", plain)


def importance(saved):
    table = saved["modality"]
    assert table.groupby("group")["repeat"].nunique().to_dict() == {"": 1, "eda": 2, "ppg": 2}
    return {
        (group, target): rise(table, group, target)
        for group in ("eda", "ppg")
        for target in TARGETS
    }


def families(saved):
    names = [name for name in saved["family"]["group"].unique() if name]
    return {
        (f"{target}: {re.sub('_+', ' ', name)}", "rise of RMSE"): rise(
            saved["family"], name, target
        )
        for name in names
        for target in TARGETS
    }


def moved(saved):
    cells = {}
    for group, part in saved["moves"].groupby("group"):
        who = part["subject"].to_numpy(dtype=object)
        rows = (who[:, None] == pd.unique(who)).astype(float)
        w = draws(rows.sum(axis=0)) @ rows.T
        for target in TARGETS:
            mean = w @ part[target].abs().to_numpy() / w.sum(axis=1)
            bounds = with_bounds(mean, "difference", rows.sum(axis=0))
            cells[group, target] = [bounds[0], max(bounds[1], 0), bounds[2]]
    return cells


def columns_kept(saved, target):
    cells = {}
    for kept, part in saved["kept"].groupby("kept"):
        metrics = errors(part, target)
        cells |= {
            (kept, "RMSE"): [metrics["RMSE"][0]],
            (kept, "CCC"): [metrics["CCC"][0]],
            (kept, "skill (95% interval)"): skill(part, target)[1],
        }
    return cells


def time(saved):
    seconds = saved["info"]["seconds"]
    names = ["Fit, mean of a fold", "Predict, mean of a fold", "Fit and predict all folds, as run"]
    keys = ("fit", "predict", "all")
    return {(row, "seconds"): [seconds[key]] for row, key in zip(names, keys, strict=True)}


def words(_saved):
    return None


AGAIN = {
    "Set-up": set_up,
    "Valence: pooled scores": lambda saved: scores(saved, "valence"),
    "Arousal: pooled scores": lambda saved: scores(saved, "arousal"),
    "What the metrics mean": words,
    "What each baseline predicts": words,
    "As two classes, 95% intervals over people": high_or_low,
    "Skill of each person, best mean first": skill_by_person,
    "The people drawn": people_drawn,
    "Spread of the points drawn": plane,
    "Ratings of the scored windows, on their scale": ratings,
    "Percent of windows by rating": histogram,
    "Half-width in the unit of the ratings, and coverage": half_widths,
    "Coverage of each person": coverage_by_person,
    "RMSE over the rest of the session": labelled_minutes,
    "Scores by level": levels,
    "Signals of all windows": signals,
    "Mean quality of each person": quality_by_person,
    "Rise of RMSE, by modality": importance,
    "Mean |SHAP| of LightGBM: how far a modality moves the prediction": moved,
    "The 10 features of each target whose shuffling costs most": families,
    "Valence: columns kept": lambda saved: columns_kept(saved, "valence"),
    "Arousal: columns kept": lambda saved: columns_kept(saved, "arousal"),
    "Time": time,
}


def test_every_table_is_computed_again(page) -> None:
    assert set(page.tables) == set(AGAIN)


@pytest.mark.parametrize("caption", [name for name, again in AGAIN.items() if again is not words])
def test_every_number_to_its_last_digit(caption, page, saved) -> None:
    expected, given = AGAIN[caption](saved), page.tables[caption]
    assert {(row, head) for row in given.index for head in given} == set(expected)
    for (row, head), values in expected.items():
        cell = given.loc[row, head]
        if isinstance(values, str):
            assert cell == values
        elif values is not None:
            found = numbers(cell)
            assert len(found) == len(values), (row, head, cell)
            for (number, half), value in zip(found, values, strict=True):
                assert number == pytest.approx(value, abs=1.02 * half), (row, head, cell)


def test_sentences(page, saved) -> None:
    table, counts = saved["predictions"], []
    for target in TARGETS:
        sentence = next(one for one in page.texts["li"] if one.startswith(target.capitalize()))
        best, gain = skill(table, target)
        assert best.replace("_", " ") in sentence
        found = [number for number, _ in numbers(sentence.replace("95%", ""))]
        assert found[:3] == pytest.approx(gain, abs=0.0051)
        assert found[3:6] == pytest.approx(within_people(table, target), abs=0.0051)
        assert f"The body follows {target} within people" in sentence
        mine = rmse_by_person(table, target) < rmse_by_person(table, target, best)
        counts.append(f"{target} for {mine.sum()} of 12")
    assert any(", ".join(counts) in one for one in page.texts["p"])
    mean = sum(rmse_by_person(table, name) for name in TARGETS).sort_values() / 2
    drawn = next(one for one in page.texts["p"] if one.startswith("Drawn are"))
    for place, name in ((0, "best"), (5, "median"), (11, "worst")):
        assert f"{mean.index[place]} ({name}, mean RMSE {mean.iloc[place]:.2f})" in drawn


def test_what_stands_in_for_a_picture_says_what_the_tables_say(page, saved) -> None:
    cells = [cell for table in page.tables.values() for row in table.to_numpy() for cell in row]
    known = {number for text in [*cells, *page.texts["p"]] for number, _ in numbers(text)}
    known |= {
        number for table in page.tables.values() for number, _ in numbers(" ".join(table.index))
    }
    known.add(len(points_drawn(saved)))
    for picture in page.all("img"):
        assert {number for number, _ in numbers(picture["alt"])} <= known, picture["alt"]


def test_the_saved_files_give_the_same_report_to_the_byte(folder, tmp_path) -> None:
    loaded, inside = Evaluation.load(folder), Explanation.load(folder)
    again = write_report(loaded, tmp_path / "a.html", extra=explain_sections(inside))
    assert again.read_bytes() == (folder / "report.html").read_bytes()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_report_in_a_real_browser(folder, page, browse, width) -> None:
    console, seen = browse(folder / "report.html", width)
    assert "CONSOLE" not in console
    assert seen["loaded"]
    assert seen["width"] <= width
    assert seen["sections"] == len(page.texts["h2"]) == 15
    folded = len(page.all("details"))
    assert seen["tables"] == len(page.tables) - folded
    pictures, links = len(page.all("img")), len(page.all("a"))
    assert seen["reached"] == pictures + links + len(page.tables)  # a fold in place of its table


def test_folded_tables_are_printed(folder, page, browse) -> None:
    _, seen = browse(folder / "report.html", 794, printed=True)
    assert page.all("details")
    assert seen["tables"] == len(page.tables)
    assert seen["width"] <= 794  # a sheet of A4
