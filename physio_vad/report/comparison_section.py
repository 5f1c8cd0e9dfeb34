"""The section that compares models, person by person."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from physio_vad.evaluation import Evaluation, ModelComparison
from physio_vad.report.document import Section, Table, written
from physio_vad.report.style import readable


def comparison_section(evaluations: Mapping[str, Evaluation]) -> Section | None:
    """Compare every two models by the difference of their skill, where all predict one table."""
    if not comparable(evaluations):
        return None
    comparison = ModelComparison(evaluations, pd.DataFrame())
    table = comparison.differences()
    texts: dict[str, dict[str, str]] = {}
    for (one, other, target), (_, row) in zip(table.index.tolist(), table.iterrows(), strict=True):
        texts.setdefault(f"{one} less {other}", {})[target] = _cell(row)
    rows = [(pair, *said.values()) for pair, said in texts.items()]
    text = (
        f"{comparison.verdict()} What makes a person hard for both models drops out of their "
        "difference, so it is known better than the skill of either. An asterisk marks differences "
        "that are clear of 0 with all of the table taken together."
    )
    heads = ["skill of", *(readable(str(name)) for name in comparison.skills)]
    return Section(
        "Models compared",
        [text],
        [Table("Differences of skill, 95% intervals over people", heads, rows)],
    )


def comparable(evaluations: Mapping[str, Evaluation]) -> bool:
    """Say whether there are several models of the same rows."""
    first, *others = (_rows(one) for one in evaluations.values())
    return bool(others) and all(first.equals(one) for one in others)


def _rows(evaluation: Evaluation) -> pd.DataFrame:
    """Rows that were predicted, and what was rated there."""
    return evaluation.predictions[["subject", "trial", "window", *evaluation.targets]]


def _cell(row: pd.Series[float]) -> str:
    ends = f"({written(row['low'])} to {written(row['high'])})".replace(" ", "\N{NO-BREAK SPACE}")
    return f"{written(row['difference'])}{'*' if row['separate'] else ''} {ends}"
