"""From recordings to the table of windows and their labels."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from numbers import Real

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, RatingsWarning
from physio_vad.features.together import CutNote, check_together
from physio_vad.recording.recording import Recording

INDEX_NAMES = ["subject", "trial", "window"]
"""Levels of the row index of every window and feature table."""

SHORTEST_BASELINE = 1.0
"""A baseline of fewer seconds gives no window."""


def make_windows(
    recordings: Iterable[Recording],
    length: float = 10.0,
    step: float = 5.0,
    *,
    label_lag: float = 0.0,
    min_coverage: float = 0.5,
    keep_unrated: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut recordings into windows, by reference, and average the ratings in each.

    A window never crosses the border of a recording, so never that of a trial. Windows with
    negative numbers lie in a recording's `baseline` and have no label. A baseline shorter than
    `length`, but of a second at least, is one window of its own length: what needs more time than
    that is NaN there. The others begin with the recording, or where it has a baseline before time
    0, as stimuli have, at the end of that.

    Parameters
    ----------
    recordings : iterable of Recording
        Each ``(subject, trial)`` once.
    length, step : float
        Length of a window and distance between the starts of two, in seconds.
    label_lag : float
        Ratings trail the body: the label of a window is the time-weighted mean of the ratings in
        ``[start + label_lag, stop + label_lag]``, in seconds. A window that lies over two ratings
        of a target that is constant over stretches, as one rating a film is, has no label: nobody
        gave their mean (`Ratings.straddled`).
    min_coverage : float
        Share of the lagged window, in [0, 1], that must be rated; else the label is NaN.
    keep_unrated : bool
        Keep windows of rated recordings in which no target has a label. Windows of recordings
        without ratings, and those of a baseline, are always kept.

    Returns
    -------
    windows : DataFrame of shape (n_windows, 3)
        Row index ``(subject, trial, window)``; columns `recording` (a reference), `start` and
        `stop` in seconds from the recording's start.
    y : DataFrame of shape (n_windows, n_targets)
        Same index; one column a target, on its native scale. ``y.attrs["scale"]`` holds the
        declared range of each target, ``y.attrs["stimulus"]`` what was shown (subject to trial to
        stimulus) and ``y.attrs["window"]`` the length and step in seconds.

    Raises
    ------
    ArgumentError
        If a length is not positive, recordings repeat, declare different scales, or none is as
        long as a window.

    Warns
    -----
    RatingsWarning
        If windows have no label because they straddle two ratings.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Ratings, Recording, Signal
    >>> skin = Signal(np.full(100, 33.0), sfreq=4.0, unit="C")
    >>> anna = Recording("anna", {"temperature": skin}, Ratings.constant({"valence": 6.0}))
    >>> windows, y = make_windows([anna])
    >>> windows[["start", "stop"]].assign(valence=y["valence"])
                          start  stop  valence
    subject trial window
    anna    1     0         0.0  10.0      6.0
                  1         5.0  15.0      6.0
                  2        10.0  20.0      6.0
                  3        15.0  25.0      6.0
    """
    _check_arguments(length, step, label_lag, min_coverage)
    recordings = _check_recordings(recordings)
    _warn_of_straddling(recordings, length, step, label_lag)
    targets = list(dict.fromkeys(name for one in recordings for name in one.targets))
    cut = [
        cut_recording(one, length, step, label_lag, min_coverage, keep_unrated)
        for one in recordings
    ]
    notes = [CutNote.of(one, table.index) for one, (table, _) in zip(recordings, cut, strict=True)]
    remedy = f"{_times_of_ratings(recordings)}; keep_unrated=True keeps such windows"
    attrs = check_together(notes, length, step, remedy)
    windows = pd.concat([table for table, _ in cut])
    y = pd.concat([labels.reindex(columns=targets) for _, labels in cut])
    y.attrs |= attrs
    windows.attrs["window"] = attrs["window"]
    return windows, y


def cut_recording(
    recording: Recording,
    length: float,
    step: float,
    label_lag: float = 0.0,
    min_coverage: float = 0.5,
    keep_unrated: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut one recording; it may be too short for a window. Arguments as in `make_windows`.

    Returns
    -------
    windows : DataFrame of shape (n_windows, 3)
        As of `make_windows`, without rows if no window fits.
    y : DataFrame of shape (n_windows, n_targets)
        One column a target of this recording.
    """
    _check_arguments(length, step, label_lag, min_coverage)
    table = _windows_of(recording, length, step)
    y = _labels_of(recording, table, label_lag, min_coverage)
    if recording.ratings is None or keep_unrated:
        return table, y
    rated = y.notna().any(axis=1) | (table.index.get_level_values("window") < 0)
    return table[rated], y[rated]


def _windows_of(recording: Recording, length: float, step: float) -> pd.DataFrame:
    before = [end for begin, end in recording.baseline if begin < 0]
    starts = _starts(max(recording.start, *before, -np.inf), recording.stop, length, step)
    rest = [
        rest_windows(max(begin, recording.start), min(end, recording.stop), length, step)
        for begin, end in recording.baseline
    ]
    calm = np.concatenate([*rest, np.empty((2, 0))], axis=1)
    numbers = np.concatenate([-np.arange(calm.shape[1], 0, -1), np.arange(len(starts))])
    starts, stops = np.concatenate([calm, [starts, starts + length]], axis=1)
    index = pd.MultiIndex.from_arrays(
        [[recording.subject] * len(starts), [recording.trial] * len(starts), numbers.astype(int)],
        names=INDEX_NAMES,
    )
    references = np.empty(len(starts), dtype=object)
    references[:] = recording
    return pd.DataFrame({"recording": references, "start": starts, "stop": stops}, index=index)


def rest_windows(begin: float, end: float, length: float, step: float) -> FloatArray:
    """Cut a rest period into windows; one that is shorter than a window is one of its own length.

    Parameters
    ----------
    begin, end : float
        Rest period in seconds.
    length, step : float
        As of `make_windows`.

    Returns
    -------
    array of shape (2, n_windows)
        Starts and stops in seconds.
    """
    if SHORTEST_BASELINE - 1e-9 <= end - begin < length - 1e-9:
        return np.array([[begin], [end]])
    starts = _starts(begin, end, length, step)
    return np.stack([starts, starts + length])


def _starts(begin: float, end: float, length: float, step: float) -> FloatArray:
    if not end - begin >= length - 1e-9:
        return np.empty(0)
    n_steps = int(np.floor((end - begin - length) / step + 1e-9))
    return begin + step * np.arange(n_steps + 1, dtype=np.float64)


def _labels_of(
    recording: Recording,
    table: pd.DataFrame,
    label_lag: float,
    min_coverage: float,
) -> pd.DataFrame:
    y = pd.DataFrame(np.nan, index=table.index, columns=list(recording.targets))
    if recording.ratings is not None:
        starts, stops = (table[side].to_numpy() + label_lag for side in ("start", "stop"))
        labels = recording.ratings.mean(starts, stops, min_coverage)
        labels[recording.ratings.straddled(starts, stops)] = np.nan
        y[list(recording.targets)] = labels
    y[table.index.get_level_values("window") < 0] = np.nan
    return y


def _warn_of_straddling(
    recordings: list[Recording], length: float, step: float, label_lag: float
) -> None:
    """Warn of windows that straddle two ratings and have no label for that reason."""
    counts: dict[str, int] = {}
    for one in recordings:
        if one.ratings is not None and len(one.ratings.starts) > 1:
            table = _windows_of(one, length, step)
            table = table.loc[table.index.get_level_values("window") >= 0, ["start", "stop"]]
            lost = one.ratings.straddled(*(table + label_lag).to_numpy().T).any(axis=1).sum()
            counts |= {f"{one.subject}/{one.trial}": int(lost)} if lost else {}
    if counts:
        warnings.warn(
            f"{sum(counts.values())} windows in {len(counts)} "
            f"recording{'s' * (len(counts) > 1)} (first: {next(iter(counts))}) straddle two "
            "ratings and have no label, since nobody gave the mean of the two; if each rating "
            "belongs to a trial of its own, read the trials as recordings (in tables: "
            "trial = 'ratings')",
            RatingsWarning,
            stacklevel=3,
        )


def _times_of_ratings(recordings: list[Recording]) -> str:
    """Write the times of the first ratings that are bounded beside those of their recording."""
    for one in recordings:
        if one.ratings is not None and np.isfinite([*one.ratings.starts, *one.ratings.stops]).all():
            first, last = one.ratings.starts[:1], one.ratings.stops[-1:]
            for start, stop in zip(first, last, strict=True):
                return (
                    f". The ratings of {one.subject}/{one.trial} go from {start:.1f} to {stop:.1f} "
                    f"s, the recording from {one.start:.1f} to {one.stop:.1f} s"
                )
    return ""


def _check_arguments(length: float, step: float, label_lag: float, min_coverage: float) -> None:
    for name, value in (("length", length), ("step", step)):
        if not (_is_finite(value) and value > 0):
            raise ArgumentError(f"{name} must be above 0 s, got {value!r}")
    if not _is_finite(label_lag):
        raise ArgumentError(f"label_lag must be a finite number of seconds, got {label_lag!r}")
    if not (_is_finite(min_coverage) and 0 <= min_coverage <= 1):
        raise ArgumentError(f"min_coverage must be between 0 and 1, got {min_coverage!r}")


def _is_finite(value: object) -> bool:
    return isinstance(value, Real) and bool(np.isfinite(float(value)))


def _check_recordings(given: Iterable[Recording]) -> list[Recording]:
    if isinstance(given, Recording):
        raise ArgumentError("recordings must be an iterable of Recording: write [recording]")
    recordings = list(given)
    if not recordings:
        raise ArgumentError("recordings is empty: nothing to cut into windows")
    for recording in recordings:
        if not isinstance(recording, Recording):
            raise ArgumentError(f"recordings must hold Recording, got {type(recording).__name__}")
    return recordings
