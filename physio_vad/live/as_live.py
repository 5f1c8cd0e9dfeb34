"""Feature tables as a stream would have computed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray, Progress
from physio_vad.exceptions import ArgumentError
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.inputs import inputs_of
from physio_vad.features.own import Extra
from physio_vad.live.rows import LiveRows
from physio_vad.modalities.base import AnyModality
from physio_vad.recording.recording import Events, Recording

CHUNK = 1.0
"""Seconds in which recordings are pushed."""


def live_features(
    windows: pd.DataFrame,
    modalities: Iterable[str | AnyModality] | None = None,
    *,
    delay: float | Literal["settling"] = 1.0,
    step: float = 1.0,
    extra: Extra | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compute the feature table of a window table as a stream does: without a later sample.

    Each recording is pushed from its beginning through the buffers of a `Stream`; the row of a
    window is computed from the samples up to its end and `delay` seconds more, or in turn so much
    less as the windows of a stream with a `step` below a second see. Windows of a baseline are
    computed in the same way.

    Parameters
    ----------
    windows : DataFrame of shape (n_windows, 3)
        What `make_windows` returns.
    modalities : iterable of str or Modality, optional
        Which to use; all that occur by default.
    delay, step : float
        As of `Stream`; the delay may be "settling".
    extra : mapping, optional
        Features of your own, as in `extract_features`.
    progress : callable, optional
        Called as ``progress("recordings", done, total)``.

    Returns
    -------
    DataFrame of shape (n_windows, n_features)
        Index and columns of `extract_features`; ``attrs["live"]`` holds delay and step in seconds.

    Raises
    ------
    ArgumentError
        If `windows` is no window table, the delay is below 0, or the step not above.
    """
    if not step > 0:
        raise ArgumentError(f"step must be above 0, got {step!r}")
    extractor = FeatureExtractor(modalities, extra=extra).fit(windows)
    columns, values, used = extractor.columns_, [], 0.0
    found = {column.split("__")[0] for column in columns}
    made = [one for name, one in extractor.made().items() if name in found]
    groups = windows.groupby(level=["subject", "trial"], sort=False)
    for done, (_, part) in enumerate(groups, start=1):
        recording = part["recording"].iloc[0]
        rows, used = _rows(recording, part, made, columns, delay, step)
        values.append(pd.DataFrame(rows, part.index, columns))
        if progress is not None:
            progress("recordings", done, len(groups))
    table = pd.concat(values).loc[windows.index]
    table.attrs["live"] = {"delay": used, "step": step}
    return table


def _rows(
    recording: Recording,
    windows: pd.DataFrame,
    modalities: list[AnyModality],
    columns: list[str],
    delay: float | Literal["settling"],
    step: float,
) -> tuple[FloatArray, float]:
    """Push a recording and take the rows as they fall due; also give the delay in seconds."""
    starts, stops = (windows[side].to_numpy(dtype=float) for side in ("start", "stop"))
    sensors = {one.modality: one for one in inputs_of([recording])}
    found = [one for one in modalities if one.name in sensors]
    values = np.full((len(windows), len(columns)), np.nan)
    if not found:
        return values, 0.0 if delay == "settling" else float(delay)
    live = LiveRows(found, sensors, columns, length=(stops - starts).max(), delay=delay)
    waiting = list(np.argsort(stops, kind="stable")[::-1])
    for end in _pushed(recording, live):
        while waiting and stops[waiting[-1]] + live.delay <= end:
            row = waiting.pop()
            values[row] = live.alone(starts[row], stops[row], number=row, step=step)
    return values, live.delay


def _pushed(recording: Recording, live: LiveRows) -> Iterator[float]:
    """Push a recording bit by bit; say each time until when everything is there."""
    for begin in np.arange(recording.start, recording.stop, CHUNK):
        for name, signal in recording.signals.items():
            part = signal.crop(begin, begin + CHUNK)
            if isinstance(part, Events):
                live.push(name, part.values, part.times)
            elif part.n_samples:
                live.push(name, part.values, part.start)
        yield float(begin + CHUNK)
    yield np.inf
