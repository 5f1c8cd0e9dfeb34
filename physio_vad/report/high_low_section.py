"""The section that reads the same predictions as high or low."""

from __future__ import annotations

import pandas as pd

from physio_vad.evaluation import Evaluation
from physio_vad.report.document import Section, Table, written
from physio_vad.report.style import readable


def high_low_section(evaluation: Evaluation) -> Section | None:
    """Score the predictions as classes, where every target has a scale to be cut in the middle."""
    scale = evaluation.info.get("scale") or {}
    if not set(evaluation.targets) <= set(scale):
        return None
    table = evaluation.high_low()
    cells = pd.DataFrame(
        {
            "high is above": table["threshold"],
            "high ratings": [f"{share:.0%}" for share in table["high"]],
            "balanced accuracy": [
                _with_ends(row, "balanced_accuracy") for _, row in table.iterrows()
            ],
            "of the best baseline": [
                f"{written(row['balanced_accuracy_baseline'])} ({readable(row['baseline'])})"
                for _, row in table.iterrows()
            ],
            "AUC": [_with_ends(row, "auc") for _, row in table.iterrows()],
            "AUC within people": table["auc_subject"],
        },
        index=table.index,
    )
    text = (
        "The same predictions, cut at the midpoint of the scale as much of the literature does. "
        "Chance is 0.5 for both scores. Two classes say less than the numbers above: a rating just "
        "above the midpoint counts like one at the end of the scale."
    )
    return Section(
        "High or low", [text], [Table.of(cells, "As two classes, 95% intervals over people")]
    )


def _with_ends(row: pd.Series[float], name: str) -> str:
    ends = f"({written(row[f'{name}_low'])} to {written(row[f'{name}_high'])})"
    return f"{written(row[name])} " + ends.replace(" ", "\N{NO-BREAK SPACE}")
