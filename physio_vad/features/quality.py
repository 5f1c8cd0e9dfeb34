"""One quality a row: to weigh rows by, or to leave the poor ones out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities import MODALITIES
from physio_vad.modalities.base import AnyModality

SUFFIX = "__quality"
MOST = 0.5
"""Share of windows, and of people, that are most."""


def row_quality(table: pd.DataFrame) -> FloatArray:
    """Average the quality of the sensors in each row of a feature table.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Feature table with the columns ``<modality>__quality``.

    Returns
    -------
    array of shape (n_rows,)
        In [0, 1]. A sensor that a recording lacks does not count; 0 where it has none.

    Raises
    ------
    ArgumentError
        If the table has no such column.

    Examples
    --------
    >>> table = pd.DataFrame({"ecg__quality": [1.0, 0.2, 0.0], "eda__quality": [0.5, np.nan, 0.0]})
    >>> row_quality(table)
    array([0.75, 0.2 , 0.  ])
    """
    columns = [name for name in getattr(table, "columns", []) if str(name).endswith(SUFFIX)]
    if not columns:
        raise ArgumentError(
            f"quality is read from columns that end in {SUFFIX!r}, and the table has none; give "
            "the feature table of extract_features with its quality columns"
        )
    return np.asarray(table[columns].mean(axis=1).fillna(0.0), dtype=np.float64)


def quality_weights(table: pd.DataFrame) -> FloatArray:
    """Weights of rows for fitting: their quality, or 1 in each if no row has any.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Feature table.

    Returns
    -------
    array of shape (n_rows,)
        Weights.
    """
    quality = row_quality(table)
    return quality if quality.any() else np.ones_like(quality)


def check_min_quality(min_quality: float | None) -> None:
    """Raise an ArgumentError if a floor is neither a share nor None."""
    if min_quality is not None and not 0 <= min_quality <= 1:
        raise ArgumentError(f"min_quality must be from 0 to 1, or None, got {min_quality!r}")


def drop_poor_rows(table: pd.DataFrame, min_quality: float) -> tuple[pd.DataFrame, str]:
    """Leave out the rows of a feature table whose quality is below a floor.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Feature table.
    min_quality : float
        From 0 to 1, compared with `row_quality`.

    Returns
    -------
    table : DataFrame
        The other rows; ``table.attrs["dropped"]`` says how many were left out. Their ratings are
        ``y.loc[table.index]``.
    report : str
        The same in words, empty if no row was left out.

    Raises
    ------
    ArgumentError
        If the floor is no share.

    Examples
    --------
    >>> drop_poor_rows(pd.DataFrame({"ecg__quality": [1.0, 0.2]}), 0.5)[1]
    '1 of 2 rows have a quality below 0.5 and are left out'
    """
    check_min_quality(min_quality)
    good = row_quality(table) >= min_quality
    dropped = int((~good).sum())
    rest = table[good]
    rest.attrs["dropped"] = dropped
    if not dropped:
        return rest, ""
    said = f"{dropped} of {len(table)} rows have a quality below {min_quality:g} and are left out"
    return rest, said


def unusable_sensors(table: pd.DataFrame) -> list[str]:
    """Name the sensors that are no signal in most windows of a person: another column, or unit.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Feature table.

    Returns
    -------
    list of str
        One line a sensor, those of most people first.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_product([["anna", "ben"], [1], [0, 1]])
    >>> rows = rows.set_names(["subject", "trial", "window"])
    >>> unusable_sensors(pd.DataFrame({"eda__quality": [0.0, 0.0, 0.0, 0.0]}, index=rows))[0][:49]
    'eda has quality 0 in most windows of all 2 people'
    """
    lines: list[str] = []
    for column in [str(name) for name in table if str(name).endswith(SUFFIX)]:
        zero = table[column].dropna().eq(0).groupby(level="subject").mean() > MOST
        if not zero.any():
            continue
        name = column.removesuffix(SUFFIX)
        known = MODALITIES[name].expected() if name in MODALITIES else ""
        hint = f" (expected: {known})" * bool(known)
        if zero.mean() > MOST:
            whose = (
                f"all {len(zero)} people" if zero.all() else f"{zero.sum()} of {len(zero)} people"
            )
            what = ": are the columns in the right order, and in the unit that was said?"
            lines.insert(0, f"{name} has quality 0 in most windows of {whose}{what}{hint}")
        else:
            people = [str(one) for one in zero.index[zero]]
            names = ", ".join(people[:4]) + ", ..." * (len(people) > 4)
            whose = f"{len(people)} of {len(zero)} people ({names})"
            lines.append(f"{name} has quality 0 in most windows of {whose}{hint}")
    return lines


def describe_table(
    X: pd.DataFrame, y: pd.DataFrame, modalities: Iterable[AnyModality]
) -> list[str]:
    """Say what a feature table holds: its size, what is empty in it, and who is not rated.

    Parameters
    ----------
    X, y : DataFrame
        Features and ratings, row index (subject, trial, window).
    modalities : iterable of Modality
        What the features were made with.

    Returns
    -------
    list of str
        Lines to print.
    """
    empty = X.isna().all()
    undefined = float(X.loc[:, ~empty].isna().to_numpy().mean()) if not empty.all() else 1.0
    people = X.index.get_level_values("subject").nunique()
    head = (
        f"{len(X)} {_rows_are(X)} of {people} people, {X.shape[1]} features ({undefined:.1%} of "
        f"the cells undefined{', without the empty features' * bool(empty.any())}), targets: "
        f"{', '.join(y.columns) or 'none'}"
    )
    names = [str(name) for name in X.columns[empty]]
    length = y.attrs.get("window", {}).get("length", 0.0)
    return [
        head,
        *unusable_sensors(X),
        *_empty_lines(names, X, modalities, length),
        *_unrated_lines(y),
    ]


def _rows_are(table: pd.DataFrame) -> str:
    return "windows" if "window" in table.index.names else "trials"


def _empty_lines(
    names: Sequence[str], X: pd.DataFrame, modalities: Iterable[AnyModality], length: float
) -> list[str]:
    """Say which features are empty everywhere, those with the same reason in one line."""
    known = {f"{made.name}__{one.name}": one for made in modalities for one in made.catalogue}
    there = {str(column).split("__")[0] for column in X.columns}
    reasons: dict[str, list[str]] = {}
    for name in names:
        feature = known.get("__".join(name.split("__")[:2]))
        reason = ""
        if feature is not None and feature.uses and not there.issuperset(feature.uses):
            reason = f": needs {' and '.join(feature.uses)}"
        elif feature is not None and feature.minimum > length:
            reason = f": needs {feature.minimum:g} s of signal"
        reasons.setdefault(reason, []).append(name)
    return [
        f"empty in all windows{reason}: {', '.join(some[:4])}"
        + (f" and {len(some) - 4} more" if len(some) > 4 else "")
        for reason, some in reasons.items()
    ]


def _unrated_lines(y: pd.DataFrame) -> list[str]:
    """Say how many rows lack a rating, and whose they are; rest windows need none."""
    by_window = "window" in y.index.names
    missing = (y[y.index.get_level_values("window") >= 0] if by_window else y).isna()
    rows = _rows_are(y)
    lines = []
    for target, lacking in missing.items():
        if lacking.any():
            whose = list(lacking[lacking].index.unique("subject"))
            names = ", ".join(whose[:4]) + ", ..." * (len(whose) > 4)
            lines.append(
                f"{target}: {lacking.sum()} of {len(lacking)} {rows} are not rated ({names})"
            )
    return lines
