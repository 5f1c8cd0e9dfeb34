"""Plain arrays, and who and what each row is, as the tables that an evaluation takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from physio_vad._arrays import ObjectArray
from physio_vad.exceptions import ArgumentError
from physio_vad.features.windows import INDEX_NAMES


def as_tables(
    X: Any,
    y: Any,
    *,
    groups: npt.ArrayLike,
    trials: npt.ArrayLike | None = None,
    stimuli: npt.ArrayLike | None = None,
    targets: Sequence[str] | None = None,
    scale: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the identity of each row where `evaluate` and its companions read it.

    Parameters
    ----------
    X : array or DataFrame of shape (n_rows, n_features)
        Features.
    y : array, Series or DataFrame of shape (n_rows,) or (n_rows, n_targets)
        Ratings, NaN where there are none.
    groups : array of shape (n_rows,)
        Subject of each row.
    trials : array of shape (n_rows,), optional
        Trial of each row. By default a trial is a stretch of a subject's rows with one stimulus;
        without stimuli all rows of a subject are one trial.
    stimuli : array of shape (n_rows,), optional
        What was shown, one a trial; None or NaN where unknown. Without it there are neither
        stimulus baselines nor the checks and splits by stimulus.
    targets : sequence of str, optional
        Names of the columns of y; by default their own, or ``target``, ``target_1``, ...
    scale : mapping of str to (low, high), optional
        Declared range of targets.

    Returns
    -------
    X : DataFrame
        Features. Row index ``(subject, trial, window)``, windows counted within trials in the order
        of the rows. Times are unknown: what needs them (smoothing, labelled minutes) says so.
    y : DataFrame
        Ratings, same index.

    Raises
    ------
    ArgumentError
        If lengths differ, or a trial has several stimuli.

    Examples
    --------
    >>> X, y = as_tables(
    ...     np.arange(8.0).reshape(4, 2),
    ...     [1.0, 2.0, 3.0, 4.0],
    ...     groups=["anna", "anna", "ben", "ben"],
    ...     stimuli=["sea", "storm", "storm", "sea"],
    ...     targets=["valence"],
    ... )
    >>> y.index.tolist()
    [('anna', '1', 0), ('anna', '2', 0), ('ben', '1', 0), ('ben', '2', 0)]
    >>> y.attrs["stimulus"]["ben"]
    {'1': 'storm', '2': 'sea'}
    """
    features = X.reset_index(drop=True) if isinstance(X, pd.DataFrame) else _named(X, "x")
    ratings = pd.DataFrame(y).reset_index(drop=True) if _has_names(y) else _named(y, "target")
    ratings.columns = pd.Index(targets if targets is not None else map(str, ratings.columns))
    rows = pd.DataFrame({"subject": _labels(groups, "groups", len(features))}).astype(str)
    shown = None if stimuli is None else _labels(stimuli, "stimuli", len(features))
    if trials is not None:
        rows["trial"] = _labels(trials, "trials", len(features)).astype(str)
    else:
        rows["trial"] = _stretches(rows["subject"], shown)
    if len(ratings) != len(features):
        raise ArgumentError(f"X has {len(features)} rows and y has {len(ratings)}")
    rows["window"] = rows.groupby(["subject", "trial"]).cumcount()
    index = pd.MultiIndex.from_frame(rows, names=INDEX_NAMES)
    features.index = ratings.index = index
    if scale is not None:
        ratings.attrs["scale"] = dict(scale)
    if shown is not None:
        ratings.attrs["stimulus"] = _by_trial(rows, shown)
    return features, ratings


def _has_names(y: Any) -> bool:
    return isinstance(y, pd.DataFrame) or (isinstance(y, pd.Series) and y.name is not None)


def _named(values: Any, name: str) -> pd.DataFrame:
    table = pd.DataFrame(np.asarray(values))
    return table.set_axis([f"{name}_{k}" if k else name for k in range(table.shape[1])], axis=1)


def _labels(values: npt.ArrayLike, name: str, n_rows: int) -> ObjectArray:
    labels = np.asarray(values, dtype=object)
    if labels.shape != (n_rows,):
        raise ArgumentError(
            f"{name} must have one entry a row of X, shape ({n_rows},), got {labels.shape}"
        )
    if name != "stimuli" and pd.isna(labels).any():
        raise ArgumentError(
            f"{name} must not be missing, got none in row {pd.isna(labels).argmax()}"
        )
    return labels


def _stretches(subjects: pd.Series[str], shown: ObjectArray | None) -> pd.Series[str]:
    """Count the stretches of each subject's rows with one stimulus, from "1"."""
    if shown is None:
        return pd.Series("1", index=subjects.index)
    stimuli = pd.Series(shown).astype(str)
    begins = stimuli != stimuli.groupby(subjects).shift()
    return begins.groupby(subjects).cumsum().astype(str)


def _by_trial(rows: pd.DataFrame, shown: ObjectArray) -> dict[str, dict[str, Any]]:
    """Name the stimulus of each trial of each subject."""
    stimuli: dict[str, dict[str, Any]] = {}
    for (subject, trial), part in rows.groupby(["subject", "trial"], sort=False):
        names = pd.unique(shown[part.index])
        if len(names) > 1:
            raise ArgumentError(
                f"trial {subject}/{trial} has {len(names)} stimuli, first {names[0]!r} and "
                f"{names[1]!r}; a trial shows one: give each its own entry in trials="
            )
        if not pd.isna(names[0]):
            stimuli.setdefault(str(subject), {})[str(trial)] = names[0]
    return stimuli
