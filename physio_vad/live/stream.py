"""From samples as they come to predictions as they fall due.

A window is due when every sensor that is not stale has given its samples up to its end, and
`delay` seconds more. Its row is computed by the modalities of the batch from the same samples on
the same raster, so what differs from the batch is only what the delay cuts off: the future that a
filter or detector looks at. From a delay of `Stream.settling` on nothing is cut off but one thing:
that a sensor stands still is known only after it has stood still for its `Modality.flat`.
"""

from __future__ import annotations

import time
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.calibration import Calibrator
from physio_vad.exceptions import ArgumentError, UnlikeTrainingWarning
from physio_vad.features.inputs import Input
from physio_vad.features.quality import SUFFIX
from physio_vad.features.windows import rest_windows
from physio_vad.live.answers import Answers
from physio_vad.live.binding import bind, live_modalities, window_length
from physio_vad.live.buffer import EventBuffer
from physio_vad.live.calibration import Calibrated, Calibration
from physio_vad.live.likeness import Likeness
from physio_vad.live.prediction import Prediction
from physio_vad.live.rows import LiveRows, Timing
from physio_vad.persistence import Model
from physio_vad.recording.units import modality_name

BETWEEN_EVENTS = 3.0
"""Seconds without an event, such as a heart beat, after which a sensor of events is stale."""

SAID = 600
"""Predictions back to which a moment can still be rated."""


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
        Seconds between predictions. Below a second, the windows within a second and the delay share
        one preparation of each sensor, so that the last of them see only a step of the delay.
    interval : float, optional
        Coverage of the intervals, one that the model has.
    min_quality : float
        Mean quality of the model's sensors below which a prediction is withheld.
    stale_after : float
        Seconds after which a sensor that gives nothing is stale: predictions go on without it.
        More than a sensor's chunks last.
    jitter : float
        Seconds by which time stamps may be off without a sample being lost.
    calibrator : Calibrator, optional
        How far ratings of the person are trusted (`rate`), learned from other people by
        `fit_calibrator`; without it less the fewer they are.
    rest : (begin, end), optional
        Rest period of a model with ``normalise="baseline"``, in seconds of the source's clock;
        predictions of windows that begin before its end are withheld.

    Raises
    ------
    ArgumentError
        If the model takes feature tables, is normalised in a way that cannot be live, or a sensor
        lacks, has other channels or an unknown unit.

    Warns
    -----
    RateWarning
        If a sensor has another rate than in the training.
    UnlikeTrainingWarning
        Later, from `predictions`: if a sensor is unlike that of all people of the training, as in
        another unit or another column; `unlike` says so too.
    """

    def __init__(
        self,
        model: Model,
        sensors: Iterable[Input],
        *,
        delay: float | Literal["settling"] = 1.0,
        length: float | None = None,
        step: float = 1.0,
        interval: float | None = None,
        min_quality: float = 0.3,
        stale_after: float = 0.75,
        jitter: float = 0.0,
        calibrator: Calibrator | None = None,
        rest: tuple[float, float] | None = None,
    ) -> None:
        self.model, modalities = model, live_modalities(model, rest)
        self.sensors = bind(model, sensors)
        self.length = window_length(model, length)
        for name, value in {"step": step, "stale_after": stale_after}.items():
            if not value > 0:
                raise ArgumentError(f"{name} must be above 0, got {value!r}")
        self.step, self.stale_after, self.min_quality = step, stale_after, min_quality
        self._widths = None if interval is None else model.half_widths_of(interval)
        columns = list(model.columns)
        self._rows = LiveRows(
            modalities, self.sensors, columns, length=self.length, delay=delay, jitter=jitter
        )
        self.delay, self.settling = self._rows.delay, self._rows.settling
        self.warm_up, self.buffers = self._rows.warm_up, self._rows.buffers
        quality = ((one.modality, f"{one.modality}{SUFFIX}") for one in model.inputs)
        self._quality = {name: columns.index(one) for name, one in quality if one in columns}
        self._answers = Answers(model)
        self._likeness = Likeness(model)
        self.calibration = Calibration(model.targets, model.scale, calibrator)
        self._said: deque[tuple[float, float, dict[str, float]]] = deque(maxlen=SAID)
        self.rest = rest
        self._resting = [] if rest is None else rest_windows(*rest, self.length, step).T.tolist()
        self._timing: Timing | None = None
        self._number = 0
        self._pushed = dict.fromkeys(self.sensors, time.monotonic())
        self._patience = {
            name: max(stale_after, BETWEEN_EVENTS) if isinstance(one, EventBuffer) else stale_after
            for name, one in self.buffers.items()
        }

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
        self._rows.push(name, samples, times)
        self._pushed[name] = time.monotonic()

    def rehearse(self) -> None:
        """Predict from noise, without a trace: what is slow to load is there when samples come."""
        rng, seconds = np.random.default_rng(0), 2 * self.length + 20.0
        rows = self._rows.copy()
        for name, one in self.sensors.items():
            n_samples = int(seconds * (one.sfreq or 1.0))
            if one.sfreq is None:
                rows.push(name, np.ones(n_samples), np.arange(n_samples) + 0.5)
            else:
                rows.push(name, rng.normal(size=(max(len(one.channels), 1), n_samples)), 0.0)
        Answers(self.model).predict(rows.alone(seconds - self.length, seconds))
        self._pushed = dict.fromkeys(self.sensors, time.monotonic())

    def rate(
        self, ratings: Mapping[str, float], time: float | None = None
    ) -> dict[str, Calibrated]:
        """Take the person's ratings of a moment in; predictions from now on are moved by them.

        Intervals stay about what the model says: nothing tells how wide they must be about
        calibrated predictions.

        Parameters
        ----------
        ratings : mapping of str to float
            By target, on its scale.
        time : float, optional
            When, in seconds of the source's clock: the window that ends next to it is meant; by
            default the newest.

        Returns
        -------
        dict of str to Calibrated
            By target, how ratings so far would have been foretold.

        Raises
        ------
        ArgumentError
            If a target is unknown, a rating beyond its scale, or nothing was predicted then, or it
            was withheld.
        """
        moment = self._said[-1][1] if time is None and self._said else time
        near = [
            one for one in self._said if moment and one[0] <= moment <= one[1] + self.step + 1e-9
        ]
        if not near:
            raise ArgumentError(
                f"no window around {moment!r} s was predicted among the last {SAID}; rate what was"
            )
        found = min(near, key=lambda one: abs(one[1] - float(moment or 0.0)))
        self.calibration.rate(ratings, found[2])
        return self.calibration.state()

    def stale(self) -> dict[str, float]:
        """Say which sensors give nothing.

        Returns
        -------
        dict of str to float
            By sensor, seconds since its last samples on the wall clock; only those that are
            longer silent than `stale_after`.
        """
        return {name: age for name, age in self.ages().items() if age > self._patience[name]}

    def ages(self) -> dict[str, float]:
        """Say by sensor how many seconds ago samples came last, on the wall clock."""
        now = time.monotonic()
        return {name: now - then for name, then in self._pushed.items()}

    def prepared(self, modality: str) -> list[Any]:
        """Give what the newest preparation of a sensor made, one a channel, for a look at it.

        Parameters
        ----------
        modality : str
            Which sensor; one that the model does not take gives nothing.
        """
        found = (one for one in self._rows.modalities if one.modality.name == modality)
        return next((one.prepared for one in found), [])

    @property
    def targets(self) -> tuple[str, ...]:
        """What is predicted."""
        return self.model.targets

    @property
    def unlike(self) -> str:
        """Which sensors are unlike those of the training, and what to do; empty where none is.

        Looked at after six windows that do not overlap, and again whenever these have doubled, up
        to 96: a minute to a quarter of an hour where windows last 10 s.
        """
        return self._likeness.text

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
        return self._until(self._waited_for())

    def skip(self) -> None:
        """Pass over what became due, as where a session is joined late."""
        for _ in self._due(self._waited_for()):
            pass

    def finish(self) -> Iterator[Prediction]:
        """Give the rest when the source has ended: no later samples will come."""
        newest = max(one.newest for one in self.buffers.values())
        if np.isfinite(newest):
            yield from self._until(newest)

    def _begin(self) -> float:
        found = [one.origin for one in self.buffers.values() if one.origin is not None]
        return min(found)

    def _waited_for(self) -> float:
        """Time up to which every sensor that is not stale has given its samples and the delay."""
        newest = np.array([one.newest for one in self.buffers.values()])
        leading = newest.max()
        if not np.isfinite(leading):
            return -np.inf
        if not np.isfinite(newest).all() and leading - self._begin() < self.stale_after:
            return -np.inf
        return float(newest[newest >= leading - self.stale_after].min()) - self.delay

    def _until(self, end: float) -> Iterator[Prediction]:
        return map(self._predict, self._due(end))

    def _due(self, end: float) -> Iterator[int]:
        """Count on over the windows that end by then."""
        if self._timing is None:
            if not np.isfinite(end) or end < self._begin() + self.length - 1e-9:
                return
            self._timing = Timing(self._begin(), self.length, self.step, self.delay)
        self._take_rest(end)
        while True:
            start = self._timing.origin + self.step * self._number
            if start + self.length > end + 1e-9 * max(self.step, 1.0):
                return
            self._number += 1
            yield self._number - 1

    def _take_rest(self, end: float) -> None:
        """Compute the windows of the rest period that end by then."""
        while self._resting and self._resting[0][1] <= end + 1e-9:
            row = self._rows.alone(*self._resting.pop(0))[np.newaxis]
            known = self._answers.rest
            self._answers.rest = row if known is None else np.concatenate([known, row])

    def _predict(self, number: int) -> Prediction:
        began = time.perf_counter()
        assert self._timing is not None
        (start,), (stop,) = self._timing.windows(np.array([number]))
        row = self._rows.row(number, self._timing)
        quality = dict.fromkeys((one.modality for one in self.model.inputs), 0.0)
        quality |= {name: float(np.nan_to_num(row[at])) for name, at in self._quality.items()}
        calm = self.rest is not None and start < self.rest[1] - 1e-9
        why = f"the rest period lasts until {self.rest[1]:g} s" if self.rest and calm else None
        found, raw = self._answer(row, float(np.mean(list(quality.values()))), why)
        if found.withheld is None and self._likeness.look(row, float(start), float(stop)):
            warnings.warn(self._likeness.text, UnlikeTrainingWarning, stacklevel=4)
        self._said.append((float(start), float(stop), raw))
        return replace(
            found,
            start=float(start),
            time=float(stop),
            quality=quality,
            warming_up=bool(stop - self.warm_up < self._timing.origin - 1e-9),
            latency=time.perf_counter() - began,
            features=row,
        )

    def _answer(
        self, row: FloatArray, quality: float, why: str | None
    ) -> tuple[Prediction, dict[str, float]]:
        """Predict a row, or withhold it; give what the model says without ratings, too."""
        scaled = self._answers.scaled(row)
        if why is None and not quality >= self.min_quality:
            why = f"quality {quality:.2f} is below {self.min_quality:g}"
        if why is not None:
            lost = dict.fromkeys(self.model.targets, np.nan)
            bounds = {} if self._widths is None else lost
            return Prediction(0.0, 0.0, lost, {}, why, bounds, bounds), lost
        raw = self._answers.predict(scaled)
        found = {name: self.calibration.move(name, value) for name, value in raw.items()}
        low, high = self._bounds(raw)
        return Prediction(0.0, 0.0, found, {}, None, low, high), raw

    def _bounds(self, found: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
        if self._widths is None:
            return {}, {}
        low, high = {}, {}
        for target, half in self._widths.items():
            least, most = self.model.scale.get(target, (-np.inf, np.inf))
            low[target] = float(np.clip(found[target] - half, least, most))
            high[target] = float(np.clip(found[target] + half, least, most))
        return low, high
