"""What every modality shares: cleaning, windows, NaN policy, quality, column names.

A subclass only does the science: it lists its features, prepares a whole signal once, and computes
its features for all windows at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from sklearn.base import BaseEstimator

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.gaps import fill_gaps, flat_samples
from physio_vad.dsp.polarity import polarity_of, polarity_remark
from physio_vad.dsp.window_calls import WindowFunction, call_on_windows
from physio_vad.exceptions import ArgumentError, RecordingError
from physio_vad.modalities.clean import LARGEST, CleanSignal, mark_clipped
from physio_vad.modalities.feature import ROWS, Feature, FeatureBlock, usable_rows
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.recording.units import Conversion

Others = Mapping[str, Signal | Events]
Prepared = TypeVar("Prepared")


class Modality(BaseEstimator, ABC, Generic[Prepared]):  # type: ignore[misc]
    """A kind of sensor: what its signal is called and which features it gives.

    A subclass sets the class attributes, stores its parameters in a keyword-only ``__init__``
    (never changes them), and defines `features`, `prepare` and `compute`. It is registered by one
    line in ``physio_vad/modalities/__init__.py``, or from outside with `register_modality`.

    ============= ================= ==============================================================
    Attribute     Default           Meaning
    ============= ================= ==============================================================
    ``name``      must be given     First part of every column name; letters, digits and single
                                    underscores.
    ``unit``      must be given     Unit in which `prepare` gets the signal; one of ``units``.
    ``units``     must be given     Units a signal may come in, each with its `Conversion` to
                                    ``unit``: ``{"mm": Conversion(), "um": Conversion(1e-3)}``.
    ``aliases``   ``()``            Other names under which a recording may hold the signal.
    ``plausible`` -1e12 to 1e12     Lowest and highest possible value, in ``unit``; what lies
                                    outside is marked in `CleanSignal.bad`, as missing.
    ``flat``      2 s               Equal values for so long count as missing too.
    ``clips``     True              Whether runs at the end of the range are marked in
                                    `CleanSignal.clipped`; False for slow, coarse signals.
    ``min_good``  0.5               Share of a window that must be good in a channel
                                    (`CleanSignal.good_share`). Below it the channel's features
                                    are NaN, as are those of pairs and of the whole that need it,
                                    and it counts 0 in the quality: the mean of the channels, or
                                    the least where every feature needs all of them. More than 0.
    ``settling``  0 s               How far beyond a sample `prepare` looks, both ways; at most
                                    75. An effect of a gap must end within it.
    ``together``  False             True: `prepare` gets a `CleanSignal` of all channels at once,
                                    and columns always name their channel; False: each channel
                                    alone, and columns name it only if there are several.
    ============= ================= ==============================================================

    By ``column_pattern`` (a regular expression of what a table's column is called, whole or in one
    part of its name) and ``column_units`` (units that tell as much, such as uS) `propose_recipe`
    knows the signal; in ``irregular_units`` its values are `Events`, each at a time of its own.

    What `compute` returns for a feature, and the columns that come of it. Where there is one row,
    as always without ``together``, its shape may be ``(n_windows,)`` too.

    ============== ========== ========================= ==========================================
    ``per``        together   Shape                     Columns
    ============== ========== ========================= ==========================================
    ``"channel"``  False      ``(1, n_windows)``        ``eda__level``; of several channels
                                                        ``eda__level__<channel>``
    ``"channel"``  True       ``(n_channels,            ``eeg__alpha_power__<channel>``
                              n_windows)``
    ``"pair"``     True       ``(n_pairs, n_windows)``, ``eeg__alpha_asymmetry__<right>-<left>``
                              as `pairs` lists them     for ``pairs`` of ``(right, left)``
    ``"modality"`` True       ``(n_windows,)``          ``acceleration__jerk``
    ============== ========== ========================= ==========================================

    `trust` gives numbers from 0 to 1, by which the quality is multiplied, of shape
    ``(n_windows,)``, or ``(n_channels, n_windows)`` if ``together``.

    A parameter of ``__init__`` whose name ends in ``context`` says by how many seconds features
    look back beyond a window's end (`look_back`, `reach`).
    """

    name: ClassVar[str]
    """First part of every column name."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which a recording may hold the signal."""
    unit: ClassVar[str]
    """Unit in which `prepare` gets the signal."""
    units: ClassVar[Mapping[str, Conversion]]
    """Units a signal may come in, and how they become `unit`."""
    column_pattern: ClassVar[str] = ""
    """What a table's column of this signal is called, as a regular expression."""
    column_units: ClassVar[tuple[str, ...]] = ()
    """Units in a column's name that tell what it is, such as uS."""
    irregular_units: ClassVar[tuple[str, ...]] = ()
    """Units in which the values come at times of their own, as inter-beat intervals do."""
    turned: ClassVar[float] = 0.5
    """Share of the `votes` for upside down above which a channel is turned over."""
    wrong_way: ClassVar[tuple[str, str]] = ("of the signal", "its features may be wrong")
    """What votes on which way up a channel is, and what follows if it is the wrong way."""
    together: ClassVar[bool] = False
    """True: `prepare` gets all channels at once and columns always name their channel.
    False: each channel goes alone, and columns name it only if there are several."""
    settling: ClassVar[float] = 0.0
    """How far beyond a sample the preparation looks, in seconds, both ways."""
    flat: ClassVar[float] = 2.0
    """Seconds of equal values after which a signal counts as flat, so as missing."""
    plausible: ClassVar[tuple[float, float]] = (-LARGEST, LARGEST)
    """Values outside, in `unit`, count as missing."""
    clips: ClassVar[bool] = True
    """Whether runs at the end of the range mean clipping (false for slow, coarse signals)."""
    min_good: ClassVar[float] = 0.5
    """Share of a window that must be good; below it every feature is NaN."""
    imports: ClassVar[tuple[str, ...]] = ()
    """Modules that are imported late because that is slow; worker processes get them at once."""
    own: tuple[tuple[Feature, WindowFunction], ...] = ()
    """Features beside those of the class, of each channel, and what computes them of a window."""

    def __init_subclass__(cls) -> None:
        """Leave the aliases to the class that has the name: another name has its own."""
        super().__init_subclass__()
        if "name" in vars(cls) and "aliases" not in vars(cls):
            cls.aliases = ()

    @classmethod
    def expected(cls) -> str:
        """Say in a few words what a usable signal looks like, nothing if any may be."""
        low, high = cls.plausible
        return f"{low:g} to {high:g} {cls.unit}" if low > -LARGEST and high < LARGEST else ""

    @property
    def catalogue(self) -> tuple[Feature, ...]:
        """All features, those of `own` after those of the class."""
        return (*self.features, *(one for one, _ in self.own))

    @property
    @abstractmethod
    def features(self) -> Sequence[Feature]:
        """The catalogue, in column order, without the quality."""

    @abstractmethod
    def prepare(self, signal: CleanSignal, others: Others) -> Prepared:
        """Filter, decompose and find events, once for a whole recording.

        Parameters
        ----------
        signal : CleanSignal
            All channels if `together`, else one. Any length, also 0.
        others : mapping of str to Signal or Events
            The recording's other signals.
        """

    @abstractmethod
    def compute(
        self, prepared: Prepared, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute every feature for all windows at once.

        Parameters
        ----------
        prepared : object
            What `prepare` returned.
        starts, stops : array of shape (n_windows,)
            Windows in seconds. Features that look back further use `look_back`.

        Returns
        -------
        mapping of str to array
            One entry a feature, of shape (n_channels, n_windows), (n_pairs, n_windows) or
            (n_windows,), as its `Feature.per` says; (n_windows,) too where there is one row. Any
            other shape is an ArgumentError.
        """

    def pairs(self, channels: Sequence[str]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Find the channels of features with ``per="pair"``: ("F4", "F3") for ``__F4-F3``."""
        return []

    def limits(self, sfreq: float) -> str:  # noqa: ARG002
        """Say in one line which features a sampling rate cuts short, nothing if none."""
        return ""

    def remark(self, prepared: Prepared) -> str:  # noqa: ARG002
        """Say in one line what a person should know of a prepared signal, nothing if nothing."""
        return ""

    def votes(self, prepared: Prepared) -> FloatArray:  # noqa: ARG002
        """Count what speaks for a prepared channel being upright, and upside down.

        `prepare` finds which way up a channel is from no more than these, unless
        `CleanSignal.polarity` tells it. Those of all recordings of a person are added up, and
        where one alone was taken for something else it is prepared anew.

        Parameters
        ----------
        prepared : object
            What `prepare` returned for one channel.

        Returns
        -------
        array of shape (2,)
            0 for modalities that have no way up.
        """
        return np.zeros(2)

    def known(self, signal: Signal) -> tuple[int, ...]:
        """Tell the polarity of each channel as the signal, or the parameter `polarity`, gives it.

        Parameters
        ----------
        signal : Signal
            As recorded.

        Returns
        -------
        tuple of {0, 1, -1}
            0 where it is to be found out.

        Raises
        ------
        ArgumentError
            If the parameter is something else.
        """
        own = getattr(self, "polarity", 0)
        if own not in (0, 1, -1):
            raise ArgumentError(
                f"{type(self).__name__}: polarity must be 1 (upright), -1 (upside down) or 0 (find "
                f"out), got {own!r}"
            )
        return tuple(one or own for one in signal.polarity or (0,) * signal.n_channels)

    def doubt(self, votes: FloatArray, known: Sequence[int] = ()) -> str:
        """Say in one line why it is uncertain which way up channels are, nothing if it is not.

        Parameters
        ----------
        votes : array of shape (n_channels, 2)
            Those of `votes`, also added up over recordings.
        known : sequence of int
            Polarity of each channel where it was given, 0 where it was found.

        Returns
        -------
        str
            Empty if all is well.
        """
        given = known or (0,) * len(votes)
        own = type(self).__name__
        say = f"polarity=1 or -1 of {own} or Signal, in a recipe [features.{self.name}]"
        said = [
            polarity_remark(
                one, way or polarity_of(one, self.turned), way != 0, *self.wrong_way, say
            )
            for one, way in zip(votes, given, strict=True)
        ]
        return "; ".join(dict.fromkeys(filter(None, said)))

    def trust(
        self,
        prepared: Prepared,  # noqa: ARG002
        starts: FloatArray,
        stops: FloatArray,  # noqa: ARG002
    ) -> FloatArray:
        """Rate windows in [0, 1] by what only this modality knows (beat templates, motion)."""
        return np.ones(len(starts))

    @property
    def reach(self) -> float:
        """How far before a window's end features look, in seconds: the longest context."""
        parameters = self.get_params(deep=False)
        return max([0.0, *(float(v) for k, v in parameters.items() if k.endswith("context"))])

    def grid(self, sfreq: float) -> int:  # noqa: ARG002
        """Count the samples after which the preparation's own raster repeats.

        What is averaged down, or compared with blocks around, depends on where the first block
        begins. Long recordings are worked on in pieces, which begin at multiples of this.

        Parameters
        ----------
        sfreq : float
            Sampling rate in Hz.

        Returns
        -------
        int
            At least 1.
        """
        return 1

    @staticmethod
    def look_back(starts: FloatArray, stops: FloatArray, context: float) -> FloatArray:
        """Move window starts back so that they reach `context` seconds before the stop."""
        return np.minimum(starts, stops - context)

    def columns(self, channels: Sequence[str]) -> list[str]:
        """Name the columns that a signal with these channels gives, quality last."""
        if self.together:
            names = self._columns(channels, self.pairs(channels), suffix=True)
        else:
            several = len(channels) > 1
            shared = [one.name for one in self.catalogue if one.per != "channel"]
            if several and shared:
                raise ArgumentError(
                    f"{type(self).__name__}: features with per='pair' or 'modality' need the class "
                    f"attribute together = True, else each channel goes alone; got {shared}, and "
                    f"the channels {list(channels)}"
                )
            names = [one for ch in channels for one in self._columns([ch], [], suffix=several)]
        return [*names, f"{self.name}__quality"]

    def _columns(
        self, channels: Sequence[str], pairs: list[tuple[str, str]], *, suffix: bool
    ) -> list[str]:
        names = []
        for feature in self.catalogue:
            stem = f"{self.name}__{feature.name}"
            if feature.per == "pair":
                names += [f"{stem}__{right}-{left}" for right, left in pairs]
            elif feature.per == "channel" and suffix:
                names += [f"{stem}__{channel}" for channel in channels]
            else:
                names.append(stem)
        return names

    def clean(self, signal: Signal | Events) -> CleanSignal:
        """Convert to the modality's unit, mark what is no signal and bridge it.

        Parameters
        ----------
        signal : Signal or Events
            As recorded. A modality that takes events overrides this.

        Returns
        -------
        CleanSignal
            All channels.

        Raises
        ------
        RecordingError
            If the modality needs samples and got events.
        """
        if isinstance(signal, Events):
            raise RecordingError(f"{self.name} must be a Signal with a constant rate, got Events")
        with np.errstate(all="ignore"):
            values = self.units[signal.unit](signal.values)
            low, high = self.plausible
            bad = ~((values >= low) & (values <= high))
        clipped = np.zeros_like(bad)
        for number, channel in enumerate(values):
            bad[number] |= flat_samples(channel, int(np.ceil(self.flat * signal.sfreq)) + 1)
            if self.clips:
                clipped[number] = mark_clipped(channel, bad[number], signal.sfreq)
        values = fill_gaps(values, bad)
        return CleanSignal(
            values, bad, clipped, signal.sfreq, signal.start, signal.channels, self.known(signal)
        )

    def extract(self, recording: Recording, starts: FloatArray, stops: FloatArray) -> FeatureBlock:
        """Compute all columns for the windows of one recording.

        Parameters
        ----------
        recording : Recording
            Must hold this modality.
        starts, stops : array of shape (n_windows,)
            Windows in seconds.

        Returns
        -------
        FeatureBlock
            Features; where less than `min_good` of a window is good in a channel, what needs the
            channel is NaN, and the channel counts 0 in the quality.

        Raises
        ------
        RecordingError
            If the signal cannot be used.
        ArgumentError
            If `compute` or `trust` of the modality returns what it must not.
        """
        signal = recording.signals[self.name]
        others = {name: one for name, one in recording.signals.items() if name != self.name}
        try:
            clean = self.clean(signal)
        except RecordingError as error:
            where = f"recording {recording.subject!r}, trial {recording.trial!r}"
            raise RecordingError(f"{where}: {error}") from None
        return self.measure(clean, self.prepare_all(clean, others), starts, stops)

    def prepare_all(self, clean: CleanSignal, others: Others) -> list[Prepared]:
        """Prepare all channels at once if `together`, else each alone.

        Parameters
        ----------
        clean : CleanSignal
            What `clean` returned.
        others : mapping of str to Signal or Events
            The recording's other signals.

        Returns
        -------
        list
            What `prepare` returned: of all channels, or of each.
        """
        with np.errstate(all="ignore"):
            return [self.prepare(part, others) for part in self._parts(clean)]

    def measure(
        self, clean: CleanSignal, prepared: list[Prepared], starts: FloatArray, stops: FloatArray
    ) -> FeatureBlock:
        """Compute all columns for windows of a signal that is prepared.

        Parameters
        ----------
        clean : CleanSignal
            What `clean` returned.
        prepared : list
            What `prepare_all` returned.
        starts, stops : array of shape (n_windows,)
            Windows in seconds.

        Returns
        -------
        FeatureBlock
            As of `extract`.
        """
        with np.errstate(all="ignore"):
            share = clean.good_share(starts, stops)
            rows, trust = self._rows(clean, prepared, starts, stops, share >= self.min_good)
            remarks = [self.remark(one) for one in prepared]
            votes = [
                self.votes(ready)
                for part, ready in zip(self._parts(clean), prepared, strict=True)
                for _ in part.channels
            ]
            sound = clean.good_share(starts, stops, clipped=True)
            trust = np.clip(np.nan_to_num(trust), 0.0, 1.0)
            quality = trust * np.where(share >= self.min_good, sound, 0.0)
        whole = all(one.per == "modality" for one in self.catalogue)
        values = np.vstack([rows, quality.min(axis=0) if whole else quality.mean(axis=0)]).T
        values[~np.isfinite(values)] = np.nan
        said = dict.fromkeys(filter(None, [self.limits(clean.sfreq), *remarks]))
        lost = int((share < self.min_good).any(axis=0).sum())
        columns = self.columns(clean.channels)
        ways = np.array(votes)
        doubt = self.doubt(ways, clean.polarity)
        return FeatureBlock(columns, values, self.min_good, lost, tuple(said), ways, doubt)

    def _parts(self, clean: CleanSignal) -> list[CleanSignal]:
        return [clean] if self.together else [clean.channel(i) for i in range(len(clean.channels))]

    def _rows(
        self,
        clean: CleanSignal,
        prepared: list[Prepared],
        starts: FloatArray,
        stops: FloatArray,
        usable: BoolArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Compute features (n_columns, n_windows) and trust (n_channels, n_windows)."""
        masks = [usable] if self.together else list(usable[:, np.newaxis])
        rows, trusts = [], []
        for part, ready, mask in zip(self._parts(clean), prepared, masks, strict=True):
            computed = self._checked(self.compute(ready, starts, stops))
            pairs = self.pairs(part.channels)
            for one in self.features:
                good = usable_rows(one, part.channels, pairs, mask)
                what, row = f"compute: feature {one.name!r}", ROWS[one.per]
                rows.append(
                    np.where(good, self._table(computed[one.name], what, row, good), np.nan)
                )
            rows += [self._call(*own, part, starts, stops, mask) for own in self.own]
            trust = np.asarray(self.trust(ready, starts, stops))
            if trust.ndim == 1:  # the same for all channels
                trust = np.broadcast_to(self._table(trust, "trust", "1", mask[:1]), mask.shape)
            trusts.append(self._table(trust, "trust", "n_channels", mask))
        return np.vstack([np.empty((0, len(starts))), *rows]), np.vstack(trusts)

    def _call(
        self,
        own: Feature,
        function: WindowFunction,
        signal: CleanSignal,
        starts: FloatArray,
        stops: FloatArray,
        good: BoolArray,
    ) -> FloatArray:
        """Call the function of an own feature where a channel is good: (n_channels, n_windows)."""
        good = np.broadcast_to(good, (len(signal.channels), len(starts)))
        spans = signal.spans(starts, stops)
        try:
            return call_on_windows(function, signal.values, signal.sfreq, *spans, good)
        except Exception as error:
            raise ArgumentError(
                f"feature {self.name}__{own.name}: its function failed on a window at "
                f"{signal.sfreq:g} Hz ({type(error).__name__}: {error})"
            ) from error

    def _checked(self, computed: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
        """Refuse what does not have one entry for each feature of the catalogue."""
        listed = [one.name for one in self.features]
        found = list(computed) if isinstance(computed, Mapping) else type(computed).__name__
        if not isinstance(found, list) or set(found) != set(listed):
            raise ArgumentError(
                f"{type(self).__name__}.compute must return a mapping with the features that "
                f"`features` lists, {listed}, got {found}"
            )
        return computed

    def _table(self, values: object, what: str, row: str, like: BoolArray) -> FloatArray:
        """Bring what a subclass returned to the shape of a mask, (n_rows, n_windows), or refuse."""
        n_rows, n_windows = like.shape
        try:
            found: FloatArray = np.asarray(values, dtype=np.float64)
            got = f"shape {found.shape}"
        except (TypeError, ValueError) as error:
            found, got = np.empty(()), f"{type(values).__name__} ({error})"
        if found.shape == like.shape or (n_rows == 1 and found.shape == (n_windows,)):
            return found.reshape(like.shape)
        if n_rows == 0 and found.shape == (0,):  # an empty list of pairs
            return np.empty(like.shape)
        wanted = f"({row}, n_windows) = {like.shape}"
        if n_rows == 1:
            wanted = f"(n_windows,) = {(n_windows,)} or (1, n_windows)"
        hint = "; it seems to be transposed" if found.shape == (n_windows, n_rows) else ""
        raise ArgumentError(
            f"{type(self).__name__}.{what} must have the shape {wanted}, got {got}{hint}"
        )


AnyModality = Modality[Any]
ModalityClass = type[Modality[Any]]
