"""From samples as they come to predictions as they fall due.

A window is due when every sensor that is not stale has given its samples up to its end, and
`delay` seconds more. Its row is computed by the modalities of the batch from the same samples on
the same raster, so what differs from the batch is only what the delay cuts off: the future that a
filter or detector looks at. From a delay of `Stream.settling` on nothing is cut off but one thing:
that a sensor stands still is known only after it has stood still for its `Modality.flat`.
"""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, RateWarning, RecordingError
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.inputs import Input, check_input
from physio_vad.features.long_recordings import SETTLINGS, extract_part
from physio_vad.features.polarities import Polarities
from physio_vad.features.quality import SUFFIX
from physio_vad.features.windows import INDEX_NAMES
from physio_vad.live.buffer import EventBuffer, SampleBuffer
from physio_vad.modalities import MODALITIES
from physio_vad.modalities.base import CLIP_REACH, AnyModality, FeatureBlock
from physio_vad.persistence import Model
from physio_vad.preprocessing import OnlineScaler, SubjectScaler
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.recording.units import is_irregular, modality_name, unit_name

SPARE = 30.0
"""Seconds that are kept beyond what the preparation looks at: gaps, and sensors out of step."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the model says of one window.

    Parameters
    ----------
    start, time : float
        Beginning and end of the window in seconds of the source's clock.
    values, low, high : mapping of str to float
        By target: prediction and interval; NaN where withheld, the last two empty without an
        interval.
    quality : mapping of str to float
        By sensor, from 0 to 1; 0 for one that gave nothing.
    withheld : str or None
        Why there is no prediction.
    warming_up : bool
        Whether some feature still looks back before the first sample.
    latency : float
        Seconds of computing, on the wall clock.
    features : array of shape (n_features,)
        The row of the feature table.
    """

    start: float
    time: float
    values: Mapping[str, float]
    quality: Mapping[str, float]
    withheld: str | None = None
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    warming_up: bool = False
    latency: float = 0.0
    features: FloatArray = field(default_factory=lambda: np.empty(0), repr=False)


class Stream:
    """A model that is fed samples and says what is due.

    Parameters
    ----------
    model : Model
        Saved with an extractor (`deploy`), so that it takes raw windows.
    sensors : iterable of Input
        What the source gives: unit, channels and rate of each sensor. Sensors beyond the model's
        are used where a modality looks at them.
    delay : float or "settling"
        Seconds that a prediction waits for signal after the end of its window. 0 answers at once,
        with the newest seconds filtered without their future; "settling" waits until rows equal
        those of the batch.
    length : float, optional
        Length of a window in seconds; by default that of the training.
    step : float
        Seconds between predictions.
    interval : float, optional
        Coverage of the intervals, one that the model has.
    min_quality : float
        Mean quality of the model's sensors below which a prediction is withheld.
    stale_after : float
        Seconds after which a sensor that gives nothing is stale: predictions go on without it.
    jitter : float
        Seconds by which time stamps may be off without a sample being lost.

    Raises
    ------
    ArgumentError
        If the model takes feature tables, is normalised in a way that cannot be live, or a sensor
        lacks, has other channels or an unknown unit.

    Warns
    -----
    RateWarning
        If a sensor has another rate than in the training.
    """

    def __init__(
        self,
        model: Model,
        sensors: Iterable[Input],
        *,
        delay: float | Literal["settling"] = 0.0,
        length: float | None = None,
        step: float = 1.0,
        interval: float | None = None,
        min_quality: float = 0.3,
        stale_after: float = 1.0,
        jitter: float = 0.0,
    ) -> None:
        self.model, self._modalities = model, _live_modalities(model)
        self.sensors = bind(model, sensors)
        self.length = _length(model, length)
        self.settling = max(map(_reach_around, self._modalities.values()))
        self.delay = self.settling if delay == "settling" else float(delay)
        for name, value in {"step": step, "stale_after": stale_after}.items():
            if not value > 0:
                raise ArgumentError(f"{name} must be above 0, got {value!r}")
        if not 0 <= self.delay < np.inf:
            raise ArgumentError(f"delay must be 0 or more, or 'settling', got {delay!r}")
        self.step, self.stale_after, self.min_quality = step, stale_after, min_quality
        self._widths = None if interval is None else model.half_widths_of(interval)
        self.warm_up = max([self.length, *(one.reach for one in self._modalities.values())])
        flat = max(one.flat for one in self._modalities.values())
        self._look_back = self.warm_up + self.settling + flat + SPARE
        seconds = self._look_back + self.delay
        self.buffers = {name: _buffer(one, seconds, jitter) for name, one in self.sensors.items()}
        self._origin: float | None = None
        self._number = 0
        self._polarities = Polarities()
        self._past: FloatArray | None = None  # of the person's features, for OnlineScaler
        self._pushed = dict.fromkeys(self.sensors, time.monotonic())

    def push(
        self, modality: str, samples: npt.ArrayLike, times: float | npt.ArrayLike | None = None
    ) -> None:
        """Take samples of one sensor in, in chunks of any size.

        Parameters
        ----------
        modality : str
            Which sensor.
        samples : array of shape (n_channels, n_samples) or (n_samples,)
            In the unit and the channels that the sensor was declared with.
        times : float or array of shape (n_samples,), optional
            Stamp of the first sample, or of each, in seconds; a step between two of more than a
            sample is a gap. By default the samples follow those before. Events need one each.

        Raises
        ------
        ArgumentError
            If the sensor is unknown or shapes do not fit.
        """
        name = modality_name(modality)
        if name not in self.buffers:
            raise ArgumentError(
                f"{name}: not among the sensors of this stream: {', '.join(self.buffers)}"
            )
        buffer = self.buffers[name]
        if isinstance(buffer, EventBuffer):
            buffer.push(samples, np.empty(0) if times is None else times)
        elif times is None or np.ndim(times) == 0:
            buffer.push(samples, None if times is None else float(np.asarray(times)))
        else:
            for part, stamp in _pieces(buffer, samples, np.asarray(times, dtype=np.float64)):
                buffer.push(part, stamp)
        self._pushed[name] = time.monotonic()

    def stale(self) -> dict[str, float]:
        """Say which sensors give nothing.

        Returns
        -------
        dict of str to float
            By sensor, seconds since its last samples on the wall clock; only those that are
            longer silent than `stale_after`.
        """
        now = time.monotonic()
        ages = {name: now - then for name, then in self._pushed.items()}
        return {name: age for name, age in ages.items() if age > self.stale_after}

    def status(self) -> pd.DataFrame:
        """Say how each sensor does.

        Returns
        -------
        DataFrame
            One row a sensor: `newest` s, samples `lost`, `late` (again, or out of order), clock
            `jumps`, `drift` in ppm, and `stale`.
        """
        stale = self.stale()
        rows = {
            name: {
                "newest": one.newest,
                "lost": one.n_lost,
                "late": one.n_late,
                "jumps": one.n_jumps,
                "drift": one.drift,
                "stale": name in stale,
            }
            for name, one in self.buffers.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def predictions(self) -> Iterator[Prediction]:
        """Give what became due since the last call."""
        newest = np.array([one.newest for one in self.buffers.values()])
        leading = newest.max()
        if not np.isfinite(leading):
            return
        waited_for = newest[newest >= leading - self.stale_after]
        if not np.isfinite(newest).all() and leading - self._begin() < self.stale_after:
            return
        yield from self._until(float(waited_for.min()) - self.delay)

    def finish(self) -> Iterator[Prediction]:
        """Give the rest when the source has ended: no later samples will come."""
        newest = max(one.newest for one in self.buffers.values())
        if np.isfinite(newest):
            yield from self._until(newest)

    def _begin(self) -> float:
        found = [one.origin for one in self.buffers.values() if one.origin is not None]
        return min(found)

    def _until(self, end: float) -> Iterator[Prediction]:
        if self._origin is None:
            if end < self._begin() + self.length - 1e-9:
                return
            self._origin = self._begin()
        while True:
            start = self._origin + self.step * self._number
            if start + self.length > end + 1e-9 * max(self.step, 1.0):
                return
            self._number += 1
            yield self._predict(start, start + self.length)

    def _predict(self, start: float, stop: float) -> Prediction:
        began = time.perf_counter()
        row = self.row(start, stop)
        quality = {
            one.modality: float(np.nan_to_num(row.get(f"{one.modality}{SUFFIX}", 0.0)))
            for one in self.model.inputs
        }
        found = self._graded(row, float(np.mean(list(quality.values()))))
        return replace(
            found,
            start=start,
            time=stop,
            quality=quality,
            warming_up=stop - self.warm_up < float(self._origin or 0.0) - 1e-9,
            latency=time.perf_counter() - began,
            features=np.asarray(row, dtype=np.float64),
        )

    def row(self, start: float, stop: float) -> pd.Series[float]:
        """Compute the features of one window from what is in the buffers.

        Parameters
        ----------
        start, stop : float
            Seconds.

        Returns
        -------
        Series
            By column of the model, NaN where a sensor gave nothing.
        """
        values = dict.fromkeys(self.model.columns, np.nan)
        end = stop + max(self.delay, 0.0)
        signals = {
            name: signal
            for name, one in self.buffers.items()
            if (signal := one.signal(stop - self._look_back, end)) is not None
        }
        signals = {name: one for name, one in signals.items() if _has_values(one)}
        if signals:
            recording = Recording("live", signals)
            for name, modality in self._modalities.items():
                if name in signals:
                    block = self._extract(modality, recording, start, stop)
                    values |= {
                        column: one
                        for column, one in zip(block.columns, block.values[0], strict=True)
                        if column in values
                    }
        return pd.Series(values, dtype=np.float64)

    def _extract(
        self, modality: AnyModality, recording: Recording, start: float, stop: float
    ) -> FeatureBlock:
        """Extract a window; which way up a sensor is, all since the start tells."""
        window = np.array([start]), np.array([stop])
        block = extract_part(modality, recording, *window)
        self._polarities.add(recording, modality, block)
        other = self._polarities.other(recording, modality, block)
        return block if other is None else extract_part(modality, other, *window)

    def _graded(self, row: pd.Series[float], quality: float) -> Prediction:
        """Predict a row, or withhold it."""
        index = pd.MultiIndex.from_tuples([("live", "1", self._number - 1)], names=INDEX_NAMES)
        table, answer = pd.DataFrame([row.to_numpy()], index, list(row.index)), self.model
        scaler = answer.pipeline.named_steps.get("normalise")
        if isinstance(scaler, OnlineScaler):  # also for rows that are withheld, as in the batch
            scaled, self._past = scaler.carry_on(table.to_numpy(), self._past)
            table = pd.DataFrame(scaled, index, list(row.index))
            steps = [one for one in answer.pipeline.steps if one[1] is not scaler]
            answer = replace(answer, pipeline=Pipeline(steps))
        targets = self.model.targets
        if not quality >= self.min_quality:
            lost = dict.fromkeys(targets, np.nan)
            why = f"quality {quality:.2f} is below {self.min_quality:g}"
            bounds = {} if self._widths is None else lost
            return Prediction(0.0, 0.0, lost, {}, why, bounds, bounds)
        values = answer.predict(table).iloc[0]
        found = {target: float(values[target]) for target in targets}
        low, high = self._bounds(found)
        return Prediction(0.0, 0.0, found, {}, None, low, high)

    def _bounds(self, found: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
        if self._widths is None:
            return {}, {}
        low, high = {}, {}
        for target, half in self._widths.items():
            least, most = self.model.scale.get(target, (-np.inf, np.inf))
            low[target] = float(np.clip(found[target] - half, least, most))
            high[target] = float(np.clip(found[target] + half, least, most))
        return low, high


def bind(model: Model, sensors: Iterable[Input]) -> dict[str, Input]:
    """Check what a source gives against what a model takes.

    Parameters
    ----------
    model : Model
        With its `inputs`.
    sensors : iterable of Input
        Of the source.

    Returns
    -------
    dict of str to Input
        By modality, with units as the library writes them.

    Raises
    ------
    ArgumentError
        If a sensor of the model is missing or has other channels or an unknown unit.
    """
    given: dict[str, Input] = {}
    for one in sensors:
        try:
            name = modality_name(one.modality)
            given[name] = replace(one, modality=name, unit=unit_name(name, one.unit))
        except RecordingError as error:
            raise ArgumentError(f"the source cannot be used: {error}") from None
    missing = [one.modality for one in model.inputs if one.modality not in given]
    if missing:
        raise ArgumentError(
            f"the source lacks sensors of the model: {', '.join(missing)}; it has "
            f"{', '.join(given) or 'none'}"
        )
    for wanted in model.inputs:
        found = given[wanted.modality]
        check_input(wanted, found)
        if wanted.sfreq and found.sfreq and abs(found.sfreq / wanted.sfreq - 1) > 0.01:
            warnings.warn(
                f"{wanted.modality}: trained at {wanted.sfreq:g} Hz, the source gives "
                f"{found.sfreq:g} Hz",
                RateWarning,
                stacklevel=3,
            )
    return given


def _live_modalities(model: Model) -> dict[str, AnyModality]:
    """Modalities of a model that takes raw windows and can run live."""
    first = model.pipeline.steps[0][1]
    if not isinstance(first, FeatureExtractor):
        raise ArgumentError(
            "a live model takes raw windows; save deploy(pipeline, FeatureExtractor())"
        )
    for _, step in model.pipeline.steps:
        if isinstance(step, SubjectScaler):
            raise ArgumentError(
                f"the model is normalised by each person's {step.reference}, which a stream does "
                "not have before its first prediction; train with normalise=None or "
                "normalise='online'"
            )
    wanted = {one.modality for one in model.inputs}
    return {k: v for k, v in first.made().items() if k in wanted}


def _length(model: Model, length: float | None) -> float:
    found = model.window_length if length is None else length
    if found is None or not found > 0:
        raise ArgumentError(
            f"length must be that of the training's windows in seconds, got {found!r}; the model "
            "does not say it"
        )
    return float(found)


def _reach_around(modality: AnyModality) -> float:
    """Seconds of good signal on both sides that a row depends on at most."""
    clip = CLIP_REACH if modality.clips else 0.0
    return SETTLINGS * modality.settling + 1 + clip


def _buffer(sensor: Input, seconds: float, jitter: float) -> SampleBuffer | EventBuffer:
    if is_irregular(sensor.modality, sensor.unit):
        return EventBuffer(sensor, seconds)
    grid = MODALITIES[sensor.modality]().grid(sensor.sfreq) if sensor.sfreq else 1
    return SampleBuffer(sensor, seconds, grid, jitter)


def _has_values(signal: Signal | Events) -> bool:
    return len(signal.times) > 0


def _pieces(
    buffer: SampleBuffer, samples: npt.ArrayLike, times: FloatArray
) -> Iterator[tuple[FloatArray, float]]:
    """Cut a chunk where its time stamps step by more than a sample."""
    values = np.atleast_2d(np.asarray(samples, dtype=np.float64))
    if values.shape[1:] != times.shape:
        raise ArgumentError(
            f"{buffer.sensor.modality}: times must be one or one a sample, got {times.shape} for "
            f"samples {values.shape}"
        )
    steps = np.abs(np.diff(times) - 1 / buffer.sfreq) > buffer.tolerance
    edges = [0, *(np.flatnonzero(steps) + 1), len(times)]
    for first, last in itertools.pairwise(edges):
        if last > first:
            yield values[:, first:last], float(times[first])
