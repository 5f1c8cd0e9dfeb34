"""An evaluation as one pastes it into a paper: a table with intervals, and what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.metrics import METRICS
from physio_vad.registry import Registry

if TYPE_CHECKING:
    from physio_vad.evaluation.result import Evaluation


def paper_table(
    evaluation: Evaluation, level: float = 0.95, metrics: Sequence[str] | None = None
) -> pd.DataFrame:
    """Put what a paper reports of each target into one row of text.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    level : float
        Coverage of the intervals over people, in (0, 1).
    metrics : sequence of str, optional
        Names in `METRICS` that get a column; by default those of the evaluation.

    Returns
    -------
    DataFrame of str
        Index: targets; columns: each metric with its interval, the best baseline with its RMSE,
        skill with its interval, people and windows (trials, where a row is a trial).

    Raises
    ------
    ArgumentError
        If the evaluation has no such metric.
    """
    known = evaluation.info["metrics"]
    chosen: list[Any] = known if metrics is None else list(metrics)
    for name in chosen:
        if name not in known:
            raise ArgumentError(unknown_name("metric", name, known))
    summary, intervals = evaluation.summary(level), evaluation.intervals(level)
    rows = {}
    for target in evaluation.targets:
        row: pd.Series[Any] = summary.loc[target]  # type: ignore[assignment]
        cells = {
            METRICS[name].shown: _with_interval(*intervals.loc[(target, name)]) for name in chosen
        }
        cells["best baseline (RMSE)"] = f"{_words(row['baseline'])} ({row['baseline_rmse']:.3f})"
        cells["skill"] = _with_interval(row["skill"], row["skill_low"], row["skill_high"])
        cells["people"], cells[_rows_are(evaluation)] = str(row["subjects"]), str(row["windows"])
        rows[target] = cells
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("target")


def _with_interval(value: Any, low: Any, high: Any) -> str:
    if np.isnan(value):
        return "undefined"
    return f"{value:.3f}" if np.isnan(low) else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _words(name: object) -> str:
    return str(name).replace("_", " ")


def _markdown(table: pd.DataFrame) -> str:
    lines = table.reset_index().astype(str)
    rows = [list(lines.columns), ["---"] * lines.shape[1], *lines.to_numpy().tolist()]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def _latex(table: pd.DataFrame) -> str:
    text: str = table.reset_index().to_latex(index=False, escape=True)
    return text.replace("R\N{SUPERSCRIPT TWO}", "$R^2$")


FORMATS: Registry[Callable[[pd.DataFrame], str]] = Registry(
    "format of a table",
    __name__,
    {"markdown": _markdown, "latex": _latex, "csv": lambda table: table.to_csv()},
)
"""How `Evaluation.to_table` writes a table, by name."""


def methods_text(evaluation: Evaluation) -> str:
    """Write the paragraph of a methods section that says what was done.

    Every number in it is computed from the evaluation.

    Parameters
    ----------
    evaluation : Evaluation
        The result.

    Returns
    -------
    str
        Plain sentences.
    """
    info, table = evaluation.info, evaluation.predictions
    sentences = [
        f"{begun(_listed([_words(one) for one in evaluation.targets]))} were predicted for "
        f"{_counted(evaluation)} of {len(evaluation.subjects)} people" + _from_features(info),
        f"The model{_named(info)} was fitted and tested in "
        f"{info.get('n_folds', table['fold'].nunique())} folds by {_words(info['cv'])}"
        + ("; nobody was on both sides of a fold." if info.get("new_people") else "."),
        "Everything learned, such as scaling, was learned on the training side of each fold.",
        *_searched(info),
        *_unrated(evaluation),
        f"It is compared with {_listed([_words(one) for one in info['baselines']])}; skill is one "
        "minus the ratio of the pooled root mean squared error to that of the best of them.",
        "Intervals are at 95% and over people.",
    ]
    if evaluation.leaky:
        sentences.append("A leak check found an error: these scores must not be quoted.")
    versions = info.get("versions") or {}
    if versions:
        used = _listed([f"{name} {one}" for name, one in versions.items()])
        sentences.append(f"Software: {used}.")
    return " ".join(sentences)


def _rows_are(evaluation: Evaluation) -> str:
    """Name what a row of the table is."""
    return "trials" if evaluation.info.get("level") == "trial" else "windows"


def _counted(evaluation: Evaluation) -> str:
    """Count what was predicted."""
    table = evaluation.predictions
    trials = len(table[["subject", "trial"]].drop_duplicates())
    if _rows_are(evaluation) == "trials":
        return f"{trials} trials"
    windows = len(table[["subject", "trial", "window"]].drop_duplicates())
    return f"{windows} windows{_lengths(evaluation.info)} of {trials} trials"


def _unrated(evaluation: Evaluation) -> list[str]:
    """Say how many rows have a rating of each target, where some lack one."""
    table = evaluation.predictions
    rated = {one: int(table[one].notna().sum()) for one in evaluation.targets}
    if set(rated.values()) == {len(table)}:
        return []
    told = _listed([f"{count} ({_words(one)})" for one, count in rated.items()])
    return [f"Ratings were missing: scores are of the rated {_rows_are(evaluation)}, {told}."]


def begun(text: str) -> str:
    """Begin a sentence with a name, of which only the first letter changes."""
    return text[:1].upper() + text[1:]


def _from_features(info: Any) -> str:
    if "n_features" not in info:
        return "."
    sensors = _listed([_words(one) for one in info.get("sensors", ())])
    return f" from {info['n_features']} features{sensors and f' of {sensors}'}."


def _named(info: Any) -> str:
    """Name the model and what it is made of; one that the registry lacks is called ``model``."""
    name, estimator = info.get("model", "model"), info.get("estimator", "")
    parts = [one for one in (name if name != "model" else "", estimator) if one]
    return f" ({' of '.join(parts)})" if parts else ""


def _searched(info: Any) -> list[str]:
    if "SearchCV" not in str(info.get("pipeline", "")).partition("(")[0]:
        return []
    return ["Its settings were searched for in each fold, on the training side alone."]


def _lengths(info: Any) -> str:
    window = info.get("window") or {}
    return f" of {window['length']:g} s every {window['step']:g} s" if window else ""


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
