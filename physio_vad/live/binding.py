"""What a source gives, checked against what a model takes."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, RateWarning, RecordingError
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.inputs import Input, check_input
from physio_vad.live.buffer import EventBuffer, SampleBuffer
from physio_vad.modalities import MODALITIES
from physio_vad.modalities.base import AnyModality
from physio_vad.persistence import Model
from physio_vad.preprocessing import SubjectScaler
from physio_vad.recording.units import is_irregular, modality_name, unit_name


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
                stacklevel=4,
            )
    return given


def live_modalities(model: Model, rest: tuple[float, float] | None = None) -> list[AnyModality]:
    """Make the modalities of a model that can run live.

    Parameters
    ----------
    model : Model
        Must take raw windows.
    rest : (begin, end), optional
        The rest period of a stream.

    Returns
    -------
    list of Modality
        Those that the model takes.

    Raises
    ------
    ArgumentError
        If it takes feature tables, or is normalised in a way that a stream cannot be, or not
        without a rest period.
    """
    first = model.pipeline.steps[0][1]
    if not isinstance(first, FeatureExtractor):
        raise ArgumentError(
            "a live model takes raw windows; save deploy(pipeline, FeatureExtractor())"
        )
    scalers = [one for _, one in model.pipeline.steps if isinstance(one, SubjectScaler)]
    for one in scalers:
        if one.reference == "session":
            raise ArgumentError(
                "the model is normalised by each person's session, which a stream does not have "
                "before its first prediction; train with normalise=None, 'online' or 'baseline'"
            )
    if bool(scalers) != (rest is not None):
        raise ArgumentError(
            "the model is normalised by each person's rest period: say when it is, "
            "rest=(begin, end) in seconds of the source's clock"
            if scalers
            else f"the model is not normalised by a rest period, got rest={rest!r}"
        )
    if rest is not None and not (np.isfinite(rest).all() and rest[1] - rest[0] >= 1):
        raise ArgumentError(f"rest must be (begin, end), a second at least, got {rest!r}")
    wanted = {one.modality for one in model.inputs}
    return [one for name, one in first.made().items() if name in wanted]


def window_length(model: Model, length: float | None) -> float:
    """Take the length of windows that is given, or that of the training, in seconds.

    Raises
    ------
    ArgumentError
        If neither is there.
    """
    found = model.window_length if length is None else length
    if found is None or not found > 0:
        raise ArgumentError(
            f"length must be that of the training's windows in seconds, got {found!r}; the model "
            "does not say it"
        )
    return float(found)


def make_buffer(sensor: Input, seconds: float, jitter: float) -> SampleBuffer | EventBuffer:
    """Make the buffer that fits a sensor; it keeps so many seconds."""
    if is_irregular(sensor.modality, sensor.unit):
        return EventBuffer(sensor, seconds)
    grid = MODALITIES[sensor.modality]().grid(sensor.sfreq) if sensor.sfreq else 1
    return SampleBuffer(sensor, seconds, grid, jitter)


def pieces(
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
