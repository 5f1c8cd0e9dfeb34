"""The contract that every modality keeps, as checks to run on a new one."""

from __future__ import annotations

import contextlib
import inspect
import pickle
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import PhysioVadError, SignalWarning
from physio_vad.features.extractor import extract_features
from physio_vad.features.long_recordings import extract_in_blocks
from physio_vad.features.windows import make_windows
from physio_vad.modalities.base import AnyModality, ModalityClass
from physio_vad.modalities.feature import Feature, FeatureBlock
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.recording.units import Conversion

LENGTH, STEP = 20.0, 10.0
FILLERS = (np.nan, np.inf, -np.inf, 1e300)
ROUNDING = 1e-12
TWO = ("left", "right")


def check_modality(cls: ModalityClass, signal: Signal | Events | None = None) -> None:
    """Check that a registered modality keeps the contract; for use in a test.

    Parameters and pickling; columns named as in the catalogue; one row a window, whatever the
    order of the windows and however many there are; times and units that may shift and scale;
    input not written to; gaps that stay where they are; the same numbers block by block; any
    numbers of any length and rate without an error, a warning or an infinite value; cost that grows
    with the length and no faster.

    How many channels: by default one, and where the class takes channels ``together`` then also
    two, called left and right; one has to do, with NaN for what needs two. With `signal` exactly
    its channels. So a modality that cannot do without several, or that pairs channels by other
    names, is checked with a signal that has them, and pairs there must be if a feature has one
    column for each.

    Parameters
    ----------
    cls : subclass of Modality
        Made with its default parameters. Parameters in seconds by which its features look back
        beyond a window end in ``context``.
    signal : Signal or Events, optional
        A typical signal of ten minutes, best with events in it, in the modality's own unit. By
        default noise and pulses in the range of plausible values (`example_signal`).

    Raises
    ------
    AssertionError
        If it does not; the message names the check and what was found. What the class raised or
        warned of is its cause.
    RecordingError
        If it is not registered.

    Examples
    --------
    >>> from physio_vad.modalities import Temperature
    >>> check_modality(Temperature)
    """
    signals = [signal] if signal is not None else [example_signal(cls)]
    if signal is None and cls.together:
        signals.append(example_signal(cls, channels=TWO))
    for one, (name, check) in product(signals, MODALITY_CHECKS.items()):
        check(Case(cls, one, name))


@dataclass(frozen=True, eq=False)
class Case:
    """A modality and a typical signal for it.

    Parameters
    ----------
    cls : subclass of Modality
        The modality.
    signal : Signal or Events
        Ten minutes in its own unit.
    check : str
        Name of the check, for messages.
    """

    cls: ModalityClass
    signal: Signal | Events
    check: str = ""

    @property
    def windows(self) -> tuple[FloatArray, FloatArray]:
        """Windows over the whole signal, and some that reach beyond it."""
        starts = np.arange(self.signal.start - STEP, self.signal.stop, STEP)
        return starts, starts + LENGTH

    @property
    def reach(self) -> float:
        """How far features look back, in seconds."""
        parameters = self.cls().get_params()
        contexts = [float(value) for name, value in parameters.items() if name.endswith("context")]
        return max([0.0, *contexts])

    def extract(
        self,
        signal: Signal | Events | None = None,
        windows: tuple[FloatArray, FloatArray] | None = None,
        modality: AnyModality | None = None,
    ) -> FeatureBlock:
        """Compute a block; a Python warning is an error."""
        signal = self.signal if signal is None else signal
        modality = self.cls() if modality is None else modality
        starts, stops = self.windows if windows is None else windows
        recording = Recording("check", {self.cls.name: signal})
        with self.computing(signal):
            return modality.extract(recording, starts, stops)

    @contextlib.contextmanager
    def computing(self, signal: Signal | Events | None = None) -> Iterator[None]:
        """Turn what the modality raises or warns of into an AssertionError that says where."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                yield
        except PhysioVadError as error:
            self.expect(False, str(error))
        except Exception as error:
            said = _raised(error, self.signal if signal is None else signal, self.cls.together)
            raise AssertionError(f"{self.broken}{said}") from error

    @property
    def broken(self) -> str:
        """How every complaint begins."""
        where = f" ({self.check})" if self.check else ""
        return f"{self.cls.__name__} breaks the contract{where}: "

    def expect(self, condition: object, what: str) -> None:
        """Raise an AssertionError that says what should be."""
        if not condition:
            raise AssertionError(self.broken + what)

    def expect_same(
        self,
        found: FloatArray,
        wanted: FloatArray,
        what: str,
        tolerance: float = 0.0,
        meaning: str = "",
    ) -> None:
        """Compare features; `tolerance` is a part of each feature's range.

        With a tolerance, rounding counts for nothing: 1e-12 of the largest value, and of 1 where
        values are pure numbers or all 0, so that no scale is known. What a difference means may be
        said at the end.
        """
        names, units = self.columns, {one.name: one.unit for one in self.cls().features}
        self.expect(found.shape == wanted.shape, f"{what}: {found.shape} is not {wanted.shape}")
        for name, a, b in zip(names, found.T, wanted.T, strict=True):
            other = np.flatnonzero(np.isnan(a) != np.isnan(b))
            self.expect(
                len(other) == 0,
                f"{what}: {name} is NaN in other rows, {len(other)} of {len(a)}, first "
                f"{_at(other, a, b)}{meaning}",
            )
            if np.isnan(a).all():
                continue
            span = max(np.ptp(b[~np.isnan(b)]), 1e-3 * np.nanmax(np.abs(b)))
            pure = units.get(name.split("__")[1], "1") in ("1", "%") or span == 0
            scale = max(np.nanmax(np.abs(a)), np.nanmax(np.abs(b)), float(pure))
            allowed = max(tolerance * span, ROUNDING * scale if tolerance else 0.0)
            away = np.nan_to_num(np.abs(a - b))
            self.expect(
                away.max() <= allowed,
                f"{what}: {name} differs by {away.max():g}, allowed {allowed:g}, most "
                f"{_at([away.argmax()], a, b)}{meaning}",
            )

    @property
    def columns(self) -> list[str]:
        """Column names."""
        return self.cls().columns(getattr(self.signal, "channels", ("0",)))


def example_signal(
    cls: ModalityClass,
    minutes: float = 10.0,
    sfreq: float = 64.0,
    *,
    channels: Sequence[str] = ("0",),
) -> Signal:
    """Make noise, slow waves and pulses within the plausible range of a modality.

    Parameters
    ----------
    cls : subclass of Modality
        The modality.
    minutes : float
        Length.
    sfreq : float
        Sampling rate in Hz.
    channels : sequence of str
        Names of the channels, each of which has noise and pulses of its own.

    Returns
    -------
    Signal
        In the modality's own unit.
    """
    shapes = [_example_shape(number, minutes, sfreq) for number in range(len(channels))]
    low, high = cls.plausible
    bounded = high - low < 1e6
    middle, unit = ((low + high) / 2, (high - low) / 40) if bounded else (0.0, 50.0)
    return Signal(middle + unit * np.vstack(shapes), sfreq, cls.unit, channels=tuple(channels))


def _example_shape(seed: int, minutes: float, sfreq: float) -> FloatArray:
    rng = np.random.default_rng(seed)
    times = np.arange(int(60 * minutes * sfreq)) / sfreq
    beats = np.cumsum(rng.uniform(0.7, 1.1, int(60 * minutes)))
    phase = np.interp(times, beats, np.arange(len(beats), dtype=np.float64))
    pulses = np.exp(-0.5 * ((phase % 1 - 0.5) / 0.08) ** 2)
    slow = np.sin(2 * np.pi * times / 5) + np.sin(2 * np.pi * times / 37)
    return np.asarray(pulses + 0.3 * slow + 0.1 * rng.normal(size=len(times)))


def check_parameters(case: Case) -> None:
    """Find keyword-only parameters that are only stored; clone and pickle keep them."""
    modality = case.cls()
    parameters = modality.get_params(deep=False)
    kinds = [one.kind for name, one in inspect.signature(case.cls).parameters.items()]
    case.expect(all(kind is inspect.Parameter.KEYWORD_ONLY for kind in kinds), "keywords only")
    again = case.cls(**parameters)
    for name, value in parameters.items():
        case.expect(getattr(again, name) is value, f"parameter {name!r} is stored as given")
    copies = {
        "clone": clone(modality),
        "pickle": pickle.loads(pickle.dumps(modality)),
        "set_params": modality.set_params(**parameters),
    }
    wanted = case.extract().values
    for how, copy in copies.items():
        case.expect(copy.get_params(deep=False).keys() == parameters.keys(), f"{how} parameters")
        case.expect_same(case.extract(modality=copy).values, wanted, f"after {how}")
    case.expect(
        case.cls().get_params(deep=False) == modality.get_params(deep=False),
        "extraction changes no parameter",
    )


def check_catalogue(case: Case) -> None:
    """Read the catalogue: names of their own, a unit, one line of text; columns follow it."""
    modality = case.cls()
    features = modality.features
    names = [feature.name for feature in features]
    case.expect(len(set(names)) == len(names), f"names of features are unique, got {names}")
    for one in features:
        case.expect(isinstance(one, Feature), f"{one!r} is a Feature")
        case.expect("__" not in one.name and one.name.isidentifier(), f"{one.name!r} is a name")
        case.expect(one.unit and one.text and "\n" not in one.text, f"{one.name} says what it is")
        case.expect(one.minimum >= 0, f"{one.name} has a minimum of 0 s or more")
    channels = getattr(case.signal, "channels", ("0",))
    if len(channels) > 1 and any(one.per == "pair" for one in features):
        case.expect(
            modality.pairs(channels),
            f"a feature has per='pair' and `pairs` finds none among the channels {list(channels)}, "
            "so it would not be checked; give signal= with channels that are pairs",
        )
    case.expect(0 <= case.cls.settling <= 75, "settling lies between 0 and 75 s")
    block = case.extract()
    case.expect(block.columns == case.columns, f"columns are {case.columns}, got {block.columns}")
    case.expect(len(set(block.columns)) == len(block.columns), "columns are unique")
    case.expect(
        {name.split("__")[1] for name in block.columns[:-1]} <= set(names),
        "columns are those of the catalogue",
    )


def check_values(case: Case) -> None:
    """Count rows, look for infinite values; a typical signal gives features and quality."""
    block = case.extract()
    for trust in _trusts(case):
        lowest, highest = np.nanmin(trust, initial=0.0), np.nanmax(trust, initial=1.0)
        inside = lowest >= -1e-9 and highest <= 1 + 1e-9
        case.expect(inside, f"trust lies in [0, 1], got {lowest:g} to {highest:g}")
    _expect_numbers(case, block, len(case.windows[0]))
    alive = np.isfinite(block.values[:, :-1]).any(axis=0)
    case.expect(alive.any(), "a typical signal gives features")
    case.expect(block.values[:, -1].max() > 0, "a typical signal has quality")


def check_table(case: Case) -> None:
    """Extract a shuffled window table: index and order are kept."""
    recording = Recording("check", {case.cls.name: case.signal})
    windows, _ = make_windows([recording], length=LENGTH, step=STEP, keep_unrated=True)
    mixed = windows.sample(frac=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SignalWarning)
        table, again = (extract_features(one, [case.cls()]) for one in (windows, mixed))
    case.expect(again.index.equals(mixed.index), "the index of the windows is kept")
    case.expect(list(again.columns) == case.columns, f"columns are {case.columns}")
    wanted = table.loc[mixed.index].to_numpy()
    case.expect_same(again.to_numpy(), wanted, "windows in another order", 1e-12)


def check_single_windows(case: Case) -> None:
    """Compare a window alone with the window among others; no window gives no row."""
    starts, stops = case.windows
    block = case.extract()
    for row in np.linspace(0, len(starts) - 1, 7).astype(int):
        which = slice(row, row + 1)
        alone = case.extract(windows=(starts[which], stops[which]))
        wide = np.vstack([alone.values, block.values])  # the range is that of all windows
        case.expect_same(wide, np.vstack([block.values[which], block.values]), "alone", 1e-9)
    case.expect(len(case.extract(windows=(starts[:0], stops[:0])).values) == 0, "no window, no row")


def check_input_is_kept(case: Case) -> None:
    """Compare the signal with what it was before."""
    values = case.signal.values.copy()
    case.extract(replace(case.signal, values=values))
    case.expect(np.array_equal(values, case.signal.values, equal_nan=True), "input is kept")


def check_time_shift(case: Case) -> None:
    """Find the same features later in a recording that starts later."""
    starts, stops = case.windows
    for seconds in (64.0, 7.3):
        shifted = case.extract(_shift(case.signal, seconds), (starts + seconds, stops + seconds))
        case.expect_same(shifted.values, case.extract().values, f"{seconds} s later", 1e-6)


def check_units(case: Case) -> None:
    """Find the same features in the signal given in another declared unit."""
    wanted = case.extract().values
    case.expect(case.cls.unit in case.cls.units, f"{case.cls.unit} is among the units")
    for unit, convert in case.cls.units.items():
        values = _inverse(convert, case.signal.values)
        found = case.extract(replace(case.signal, values=values, unit=unit)).values
        case.expect_same(found, wanted, f"given in {unit}", 1e-6)


LOOKS_FURTHER = (
    ": it depends on signal that far from its window. Either it looks at the whole recording (a "
    "mean, a threshold, a baseline of all of it), or settling is too short, or a parameter that "
    "says how far it looks back has no name ending in 'context'"
)


def check_gaps(case: Case) -> None:
    """Put a gap in: what stands in it changes nothing, and far from it nothing changes."""
    least = case.cls.min_good
    case.expect(0 < least <= 1, f"min_good must be > 0 and at most 1, got {least}")
    starts, stops = case.windows
    begin = case.signal.start + 0.4 * (case.signal.stop - case.signal.start)
    end = begin + 2 * LENGTH
    blocks = [case.extract(_with_gap(case.signal, begin, end, filler)) for filler in FILLERS]
    holed = blocks[0].values
    for filler, block in zip(FILLERS[1:], blocks[1:], strict=True):
        case.expect_same(block.values, holed, f"{filler} in a gap")
    inside = (starts >= begin) & (stops <= end)
    case.expect(np.isnan(holed[inside, :-1]).all(), "features inside a gap are NaN")
    case.expect((holed[inside, -1] == 0).all(), "quality inside a gap is 0")
    settling = case.cls.settling
    far = (stops <= begin - settling) | (starts >= end + settling + case.reach)
    whole = case.extract().values
    mixed = np.where(far[:, np.newaxis], holed, whole)
    what = f"a gap elsewhere changed a window that is {settling:g} s (settling) or more from a gap"
    case.expect_same(mixed, whole, what, 1e-6, LOOKS_FURTHER)
    nothing = case.extract(_with_gap(case.signal, -np.inf, np.inf, np.nan))
    case.expect(np.isnan(nothing.values[:, :-1]).all(), "nothing but NaN gives NaN")
    case.expect((nothing.values[:, -1] == 0).all(), "nothing but NaN has quality 0")
    case.expect(nothing.warning, "a signal without a usable window is warned about")


def check_blocks(case: Case) -> None:
    """Extract block by block: a raster or a reach that is not declared shows as a difference."""
    starts, stops = case.windows
    recording = Recording("check", {case.cls.name: case.signal})
    with case.computing():
        found = extract_in_blocks(case.cls(), recording, starts, stops, 1.0)
    case.expect_same(found.values, case.extract().values, "block by block", 1e-6, LOOKS_FURTHER)


def check_any_numbers(case: Case) -> None:
    """Put in any numbers, lengths and rates: numbers and NaN come out."""
    starts = np.array([-5.0, 0.0, 0.1, 3.0, 1000.0])
    for signal in _odd_signals(case):
        block = case.extract(signal, (starts, starts + 10.0))
        _expect_numbers(case, block, len(starts))


def check_cost(case: Case) -> None:
    """Time eight times the length: about eight times as long."""
    start, stop = case.signal.start, case.signal.stop
    eighth = case.signal.crop(start, start + (stop - start) / 8)
    short, whole = _seconds(replace(case, signal=eighth)), _seconds(case)
    case.expect(
        whole <= 8 * 2.5 * short + 0.01,
        f"cost grows with the length, got {short:.3f} s and for 8 times the length {whole:.3f} s",
    )


MODALITY_CHECKS: Mapping[str, Callable[[Case], None]] = {
    check.__name__: check
    for check in (
        check_parameters,
        check_catalogue,
        check_values,
        check_table,
        check_single_windows,
        check_input_is_kept,
        check_time_shift,
        check_units,
        check_gaps,
        check_blocks,
        check_any_numbers,
        check_cost,
    )
}
"""Every check by name; each takes a `Case`."""


def _raised(error: Exception, signal: Signal | Events, together: bool) -> str:
    """Say what came out instead of numbers, and of which signal."""
    how = "warned of" if isinstance(error, Warning) else "raised"
    said = f"it {how} {type(error).__name__}: {error}"
    if isinstance(signal, Events):
        return f"{said}, given {len(signal.times)} events; any number of them gives numbers or NaN"
    n_channels, n_samples = signal.values.shape
    said += f", given {n_channels} channels of {n_samples} samples at {signal.sfreq:g} Hz"
    if n_channels == 1:
        said = said.replace("1 channels", "1 channel")
        if together:
            said += " (where several are needed give check_modality a signal= that has them)"
    return f"{said}; any length, and windows without a good sample, give numbers or NaN"


def _at(rows: Sequence[int] | npt.NDArray[np.intp], a: FloatArray, b: FloatArray) -> str:
    return f"in row {rows[0]}: {a[rows[0]]:g} instead of {b[rows[0]]:g}" if len(rows) else ""


def _trusts(case: Case) -> Iterator[FloatArray]:
    """Compute what the modality gives for trust, before it is cut to 0 and 1."""
    modality = case.cls()
    with case.computing(), np.errstate(all="ignore"):
        clean = modality.clean(case.signal)
        alone = [clean.channel(number) for number in range(len(clean.channels))]
        parts = [clean] if modality.together else alone
        trusts = [modality.trust(modality.prepare(one, {}), *case.windows) for one in parts]
    yield from trusts


def _expect_numbers(case: Case, block: FeatureBlock, n_windows: int) -> None:
    values, quality = block.values, block.values[:, -1]
    shape = (n_windows, len(block.columns))
    case.expect(values.shape == shape, f"values have shape {shape}, got {values.shape}")
    case.expect(values.dtype == np.float64, f"values are float64, got {values.dtype}")
    case.expect(not np.isinf(values).any(), "values are finite or NaN")
    case.expect(((quality >= 0) & (quality <= 1)).all(), f"quality is in [0, 1], got {quality}")


def _shift(signal: Signal | Events, seconds: float) -> Signal | Events:
    if isinstance(signal, Events):
        return replace(signal, times=signal.times + seconds)
    return replace(signal, start=signal.start + seconds)


def _with_gap(signal: Signal | Events, begin: float, end: float, filler: float) -> Signal | Events:
    values = signal.values.copy()
    values[..., (signal.times >= begin) & (signal.times < end)] = filler
    return replace(signal, values=values)


def _inverse(convert: Conversion, values: FloatArray) -> FloatArray:
    if convert.reciprocal:
        return np.where(values == 0, np.nan, convert.factor / values)
    return (values - convert.offset) / convert.factor


def _odd_signals(case: Case) -> Iterator[Signal | Events]:
    rng = np.random.default_rng(0)
    unit, channels = case.cls.unit, getattr(case.signal, "channels", ("0",))
    for n_samples, filler in product((0, 1, 2, 3, 10, 100), (0.0, 1e-300, 7.0, *FILLERS, None)):
        values = rng.normal(size=(len(channels), n_samples)) * 10 ** rng.uniform(-3, 3)
        if filler is not None:
            values[rng.random(values.shape) < rng.choice([0.3, 1.0])] = filler
        if isinstance(case.signal, Events):
            yield Events(np.sort(rng.uniform(0, 20, n_samples)), values[0], unit)
            yield Events(np.zeros(n_samples), values[0], unit)
        else:
            for sfreq in (1.0, 4.0, 63.7, 2000.0):
                yield Signal(values, sfreq, unit, channels=channels)


def _seconds(case: Case) -> float:
    """Fastest of three runs, in seconds of computing."""
    best = np.inf
    for _ in range(3):
        begin = time.process_time()
        case.extract()
        best = min(best, time.process_time() - begin)
    return best
