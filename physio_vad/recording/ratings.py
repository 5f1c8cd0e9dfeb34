"""Ratings of a recording: what the person felt, when, on which scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import BoolArray, FloatArray, as_floats
from physio_vad.exceptions import RecordingError
from physio_vad.validation import reserved_names

VAD: tuple[str, ...] = ("valence", "arousal", "dominance")
"""The default targets."""

SAMPLES_OF_A_STRETCH = 20
"""A rating given sample by sample is constant over stretches if it typically holds this long."""

Limits = tuple[float, float]
Scale = Mapping[str, Limits]


def clip_to_scale(predictions: FloatArray, targets: Sequence[str], scale: Scale) -> FloatArray:
    """Clip predictions to the declared scale of each target.

    Parameters
    ----------
    predictions : array of shape (n_rows, n_targets)
        Predictions.
    targets : sequence of str
        Names of the columns.
    scale : mapping of str to (low, high)
        Declared range of targets; one without a range is left as it is.

    Returns
    -------
    array of shape (n_rows, n_targets)
        Predictions within their scale.

    Examples
    --------
    >>> import numpy as np
    >>> clip_to_scale(np.array([[12.0, 12.0]]), ["valence", "stress"], {"valence": (1, 9)}).tolist()
    [[9.0, 12.0]]
    """
    limits = np.array([scale.get(target, (-np.inf, np.inf)) for target in targets], dtype=float)
    return np.asarray(np.clip(predictions, limits[:, 0], limits[:, 1]))


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings as intervals in time, each with one value per target.

    A constant rating is one interval without bounds, a continuous one is a chain of intervals in
    which each value holds until the next. Use `constant`, `series` or `intervals` to make one.

    Parameters
    ----------
    starts, stops : array of shape (n_intervals,)
        Seconds from the recording's start, ascending, not overlapping; may be infinite.
    values : array of shape (n_intervals, n_targets)
        NaN where a target was not rated.
    targets : sequence of str
        Name of each column of `values`.
    scale : mapping of str to (low, high), or (low, high)
        Declared range of each target, or of all, in the unit of the ratings; targets may be left
        out.

    Raises
    ------
    RecordingError
        If shapes do not fit, times are not ascending or a value lies outside its scale.

    Examples
    --------
    >>> ratings = Ratings.constant({"valence": 7.0, "arousal": 3.0}, scale={"valence": (1, 9)})
    >>> ratings.mean([0.0, 5.0], [5.0, 10.0]).tolist()
    [[7.0, 3.0], [7.0, 3.0]]
    """

    starts: FloatArray
    stops: FloatArray
    values: FloatArray
    targets: tuple[str, ...] = VAD
    scale: Scale = field(default_factory=dict)

    def __post_init__(self) -> None:
        targets = _names(self.targets)
        starts, stops = _numbers(self.starts, "times"), _numbers(self.stops, "times")
        values = _numbers(self.values, "values")
        n_intervals = len(starts)
        if taken := reserved_names(targets):
            raise RecordingError(taken)
        if len(targets) == 0 or len(set(targets)) != len(targets):
            raise RecordingError(f"targets must be unique names, at least one, got {targets!r}")
        if stops.shape != (n_intervals,) or values.shape != (n_intervals, len(targets)):
            raise RecordingError(
                f"ratings need starts (n,), stops (n,) and values (n, {len(targets)}) for targets "
                f"{targets!r}, got {starts.shape}, {stops.shape} and {values.shape}"
            )
        _check_order(starts, stops)
        declared = _by_target(self.scale, targets)
        scale = {str(name): _check_range(name, limits) for name, limits in declared.items()}
        for column, target in enumerate(targets):
            _check_within(values[:, column], starts, target, scale.get(target))
        for array in (starts, stops, values):
            array.setflags(write=False)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "stops", stops)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(
            self, "scale", MappingProxyType({t: scale[t] for t in targets if t in scale})
        )

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"scale": dict(self.scale)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, scale=MappingProxyType(dict(state["scale"])))  # type: ignore[call-overload]

    @classmethod
    def constant(cls, values: Mapping[str, float], scale: Scale | Limits | None = None) -> Ratings:
        """One rating for the whole recording.

        Parameters
        ----------
        values : mapping of str to float
            Rating of each target.
        scale : mapping of str to (low, high), or (low, high), optional
            Declared range of each target, or of all.
        """
        row = _numbers([list(values.values())], "values")
        return cls(
            np.array([-np.inf]), np.array([np.inf]), row, tuple(values), _by_target(scale, values)
        )

    @classmethod
    def series(
        cls,
        times: npt.ArrayLike,
        values: npt.ArrayLike,
        targets: str | Sequence[str] = VAD,
        scale: Scale | Limits | None = None,
    ) -> Ratings:
        """Ratings given again and again; each holds until the next.

        Parameters
        ----------
        times : array of shape (n,)
            Seconds from the recording's start, strictly ascending. The last rating holds for the
            median distance.
        values : array of shape (n, n_targets)
            Ratings, NaN where a target was not rated.
        targets : sequence of str
            Name of each column.
        scale : mapping of str to (low, high), or (low, high), optional
            Declared range of each target, or of all.
        """
        starts = _numbers(times, "times")
        last = float(np.median(np.diff(starts))) if len(starts) > 1 else np.inf
        stops = np.append(starts[1:], starts[-1:] + last)
        return cls(
            starts, stops, _numbers(values, "values"), _names(targets), _by_target(scale, targets)
        )

    @classmethod
    def intervals(
        cls,
        starts: npt.ArrayLike,
        stops: npt.ArrayLike,
        values: npt.ArrayLike,
        targets: str | Sequence[str] = VAD,
        scale: Scale | Limits | None = None,
    ) -> Ratings:
        """Ratings of labelled stretches; what lies between them is not rated.

        Parameters
        ----------
        starts, stops : array of shape (n,)
            Seconds from the recording's start, in any order, not overlapping.
        values : array of shape (n, n_targets)
            Ratings, NaN where a target was not rated.
        targets : sequence of str
            Name of each column.
        scale : mapping of str to (low, high), or (low, high), optional
            Declared range of each target, or of all.
        """
        starts, stops = _numbers(starts, "times"), _numbers(stops, "times")
        values = _numbers(values, "values")
        if starts.shape == stops.shape == values.shape[:1]:
            order = np.argsort(starts, kind="stable")
            starts, stops, values = starts[order], stops[order], values[order]
        return cls(starts, stops, values, _names(targets), _by_target(scale, targets))

    def mean(
        self, starts: npt.ArrayLike, stops: npt.ArrayLike, min_coverage: float = 0.5
    ) -> FloatArray:
        """Average the ratings over windows, weighted with time.

        Parameters
        ----------
        starts, stops : array of shape (n_windows,)
            Windows in seconds.
        min_coverage : float
            Share of a window, in [0, 1], that must be rated; below it the mean is NaN.

        Returns
        -------
        array of shape (n_windows, n_targets)
            Time-weighted means.
        """
        starts, stops = np.asarray(starts, dtype=float), np.asarray(stops, dtype=float)
        if len(starts) == 0 or len(self.starts) == 0:
            return np.full((len(starts), len(self.targets)), np.nan)
        columns = [
            _mean(*self._stretches(column), starts, stops, min_coverage) for column in self.values.T
        ]
        return np.column_stack(columns)

    def straddled(self, starts: npt.ArrayLike, stops: npt.ArrayLike) -> BoolArray:
        """Mark windows that lie over two ratings of a target that is constant over stretches.

        The mean of two such ratings is one that nobody gave. A target is constant over stretches
        if its rating typically holds for a window or longer, as one long interval or as the same
        value of many samples; what changes all the time, such as a joystick, is not.

        Parameters
        ----------
        starts, stops : array of shape (n_windows,)
            Windows in seconds.

        Returns
        -------
        array of bool of shape (n_windows, n_targets)
            False throughout for a target that is not constant over stretches.
        """
        starts, stops = np.asarray(starts, dtype=float), np.asarray(stops, dtype=float)
        marks = np.zeros((len(starts), len(self.targets)), dtype=bool)
        if len(starts) == 0:
            return marks
        length = float(np.median(stops - starts))
        for column, given in enumerate(self.values.T):
            values, begins, ends = self._stretches(given)
            if len(values) > 1 and self._is_steady(given, ends - begins, length):
                number = np.cumsum(np.diff(values, prepend=values[0]) != 0)
                first = np.searchsorted(ends, starts + 1e-6, side="right")
                last = np.searchsorted(begins, stops - 1e-6, side="left") - 1
                inside = last > first
                marks[inside, column] = number[last[inside]] > number[first[inside]]
        return marks

    def _is_steady(self, given: FloatArray, lengths: FloatArray, window: float) -> bool:
        """Tell whether a target, of stretches of these lengths, is constant over stretches."""
        rated = ~np.isnan(given)
        held, sample = np.median(lengths), np.median(self.stops[rated] - self.starts[rated])
        return bool(held >= window and (sample >= window or held >= SAMPLES_OF_A_STRETCH * sample))

    def _stretches(self, given: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Join rated intervals of one value that follow each other: values, starts, stops."""
        rated = ~np.isnan(given)
        values, starts, stops = given[rated], self.starts[rated], self.stops[rated]
        joined = (np.diff(values) == 0) & (starts[1:] <= stops[:-1] + 1e-9)
        first = np.append(True, ~joined)[: len(values)]
        last = np.append(~joined, True)[: len(values)]
        return values[first], starts[first], stops[last]


def _mean(
    values: FloatArray,
    begins: FloatArray,
    ends: FloatArray,
    starts: FloatArray,
    stops: FloatArray,
    min_coverage: float,
) -> FloatArray:
    """Average the values of stretches over windows."""
    if len(values) == 0:
        return np.full(len(starts), np.nan)
    low, high = float(starts.min()), float(stops.max())
    begins, ends = np.clip(begins, low, high), np.clip(ends, low, high)
    knots = np.column_stack([begins, ends]).ravel()
    lengths = ends - begins
    rated_time = _integral(knots, lengths, starts, stops)
    centre = float(values.mean())  # keeps the difference of two long sums exact
    area = _integral(knots, (values - centre) * lengths, starts, stops)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = centre + area / rated_time
    inside = np.searchsorted(begins, starts, side="right") - 1
    held = (inside >= 0) & (ends[inside] >= stops)
    mean = np.where(held, values[inside], mean)
    # Less than a microsecond of ratings is rounding, whatever coverage is asked for.
    enough = rated_time >= np.maximum(min_coverage * (stops - starts) - 1e-9, 1e-6)
    return np.where(enough | held, mean, np.nan)


def _numbers(values: object, what: str) -> FloatArray:
    """Copy to a float64 array of one dimension or more."""
    try:
        return np.array(as_floats(values), ndmin=1)
    except (TypeError, ValueError) as error:
        raise RecordingError(f"{what} of ratings must be numbers: {error}") from None


def _names(targets: str | Sequence[str]) -> tuple[str, ...]:
    return (targets,) if isinstance(targets, str) else tuple(targets)


def _stretches(
    starts: FloatArray, stops: FloatArray, values: FloatArray, length: float
) -> tuple[FloatArray, FloatArray] | None:
    """Give starts and stops of the stretches of one value, None if the rating is no such."""
    new = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
    if len(new) < 2:
        return None
    begins, ends = starts[new], stops[np.append(new[1:] - 1, len(values) - 1)]
    held, given = float(np.median(ends - begins)), float(np.median(stops - starts))
    steady = held >= length and (given >= length or held >= SAMPLES_OF_A_STRETCH * given)
    return (begins, ends) if steady else None


def _by_target(scale: Scale | Limits | None, targets: Iterable[str] | str) -> Scale:
    """Give each target its range where one pair stands for all."""
    if scale is None or isinstance(scale, Mapping):
        return scale or {}
    return dict.fromkeys([targets] if isinstance(targets, str) else targets, scale)


def _integral(
    knots: FloatArray, areas: FloatArray, starts: FloatArray, stops: FloatArray
) -> FloatArray:
    """Integrate a step function, given as the area under each of its intervals."""
    steps = np.column_stack([np.zeros_like(areas), areas]).ravel()
    total = np.cumsum(steps)
    return np.asarray(np.interp(stops, knots, total) - np.interp(starts, knots, total))


def _check_order(starts: FloatArray, stops: FloatArray) -> None:
    if np.isnan(starts).any() or np.isnan(stops).any():
        raise RecordingError("times of ratings must not be NaN")
    empty = np.flatnonzero(~(stops > starts))
    if len(empty):
        row = int(empty[0])
        raise RecordingError(
            f"a rating must end after it starts: number {row} has start {starts[row]:g} s and stop "
            f"{stops[row]:g} s; sort the ratings by time and remove doubles"
        )
    overlap = np.flatnonzero(starts[1:] < stops[:-1] - 1e-9)
    if len(overlap):
        row = int(overlap[0])
        raise RecordingError(
            f"ratings must not overlap: number {row} ends at {stops[row]:g} s and number {row + 1} "
            f"starts at {starts[row + 1]:g} s"
        )


def _check_range(target: str, limits: Sequence[float]) -> tuple[float, float]:
    try:
        low, high = (float(limit) for limit in limits)
    except (TypeError, ValueError):
        low, high = np.nan, np.nan
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise RecordingError(
            f"scale of {target!r} must be (low, high) with low < high, got {limits!r}"
        )
    return low, high


def _check_within(
    values: FloatArray, starts: FloatArray, target: str, limits: tuple[float, float] | None
) -> None:
    if np.isinf(values).any():
        raise RecordingError(f"ratings of {target!r} must be finite or NaN, got an infinite one")
    if limits is None:
        return
    outside = np.flatnonzero(is_outside(values, limits))
    if len(outside):
        row = int(outside[0])
        value, scale = f"{values[row]:g}", f"the declared scale {limits[0]:g} to {limits[1]:g}"
        if len(values) == 1 and np.isinf(starts[row]):
            said = f"the rating of {target!r}, {value}, lies outside {scale}"
        else:
            when = f" at {starts[row]:g} s" if np.isfinite(starts[row]) else ""
            said = (
                f"{len(outside)} of {len(values)} ratings of {target!r} lie outside {scale}: the "
                f"first is {value}{when}"
            )
        raise RecordingError(f"{said}; correct the data or declare the right scale")


def is_outside(values: FloatArray, limits: tuple[float, float]) -> BoolArray:
    """Mark the ratings that lie outside a scale by more than rounding; NaN lies in any.

    Parameters
    ----------
    values : array
        Ratings.
    limits : (low, high)
        The scale.
    """
    slack = 1e-9 * (limits[1] - limits[0])
    return np.asarray((values < limits[0] - slack) | (values > limits[1] + slack))
