"""What a saved evaluation must be, so that nothing else gets further than its loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from physio_vad.evaluation.leakage import Finding
from physio_vad.exceptions import ReadError
from physio_vad.metrics import METRICS
from physio_vad.schema import (
    Schema,
    are_names,
    fault,
    is_number,
    is_scale,
    is_text,
    or_none,
    table_of,
)

FORMAT = "physio_vad evaluation 2"
"""Name and version of the saved form."""

_TEXTS = ("subject", "trial")
_PLACES = ("window", "start", "stop", "fold")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_findings(value: Any) -> bool:
    names = {one.name for one in fields(Finding)}
    return isinstance(value, list) and all(
        table_of(is_text)(one) and set(one) == names for one in value
    )


def _is_recipe(value: Any) -> bool:
    return table_of(lambda table: isinstance(table, dict))(value)


_INFO: Schema = {
    "targets": (lambda value: are_names(value) and len(value) > 0, "different names"),
    "metrics": (
        lambda value: are_names(value) and len(value) > 0 and set(value) <= set(METRICS),
        f"known metrics ({', '.join(METRICS)}; register yours first)",
    ),
    "baselines": (lambda value: are_names(value) and len(value) > 0, "different names"),
    "scale": (is_scale, "a pair [low, high] for each target"),
    "cv": (is_text, "a text"),
}
_MORE: Schema = {
    "window": (
        lambda value: (
            value == {} or (table_of(is_number)(value) and {"length", "step"} <= {*value})
        ),
        "length and step in seconds",
    ),
    "level": (is_text, "a text"),
    "n_folds": (_is_whole, "a whole number"),
    "n_features": (_is_whole, "a whole number"),
    "new_people": (lambda value: isinstance(value, bool), "true or false"),
    "random_state": (or_none(_is_whole), "null or a whole number"),
    "seeds": (table_of(_is_whole), "whole numbers by name"),
    "seconds": (
        lambda value: table_of(is_number)(value) and {"fit", "predict"} <= {*value},
        "seconds of fit and predict",
    ),
    "versions": (table_of(is_text), "a text for each package"),
    "pipeline": (is_text, "a text"),
    "model": (is_text, "a text"),
    "estimator": (is_text, "a text"),
    "sensors": (are_names, "different names"),
    "findings": (_are_findings, "a list of findings"),
    "recipe": (_is_recipe, "the tables of a recipe"),
}


def check_saved(folder: Path, info: Mapping[str, Any], predictions: pd.DataFrame) -> None:
    """Check what was read from the folder of an evaluation.

    Parameters
    ----------
    folder : Path
        For the message.
    info : mapping
        Content of ``evaluation.json``.
    predictions : DataFrame
        Content of ``predictions.parquet``.

    Raises
    ------
    ReadError
        If an entry or a column is missing or of another kind.
    """
    sheet = folder / "evaluation.json"
    if info.get("format") != FORMAT:
        raise ReadError(
            f"{sheet}: 'format' must be {FORMAT!r}, got {info.get('format')!r}; evaluate again "
            "with this version"
        )
    if wrong := fault(info, _INFO, _MORE):
        raise ReadError(f"{sheet}: {wrong}; evaluate again")
    numbers = [*_PLACES, *_value_columns(info)]
    lacking = [name for name in (*_TEXTS, *numbers, "stimulus") if name not in predictions]
    where = folder / "predictions.parquet"
    if lacking:
        raise ReadError(f"{where}: columns {lacking!r} are missing; evaluate again")
    if predictions.empty:
        raise ReadError(f"{where}: has no rows; evaluate again")
    if predictions[list(_TEXTS)].isna().any(axis=None):
        raise ReadError(f"{where}: rows without {' or '.join(_TEXTS)}; evaluate again")
    kinds = predictions.dtypes
    wrong = ", ".join(name for name in numbers if not _holds_numbers(kinds[name]))
    if wrong or not predictions.columns.is_unique:
        raise ReadError(f"{where}: columns {wrong} must hold numbers; evaluate again")


def _holds_numbers(kind: Any) -> bool:
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind)


def _value_columns(info: Mapping[str, Any]) -> list[str]:
    names = ("predicted", *info["baselines"])
    return [
        column
        for target in info["targets"]
        for column in (target, *(f"{target}_{name}" for name in names))
    ]
