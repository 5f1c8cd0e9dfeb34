"""Sensors of the lab streaming layer (LSL): read what others send, send what was recorded.

Time stamps are taken as the layer gives them, with the clocks of both computers aligned and
nothing else: smoothing them would turn lost samples into a step of a few milliseconds. What a
stream's channels are stands in its description, as in an XDF file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, MissingExtraError
from physio_vad.features.inputs import Input
from physio_vad.io.devices.xdf import channel_columns
from physio_vad.live.sources import Chunk, Replay
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.recording.units import is_irregular

WAIT = 10.0
"""Seconds that streams are looked for."""

LOOK = 1.0
"""Seconds of one look for streams."""

MANY = 99
"""More streams than have one name: so that a look takes all that it finds."""

MOST = 8192
"""Samples of one pull."""

SLICE = 0.2
"""Seconds of the slices in which sensors take turns."""

PAUSE = 0.005
"""Seconds between two looks for new samples."""


def need_pylsl() -> Any:
    """Import pylsl.

    Raises
    ------
    MissingExtraError
        If it, or the library that it loads, is not there.
    """
    try:
        import pylsl
    except (ImportError, RuntimeError, OSError) as error:
        raise MissingExtraError(
            f"the lab streaming layer needs pylsl and liblsl, which cannot be loaded ({error}); "
            'pip install "physio-vad[live]"'
        ) from None
    return pylsl


@dataclass(frozen=True)
class Part:
    """What one stream gives of one sensor.

    Parameters
    ----------
    sensor : Input
        Modality, unit, channels and rate.
    rows : list of int
        Its channels among those of the stream.
    """

    sensor: Input
    rows: list[int]


class LSLSource:
    """Streams of the lab streaming layer, by name.

    Parameters
    ----------
    names : sequence of str
        Names of streams; several may have one name, one a sensor.
    wanted : sequence of str
        Modalities that are waited for.
    units : mapping of str to str
        By modality, the unit of streams that do not say theirs.
    wait : float
        Seconds to look for them.

    Raises
    ------
    MissingExtraError
        If pylsl or liblsl is not there.
    ArgumentError
        If no stream has such a name, a wanted sensor is not among them, two streams give the same
        sensor, or a unit is missing or unknown.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        wanted: Sequence[str] = (),
        units: Mapping[str, str] | None = None,
        wait: float = WAIT,
    ) -> None:
        pylsl = need_pylsl()
        self._parts: list[tuple[Any, list[Part]]] = []
        for info in _found(pylsl, names, wanted, wait):
            inlet = pylsl.StreamInlet(info, processing_flags=pylsl.proc_clocksync, recover=True)
            inlet.open_stream(timeout=wait)
            self._parts.append((inlet, parts_of(inlet.info(wait), units or {})))
        self._zero = pylsl.local_clock()
        self._passing = (pylsl.util.LostError, pylsl.util.TimeoutError)

    @property
    def sensors(self) -> tuple[Input, ...]:
        """What it gives."""
        return tuple(part.sensor for _, parts in self._parts for part in parts)

    def __iter__(self) -> Iterator[Chunk | None]:
        """Give chunks as they come, None where there is nothing new; times from the first look."""
        while True:
            found = [one for inlet, parts in self._parts for one in self._pulled(inlet, parts)]
            yield from in_time(found)
            if not found:
                yield None
                time.sleep(PAUSE)

    def _pulled(self, inlet: Any, parts: list[Part]) -> Iterator[Chunk]:
        """Take all that is there: after a pause, too, no sensor lags behind the others."""
        full = True
        while full:
            try:
                samples, stamps = inlet.pull_chunk(timeout=0.0, max_samples=MOST)
            except self._passing:  # the layer looks for the stream again
                return
            if not stamps:
                return
            full = len(stamps) == MOST
            values = np.asarray(samples, dtype=np.float64).T
            times = np.asarray(stamps, dtype=np.float64) - self._zero
            for part in parts:
                own = values[part.rows]
                yield Chunk(part.sensor.modality, own if part.sensor.sfreq else own[0], times)

    def close(self) -> None:
        """Close the streams."""
        for inlet, _ in self._parts:
            inlet.close_stream()


def in_time(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Put what several sensors gave in the order of time, in slices.

    Who reads after a pause gets seconds of each sensor at once: pushed one after the other, the
    first would lead so far that the others seemed to have fallen silent.

    Parameters
    ----------
    chunks : sequence of Chunk
        With a time for each sample; those of a sensor in their order, which they keep.

    Returns
    -------
    list of Chunk
        The same samples.
    """
    slices, latest = [], dict.fromkeys((one.modality for one in chunks), -np.inf)
    for one in chunks:
        times = np.asarray(one.times)
        edges = np.flatnonzero(np.diff(np.floor(times / SLICE))) + 1
        for some in np.split(np.arange(len(times)), edges):
            latest[one.modality] = max(latest[one.modality], float(times[some[-1]]))
            part = Chunk(one.modality, one.samples[..., some], times[some])
            slices.append((latest[one.modality], part))
    return [part for _, part in sorted(slices, key=lambda pair: pair[0])]


def _found(pylsl: Any, names: Sequence[str], wanted: Sequence[str], wait: float) -> list[Any]:
    """Look for streams until two looks find the same, all names and wanted sensors among them."""
    until = time.monotonic() + wait
    before: set[str] = set()
    while True:
        infos = {
            info.uid(): info
            for name in names
            for info in pylsl.resolve_byprop("name", name, minimum=MANY, timeout=LOOK)
        }
        found = {info.name() for info in infos.values()}
        given = {info.type().lower() for info in infos.values()}
        over = time.monotonic() > until
        if found >= set(names) and (over or (given >= set(wanted) and before == set(infos))):
            return list(infos.values())
        if over:
            there = sorted({info.name() for info in pylsl.resolve_streams(wait_time=LOOK)})
            raise ArgumentError(
                f"no stream of the lab streaming layer is named {sorted(set(names) - found)}; "
                f"there are {there or 'none'}"
            )
        before = set(infos)


def parts_of(info: Any, units: Mapping[str, str]) -> list[Part]:
    """Read from a stream's description which sensors it gives.

    Parameters
    ----------
    info : pylsl.StreamInfo
        With its description.
    units : mapping of str to str
        By modality, the unit where the stream does not say it.

    Returns
    -------
    list of Part
        One a modality; channels of unknown kinds are left out.

    Raises
    ------
    ArgumentError
        If nothing is known of its channels, or a unit is missing, unknown or not one for all.
    """
    described = _described(info)
    rate = info.nominal_srate() or None
    columns = channel_columns(
        info.name(), info.type(), described, info.channel_count(), default_units=False
    )
    parts = []
    for modality in dict.fromkeys(one.modality for one in columns.values()):
        rows = [row for row, one in columns.items() if one.modality == modality]
        said = {columns[row].unit or units.get(modality, "") for row in rows}
        if len(said) > 1 or "" in said:
            texts = [described[row].get("unit", "") if described else "" for row in rows]
            raise ArgumentError(
                f"stream {info.name()!r}: the unit of {modality} must be known and one for all "
                f"channels, its description says {texts}; say it, such as --unit {modality}=uV"
            )
        irregular = is_irregular(modality, next(iter(said)))
        names = () if irregular else tuple(columns[row].channel for row in rows)
        parts.append(Part(Input(modality, said.pop(), names, None if irregular else rate), rows))
    if not parts:
        raise ArgumentError(
            f"stream {info.name()!r} of type {info.type()!r}: neither it nor its channels have a "
            "type that says what they are, such as EEG or EDA"
        )
    return parts


def _described(info: Any) -> list[dict[str, str]]:
    """Read label, type and unit of each channel from the stream's description."""
    channel = info.desc().child("channels").child("channel")
    found = []
    while not channel.empty():
        found.append({key: channel.child_value(key) for key in ("label", "type", "unit")})
        channel = channel.next_sibling("channel")
    return found if len(found) == info.channel_count() else []


class LSLOutlet:
    """Sends a recording as streams, one a sensor, all of one name.

    Parameters
    ----------
    recording : Recording
        What is sent; its modalities become the types of streams.
    name : str
        Name of the streams.

    Raises
    ------
    MissingExtraError
        If pylsl or liblsl is not there.
    """

    def __init__(self, recording: Recording, name: str) -> None:
        self._pylsl = need_pylsl()
        self.recording = recording
        self._outlets = {
            modality: self._pylsl.StreamOutlet(self._info(modality, signal, name))
            for modality, signal in recording.signals.items()
        }

    def _info(self, modality: str, signal: Signal | Events, name: str) -> Any:
        regular = isinstance(signal, Signal)
        channels = signal.channels if isinstance(signal, Signal) else ("0",)
        info = self._pylsl.StreamInfo(
            name,
            modality,
            len(channels),
            signal.sfreq if isinstance(signal, Signal) else self._pylsl.IRREGULAR_RATE,
            self._pylsl.cf_double64,
            f"{name}/{modality}/{'regular' if regular else 'events'}",
        )
        described = info.desc().append_child("channels")
        for label in channels:
            channel = described.append_child("channel")
            channel.append_child_value("label", label)
            channel.append_child_value("unit", signal.unit)
            channel.append_child_value("type", modality)
        return info

    def wait_for_readers(self, seconds: float) -> bool:
        """Wait until somebody reads each stream, so long at most; say whether somebody does."""
        until = time.monotonic() + seconds
        return all(
            one.wait_for_consumers(max(until - time.monotonic(), 0.0))
            for one in self._outlets.values()
        )

    def send(self, speed: float = 1.0) -> int:
        """Send the recording; time stamps run as in it, whatever the speed.

        Parameters
        ----------
        speed : float
            As of `Replay`.

        Returns
        -------
        int
            Samples and events sent, each once whatever its channels.
        """
        zero, number = self._pylsl.local_clock() - self.recording.start, 0
        for chunk in Replay(self.recording, speed=speed):
            outlet, rows = self._outlets[chunk.modality], np.atleast_2d(chunk.samples).T
            stamps = zero + chunk_times(chunk, self.recording)
            outlet.push_chunk(np.ascontiguousarray(rows), stamps.tolist())
            number += len(rows)
        return number

    def wait_until_left(self, seconds: float) -> None:
        """Stay while somebody reads, so long at most: what is not read yet ends with the outlets.

        Parameters
        ----------
        seconds : float
            Of the wall clock.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(
            one.have_consumers() for one in self._outlets.values()
        ):
            time.sleep(0.1)


def chunk_times(chunk: Chunk, recording: Recording) -> FloatArray:
    """Give the time of each sample of a chunk of a recording in seconds.

    Parameters
    ----------
    chunk : Chunk
        Samples with the time of the first, or events with a time each.
    recording : Recording
        Knows the rates.
    """
    signal = recording.signals[chunk.modality]
    if isinstance(signal, Events):
        return np.asarray(chunk.times, dtype=np.float64)
    n_samples = np.shape(chunk.samples)[-1]
    return np.asarray(float(np.asarray(chunk.times)) + np.arange(n_samples) / signal.sfreq)
