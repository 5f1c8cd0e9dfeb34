"""Sections about what the model was given and what it uses."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.paper import begun
from physio_vad.explain import Explanation, ablation_table, mean_shap_values, rmse_increase
from physio_vad.report.document import Picture, Section, Table, written
from physio_vad.report.panel_plots import plot_importance
from physio_vad.report.style import readable

MOST_FEATURES = 10
"""So many features are listed for each target."""


def explain_sections(explanation: Explanation) -> list[Section]:
    """Write what was found inside a model.

    Parameters
    ----------
    explanation : Explanation
        What `explain` returned.

    Returns
    -------
    list of Section
        For ``write_report(extra=...)``: signals, importance, and scores without modalities.
    """
    sections = [
        signal_section(explanation),
        importance_section(explanation),
        kept_section(explanation),
    ]
    return [one for one in sections if one is not None]


def signal_section(explanation: Explanation) -> Section:
    """Say what was measured, how well, and what is missing."""
    table = explanation.signals
    rows = []
    for modality in table["modality"].unique():
        part = table[table["modality"] == modality]
        weights = part["windows"] / part["windows"].sum()
        known = part.dropna(subset=["quality"])
        worst = None
        if len(known):
            lowest = known.nsmallest(1, "quality").iloc[0]
            worst = f"{written(lowest['quality'])} ({lowest['subject']})"
        rows.append(
            (
                str(modality),
                f"{100 * (part['missing'] * weights).sum():.1f}%",
                written(int((part["missing"] == 1).sum())),
                written((part["quality"] * weights).sum() if len(known) else None),
                written(None) if worst is None else worst,
            )
        )
    heads = ["modality", "features undefined", "people without any", "mean quality"]
    heads += ["lowest person"]
    people = table.pivot(index="subject", columns="modality", values="quality")
    people = people.reindex(index=table["subject"].unique(), columns=table["modality"].unique())
    text = (
        "Quality is the share of a window that is sound, from 0 to 1, as each modality judges its "
        "own signal. A feature is undefined where a window is too short or too bad for it."
    )
    tables = [
        Table("Signals of all windows", heads, rows),
        Table.of(people, "Mean quality of each person", folded=True),
    ]
    return Section("Signal quality and missing data", [text], tables)


def importance_section(explanation: Explanation) -> Section | None:
    """Say how much worse held-out people are predicted when a modality tells nothing."""
    title = "What the model looks at"
    left_out = [f"Left out: {one}." for one in explanation.left_out]
    if explanation.modality is None:
        return Section(title, left_out) if left_out else None
    table = rmse_increase(explanation.modality)
    best = {target: _of_target(table, target)["importance"] for target in _targets(table)}
    said = "; ".join(
        f"{readable(target)} most from {part.idxmax()} (+{written(part.max(), 3)})"
        for target, part in best.items()
    )
    text = (
        "A modality's columns are shuffled within each held-out person, and the rise of the RMSE "
        "is what the model loses; brackets and lines are 95% intervals over people. Columns that "
        "say the same can stand in for each other, so a small rise does not mean a useless signal. "
        "5 folds of people."
    )
    picture = Picture(
        plot_importance(table),
        f"Rise of RMSE when a modality is shuffled, by target: {said}.",
        "Blue: the interval lies above 0. Grey: it does not.",
    )
    tables = [Table.of(_with_intervals(table, "importance"), "Rise of RMSE, by modality")]
    if explanation.moves is not None:
        moved = _with_intervals(mean_shap_values(explanation.moves), "shap")
        caption = "Mean |SHAP| of LightGBM: how far a modality moves the prediction"
        tables.append(Table.of(moved, caption))
    if explanation.family is not None:
        tables.append(_families(explanation.family))
    return Section(title, [text, *left_out], tables, [picture])


def kept_section(explanation: Explanation) -> Section | None:
    """Put scores without each modality, and with each alone, beside the whole."""
    if not explanation.kept:
        return None
    table = ablation_table(explanation.kept)
    heads = ["columns kept", "RMSE", "CCC", "skill (95% interval)"]
    tables = []
    for target in _targets(table):
        rows = [
            (
                str(kept),
                written(row["rmse"], 3),
                written(row["ccc"], 3),
                _interval((row["skill"], row["skill_low"], row["skill_high"]), 2),
            )
            for kept, row in _of_target(table, target).iterrows()
        ]
        tables.append(Table(f"{begun(readable(target))}: columns kept", heads, rows))
    text = (
        "The model fitted anew without each modality and with each alone, by 5 folds of people: "
        "a little apart from the scores above where those have another split."
    )
    return Section("Without and with one modality alone", [text], tables)


def _families(errors: pd.DataFrame) -> Table:
    table = rmse_increase(errors)
    rows = []
    for target in _targets(table):
        for name, row in _of_target(table, target).nlargest(MOST_FEATURES, "importance").iterrows():
            cell = _interval((row["importance"], row["low"], row["high"]), 3)
            rows.append((f"{readable(target)}: {readable(str(name).replace('__', ' '))}", cell))
    caption = f"The {MOST_FEATURES} features of each target whose shuffling costs most"
    return Table(caption, ["target: feature", "rise of RMSE"], rows, folded=True)


def _with_intervals(table: pd.DataFrame, value: str) -> pd.DataFrame:
    cells = [_interval(row, 3) for row in table[[value, "low", "high"]].to_numpy()]
    wide = pd.Series(cells, table.index).unstack("target")
    order = table[value].groupby(level="group").mean().sort_values(ascending=False).index
    return wide.reindex(index=order, columns=table.index.unique("target")).rename_axis("modality")


def _interval(row: Sequence[float] | FloatArray, digits: int) -> str:
    value, low, high = (written(one, digits) for one in row)
    return f"{value} ({low} to {high})".replace(" ", "\N{NO-BREAK SPACE}")


def _targets(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.index.unique("target")]


def _of_target(table: pd.DataFrame, target: str) -> pd.DataFrame:
    return table[table.index.get_level_values("target") == target].droplevel("target")
