"""What there is to see of each sensor: its last seconds, and what was found in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.live.stream import Stream
from physio_vad.recording.recording import Events
from physio_vad.report.traces import found_in

SECONDS = 30.0
N_POINTS = 300


def sensor_pictures(stream: Stream) -> list[dict[str, Any]]:
    """Describe each sensor of a stream as it is now.

    Parameters
    ----------
    stream : Stream
        Nobody pushes samples meanwhile.

    Returns
    -------
    list of dict
        One a sensor: `name`, `age` s, `stale`, counters `lost`, `late`, `jumps`, `drift` ppm,
        `line` (lowest and highest value of each tenth of a second, NaN where lost; None before the
        first sample) of its first channel, and `events`, times by kind.
    """
    ages, stale = stream.ages(), stream.stale()
    newest = max(one.newest for one in stream.buffers.values())
    begin = newest - SECONDS
    pictures = []
    for name, buffer in stream.buffers.items():
        pictures.append(
            {
                "name": name,
                "age": ages[name],
                "stale": name in stale,
                "lost": buffer.n_lost,
                "late": buffer.n_late,
                "jumps": buffer.n_jumps,
                "drift": buffer.drift,
                "line": _line(stream, name, begin, newest),
                "events": _events(stream, name, begin, newest),
            }
        )
    return pictures


def _line(stream: Stream, name: str, begin: float, end: float) -> dict[str, Any] | None:
    signal = stream.buffers[name].signal(begin, end) if np.isfinite(end) else None
    if signal is None:
        return None
    values = signal.values if isinstance(signal, Events) else signal.values[0]
    place = ((signal.times - begin) / (end - begin) * N_POINTS).astype(int)
    inside = (place >= 0) & (place < N_POINTS) & np.isfinite(values)
    low, high = np.full(N_POINTS, np.inf), np.full(N_POINTS, -np.inf)
    np.minimum.at(low, place[inside], values[inside])
    np.maximum.at(high, place[inside], values[inside])
    if isinstance(signal, Events) or signal.sfreq < N_POINTS / SECONDS:
        there = np.isfinite(low)  # slower than the picture: no gap between two samples
        low, high = low[there], high[there]
    else:
        low[np.isinf(low)], high[np.isinf(high)] = np.nan, np.nan
    return {"low": low, "high": high, "begin": begin, "end": end}


def _events(stream: Stream, name: str, begin: float, end: float) -> dict[str, FloatArray]:
    events: dict[str, FloatArray] = {}
    for prepared in stream.prepared(name):
        for kind, times in found_in(prepared).events.items():
            inside = times[(times >= begin) & (times <= end)]
            events[kind] = np.concatenate([events.get(kind, np.empty(0)), inside])
    return events
