"""Signal, Events and Recording: what one person's sensors gave in one trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray, as_floats
from physio_vad.exceptions import RecordingError
from physio_vad.recording.names import as_name
from physio_vad.recording.ratings import VAD, Ratings, Scale
from physio_vad.recording.units import modality_name, unit_name

if TYPE_CHECKING:
    import mne
    import pandas as pd

    from physio_vad.recording.from_memory import Kind

_MONTH = 31 * 86400.0
_LONGEST_STEP = 60.0
"""Seconds that a sample or an event stands for, beyond which what lies between counts as empty."""


@dataclass(frozen=True, eq=False)
class Signal:
    """A sensor's samples at a constant rate.

    Parameters
    ----------
    values : array of shape (n_channels, n_samples) or (n_samples,)
        Samples in `unit`; NaN, Inf or masked where there are none. Kept as float64, not copied when
        it already is, and not written to.
    sfreq : float
        Sampling rate in Hz.
    unit : str
        Unit of the values, such as ``"uV"``.
    channels : sequence of str, optional
        Name of each channel, unique; ``("0", "1", ...)`` by default.
    start : float
        Time of the first sample, in seconds from the recording's start.
    polarity : int or sequence of int, optional
        Which way up an ECG, PPG or EOG is, of each channel: 1 as it is, -1 upside down, 0 to find
        out, as is done by default.

    Raises
    ------
    RecordingError
        If shapes do not fit, the rate is not finite and positive, names are not unique or a
        polarity is none.

    Examples
    --------
    >>> import numpy as np
    >>> signal = Signal(np.zeros((2, 500)), sfreq=250.0, unit="uV", channels=["F3", "F4"])
    >>> signal.n_channels, signal.n_samples, signal.stop
    (2, 500, 2.0)
    """

    values: FloatArray
    sfreq: float
    unit: str
    channels: tuple[str, ...] = ()
    start: float = 0.0
    polarity: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        values = _float_view(self.values, "a signal's values")
        values = values[np.newaxis] if values.ndim == 1 else values
        if values.ndim != 2 or values.shape[0] == 0:
            raise RecordingError(
                f"a signal's values must have shape (n_channels, n_samples), got {values.shape}"
            )
        channels = (self.channels,) if isinstance(self.channels, str) else self.channels
        channels = tuple(map(as_name, channels)) or tuple(map(str, range(values.shape[0])))
        if len(channels) != values.shape[0] or len(set(channels)) != len(channels):
            raise RecordingError(
                f"a signal needs one unique name for each of its {values.shape[0]} channels, got "
                f"{channels!r}"
            )
        polarity = tuple(np.atleast_1d(self.polarity).tolist())
        if len(polarity) not in (0, len(channels)) or not set(polarity) <= {-1, 0, 1}:
            raise RecordingError(
                f"polarity must be 1, -1 or 0 for each of the {len(channels)} channels, got "
                f"{self.polarity!r}"
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "channels", channels)
        object.__setattr__(self, "polarity", tuple(map(int, polarity)))
        object.__setattr__(self, "sfreq", _positive(self.sfreq, "sfreq (Hz)"))
        object.__setattr__(self, "start", _finite(self.start, "start (s)"))

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.values.shape[0])

    @property
    def n_samples(self) -> int:
        """Number of samples of each channel."""
        return int(self.values.shape[1])

    @property
    def stop(self) -> float:
        """Time after the last sample, in seconds from the recording's start."""
        return self.start + self.n_samples / self.sfreq

    @property
    def times(self) -> FloatArray:
        """Time of each sample in seconds, shape (n_samples,)."""
        return self.start + np.arange(self.n_samples) / self.sfreq

    def crop(self, start: float, stop: float) -> Signal:
        """Return the samples with ``start <= time < stop``, as a view."""
        first, last = (
            int(np.clip(np.ceil((time - self.start) * self.sfreq - 1e-6), 0, self.n_samples))
            for time in (start, stop)
        )
        return replace(
            self, values=self.values[:, first:last], start=self.start + first / self.sfreq
        )


@dataclass(frozen=True, eq=False)
class Events:
    """What a device gives as irregular events, such as inter-beat intervals.

    Parameters
    ----------
    times : array of shape (n_events,)
        Seconds from the recording's start, ascending.
    values : array of shape (n_events,)
        Value of each event in `unit`.
    unit : str
        Unit of the values, such as ``"s"``.

    Raises
    ------
    RecordingError
        If shapes do not fit or times are not finite and ascending.
    """

    times: FloatArray
    values: FloatArray
    unit: str

    def __post_init__(self) -> None:
        times = _float_view(self.times, "times of events")
        values = _float_view(self.values, "values of events")
        if times.ndim != 1 or times.shape != values.shape:
            raise RecordingError(
                "events need times (n_events,) and values (n_events,), got "
                f"{times.shape} and {values.shape}"
            )
        if not np.isfinite(times).all() or (np.diff(times) < 0).any():
            raise RecordingError("times of events must be finite and ascending; sort them first")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "values", values)

    @property
    def start(self) -> float:
        """Time of the first event in seconds, NaN without events."""
        return float(self.times[0]) if len(self.times) else np.nan

    @property
    def stop(self) -> float:
        """Time of the last event in seconds, NaN without events."""
        return float(self.times[-1]) if len(self.times) else np.nan

    def crop(self, start: float, stop: float) -> Events:
        """Return the events with ``start <= time < stop``."""
        first, last = np.searchsorted(self.times, [start, stop])
        return replace(self, times=self.times[first:last], values=self.values[first:last])


@dataclass(frozen=True, eq=False)
class Recording:
    """One person's signals in one trial, and how the person rated it.

    Parameters
    ----------
    subject : str
        Who was recorded.
    signals : mapping of str to Signal or Events
        One entry a modality (``"eeg"``, ``"eda"``, ...), each at its own rate. Aliases such as
        ``"gsr"`` are resolved.
    ratings : Ratings, optional
        None for a recording to predict.
    trial : str
        Name of the trial; ``(subject, trial)`` is unique in a data set.
    stimulus : str, optional
        What was shown, where it repeats between people.
    baseline : sequence of (start, stop)
        Rest periods in seconds, for ``normalise="baseline"``.
    start_time : float, optional
        Seconds since 1970 at the recording's time 0, where the files tell it; the wall clock is
        taken for UTC where they do not name a zone. By it files of several devices meet.

    Raises
    ------
    RecordingError
        If there is no signal, a modality is unknown, it does not know the signal's unit, the
        start is not finite, or nothing is recorded in most of a time longer than a month.

    Examples
    --------
    >>> import numpy as np
    >>> gsr = Signal(np.full(40, 2.5), sfreq=4.0, unit="uS")
    >>> recording = Recording("anna", {"gsr": gsr}, Ratings.constant({"valence": 6.0}))
    >>> list(recording.signals), recording.targets, recording.stop
    (['eda'], ('valence',), 10.0)
    """

    subject: str
    signals: Mapping[str, Signal | Events]
    ratings: Ratings | None = None
    trial: str = "1"
    stimulus: str | None = None
    baseline: Sequence[tuple[float, float]] = field(default=())
    start_time: float | None = None

    def __post_init__(self) -> None:
        where = f"recording {self.subject!r}, trial {self.trial!r}"
        if not self.signals:
            raise RecordingError(f"{where}: a recording needs at least one signal")
        signals: dict[str, Signal | Events] = {}
        for given, signal in self.signals.items():
            if not isinstance(signal, Signal | Events):
                raise RecordingError(
                    f"{where}: {given!r} must be a Signal or Events, got {type(signal).__name__}"
                )
            name = modality_name(given)
            if name in signals:
                raise RecordingError(f"{where}: two signals for modality {name!r}; join channels")
            try:
                unit = unit_name(name, signal.unit)
            except RecordingError as error:
                raise RecordingError(f"{where}: {error}") from None
            signals[name] = signal if unit == signal.unit else replace(signal, unit=unit)
        if self.ratings is not None and not isinstance(self.ratings, Ratings):
            raise RecordingError(
                f"{where}: ratings must be Ratings or None, got {type(self.ratings).__name__}; "
                "make them with Ratings.constant, Ratings.series or Ratings.intervals"
            )
        try:
            baseline = tuple((float(start), float(stop)) for start, stop in self.baseline)
        except (TypeError, ValueError):
            baseline = ((np.nan, np.nan),)
        if any(not stop > start for start, stop in baseline):
            raise RecordingError(
                f"{where}: baseline must be (start, stop) pairs in seconds with start < stop, got "
                f"{self.baseline!r}"
            )
        _check_times(signals, where)
        object.__setattr__(self, "signals", MappingProxyType(signals))
        object.__setattr__(self, "subject", as_name(self.subject))
        object.__setattr__(self, "trial", as_name(self.trial))
        if self.stimulus is not None:
            object.__setattr__(self, "stimulus", as_name(self.stimulus))
        object.__setattr__(self, "baseline", baseline)
        if self.start_time is not None:
            seconds = _finite(self.start_time, "start_time (s since 1970)")
            object.__setattr__(self, "start_time", seconds)

    @classmethod
    def from_arrays(
        cls,
        data: npt.ArrayLike,
        sfreq: float,
        channels: Mapping[str, Kind | None],
        *,
        subject: str,
        ratings: npt.ArrayLike | None = None,
        targets: Sequence[str] = VAD,
        scale: Any = None,
        stimuli: Sequence[str] | None = None,
    ) -> list[Recording]:
        """Make recordings of one person's array, one a trial.

        Parameters
        ----------
        data : array of shape (n_trials, n_channels, n_samples) or (n_channels, n_samples)
            Samples; NaN where there are none. Two axes are one trial.
        sfreq : float
            Rate of all channels in Hz.
        channels : mapping of str to (modality, unit) or None
            Name of each row, in their order, and what it is: ``{"Fp1": ("eeg", "uV"), "GSR":
            ("eda", "ohm"), "marker": None}``. None leaves a row out.
        subject : str
            Who was recorded.
        ratings : array of shape (n_trials, n_targets) or (n_targets,), optional
            Rating of each trial, NaN where a target was not rated.
        targets : sequence of str
            Name of each column of `ratings`, in their order (DEAP: valence, arousal, dominance,
            liking).
        scale : (low, high) or mapping of str to (low, high), optional
            Declared range of the targets.
        stimuli : sequence of str, optional
            What was shown in each trial.

        Returns
        -------
        list of Recording
            Trials are named "1", "2", ...

        Raises
        ------
        RecordingError
            If shapes do not fit, or a modality or unit is unknown.

        Examples
        --------
        >>> import numpy as np
        >>> data = np.zeros((2, 3, 1280))  # trials, channels, samples
        >>> kinds = {"F3": ("eeg", "uV"), "F4": ("eeg", "uV"), "GSR": ("eda", "uS")}
        >>> Recording.from_arrays(data, 128.0, kinds, subject="s01", ratings=[[7, 3, 5], [2, 6, 4]])
        [<Recording s01/1: eeg, eda at 128 Hz, 10 s>, <Recording s01/2: eeg, eda at 128 Hz, 10 s>]
        """
        from physio_vad.recording import from_memory

        return from_memory.from_arrays(
            data,
            sfreq,
            channels,
            subject=subject,
            ratings=ratings,
            targets=targets,
            scale=scale,
            stimuli=stimuli,
        )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        columns: Mapping[str, Kind],
        *,
        subject: str,
        trial: str = "1",
        sfreq: float | None = None,
        time: str | None = None,
        targets: Sequence[str] = (),
        scale: Any = None,
    ) -> Recording:
        """Make a recording of a table with a row a sample.

        Parameters
        ----------
        frame : DataFrame of shape (n_samples, n_columns)
            Samples at a constant rate; NaN where there are none.
        columns : mapping of str to (modality, unit)
            What columns are: ``{"EDA": ("eda", "uS")}``; others are left out.
        subject, trial : str
            Who was recorded, and in which trial.
        sfreq : float, optional
            Rate in Hz; by default it is measured by the clock.
        time : str, optional
            Column with the clock, in seconds or dates; by default an index of dates is the clock.
        targets : sequence of str
            Columns with ratings: the same on all rows, or changing.
        scale : (low, high) or mapping of str to (low, high), optional
            Declared range of the targets.

        Raises
        ------
        RecordingError
            If a column is missing, there is no rate, the clock has gaps, or a modality or unit is
            unknown.

        Examples
        --------
        >>> import numpy as np
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"t": np.arange(40) / 4, "GSR": 2.5, "valence": 6})
        >>> Recording.from_frame(
        ...     frame, {"GSR": ("eda", "uS")}, subject="anna", time="t", targets=["valence"]
        ... )
        <Recording anna/1: eda at 4 Hz, 10 s>
        """
        from physio_vad.recording import from_memory

        return from_memory.from_frame(
            frame,
            columns,
            subject=subject,
            trial=trial,
            sfreq=sfreq,
            time=time,
            targets=targets,
            scale=scale,
        )

    @classmethod
    def from_mne(
        cls,
        raw: mne.io.BaseRaw,
        channels: Mapping[str, Kind | None] = MappingProxyType({}),
        *,
        subject: str,
        trial: str = "1",
        ratings: Ratings | None = None,
    ) -> Recording:
        """Make a recording of what MNE has read or made.

        Parameters
        ----------
        raw : mne.io.Raw
            EEG, EOG, ECG and EMG in volts, as MNE holds them; values are copied.
        channels : mapping of str to (modality, unit) or None
            What further channels are, or those with another type than they should have:
            ``{"GSR": ("eda", "uS")}``; None leaves one out. A channel of type "eeg" that is named
            ECG, EOG or the like is taken for that; types without a modality are left out.
        subject, trial : str
            Who was recorded, and in which trial.
        ratings : Ratings, optional
            None for a recording to predict.

        Raises
        ------
        RecordingError
            If there is no such channel, none is of a known kind, or a modality or unit is unknown.
        """
        from physio_vad.recording import from_memory

        return from_memory.from_mne(raw, channels, subject=subject, trial=trial, ratings=ratings)

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"signals": dict(self.signals)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, signals=MappingProxyType(dict(state["signals"])))  # type: ignore[call-overload]

    def __repr__(self) -> str:
        rates = {name: getattr(one, "sfreq", None) for name, one in self.signals.items()}
        if len(set(rates.values())) == 1:
            rate = next(iter(rates.values()))
            signals = ", ".join(rates) + (f" at {rate:g} Hz" if rate else "")
        else:
            told = {name: f" {rate:g} Hz" if rate else "" for name, rate in rates.items()}
            signals = ", ".join(name + rate for name, rate in told.items())
        return f"<Recording {self.subject}/{self.trial}: {signals}, {self.stop - self.start:g} s>"

    @property
    def start(self) -> float:
        """Time in seconds at which the first signal begins; 0 where there are only empty ones."""
        starts = [signal.start for signal in self.signals.values()]
        return min((one for one in starts if not np.isnan(one)), default=0.0)

    @property
    def stop(self) -> float:
        """Time in seconds at which the last signal ends; 0 where there are only empty ones."""
        stops = [signal.stop for signal in self.signals.values()]
        return max((one for one in stops if not np.isnan(one)), default=0.0)

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the rated targets, empty without ratings."""
        return () if self.ratings is None else self.ratings.targets

    @property
    def scale(self) -> Scale:
        """Declared range of each target, where there is one."""
        return {} if self.ratings is None else self.ratings.scale

    def crop(self, start: float, stop: float) -> Recording:
        """Return the part with ``start <= time < stop``; times keep their zero."""
        return replace(
            self, signals={name: one.crop(start, stop) for name, one in self.signals.items()}
        )


def _float_view(values: object, what: str) -> FloatArray:
    """Read-only float64 view of an array; copies only what is not float64 yet."""
    try:
        array = as_floats(values)
    except (TypeError, ValueError) as error:
        raise RecordingError(f"{what} must be numbers: {error}") from None
    view = array.view()
    view.setflags(write=False)
    return view


def _finite(value: float, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise RecordingError(f"{what} must be a finite number, got {value!r}")
    return number


def _check_times(signals: Mapping[str, Signal | Events], where: str) -> None:
    """Refuse clocks that disagree so far that the windows between them would fill the memory."""
    spans = {name: (one.start, one.stop) for name, one in signals.items()}
    spans = {name: span for name, span in spans.items() if not np.isnan(span).any()}
    if not spans:
        return
    first = min(spans, key=lambda name: spans[name][0])
    last = max(spans, key=lambda name: spans[name][1])
    seconds = spans[last][1] - spans[first][0]
    rows = (one.values.shape[-1] for one in signals.values())
    if not seconds <= _MONTH + _LONGEST_STEP * sum(rows):
        raise RecordingError(
            f"{where}: goes from {spans[first][0]:g} s ({first!r}) to {spans[last][1]:g} s "
            f"({last!r}) and is empty in most of it; are the clocks the same, and in seconds?"
        )


def _positive(value: float, what: str) -> float:
    number = _finite(value, what)
    if number <= 0:
        raise RecordingError(f"{what} must be above 0, got {value!r}")
    return number
