"""A signal in its modality's unit with what is no measurement marked and bridged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.gaps import plateaus
from physio_vad.dsp.window_stats import sample_spans, span_sum

LARGEST = 1e12
"""Larger numbers, in the modality's own unit, are no measurement."""

CLIP_REACH = 10.0
"""Seconds on both sides whose extremes tell whether a plateau is the end of the sensor's range."""


@dataclass(frozen=True, eq=False)
class CleanSignal:
    """A signal in the modality's own unit, its bad samples marked and bridged.

    Parameters
    ----------
    values : array of shape (n_channels, n_samples)
        Finite everywhere; straight lines over bad samples.
    bad : bool array of the same shape
        Samples that are missing, not finite, flat or impossible.
    clipped : bool array of the same shape
        Samples at the end of the sensor's range: they lower the quality and count otherwise.
    sfreq : float
        Sampling rate in Hz.
    start : float
        Time of the first sample in seconds.
    channels : tuple of str
        Name of each channel.
    polarity : tuple of int
        Which way up each channel is, 1 or -1, where that is known; 0 or nothing where it is not.
    """

    values: FloatArray
    bad: BoolArray
    clipped: BoolArray
    sfreq: float
    start: float
    channels: tuple[str, ...]
    polarity: tuple[int, ...] = ()

    @property
    def known_polarity(self) -> int:
        """Of a single channel: 1 or -1, or 0 where it must be found."""
        return self.polarity[0] if self.polarity else 0

    @property
    def n_samples(self) -> int:
        """Number of samples of each channel."""
        return int(self.values.shape[1])

    def spans(self, starts: FloatArray, stops: FloatArray) -> tuple[IntArray, IntArray]:
        """Turn windows in seconds into spans of samples."""
        return sample_spans(
            starts, stops, sfreq=self.sfreq, origin=self.start, n_samples=self.n_samples
        )

    def good_share(
        self, starts: FloatArray, stops: FloatArray, *, clipped: bool = False
    ) -> FloatArray:
        """Share of each window that is good signal.

        Parameters
        ----------
        starts, stops : array of shape (n_windows,)
            Windows in seconds; what lies outside the signal counts as missing.
        clipped : bool
            Count clipped samples as bad too.

        Returns
        -------
        array of shape (n_channels, n_windows)
            Between 0 and 1.
        """
        first, last = self.spans(starts, stops)
        bad = self.bad | self.clipped if clipped else self.bad
        there = (last - first)[np.newaxis]
        present = there - span_sum(bad, first, last) if bad.any() else there
        expected = np.maximum(np.round((stops - starts) * self.sfreq), 1)
        share = np.minimum(present / expected, 1.0)
        return np.asarray(np.broadcast_to(share, (len(self.channels), len(starts))))

    def channel(self, number: int) -> CleanSignal:
        """Return one channel alone, as a view."""
        which = slice(number, number + 1)
        return CleanSignal(
            self.values[which],
            self.bad[which],
            self.clipped[which],
            self.sfreq,
            self.start,
            self.channels[which],
            self.polarity[which],
        )


def mark_clipped(channel: FloatArray, bad: BoolArray, sfreq: float) -> BoolArray:
    """Mark plateaus of 3 samples and more at the extreme of the 20 s around them."""
    clipped = np.zeros(len(channel), dtype=bool)
    first, last = plateaus(channel, 3)
    usable = ~bad[first]
    if not usable.any():
        return clipped
    first, last = first[usable], last[usable]
    lowest, highest = _surroundings(channel, bad, int(CLIP_REACH * sfreq), first)
    level = channel[first]
    extreme = (lowest < highest) & ((level == lowest) | (level == highest))
    for begin, end in zip(first[extreme], last[extreme], strict=True):
        clipped[begin:end] = True
    return clipped


def _surroundings(
    channel: FloatArray, bad: BoolArray, reach: int, where: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest good value within `reach` samples of each of some, in ascending order.

    A part at a time, so that memory stays small and parts without any are passed over.
    """
    lowest, highest = np.empty(len(where)), np.empty(len(where))
    size = max(1 << 16, 2 * reach)
    for begin in range(0, len(channel), size):
        wanted = slice(*np.searchsorted(where, [begin, begin + size]))
        if wanted.start == wanted.stop:
            continue
        left = max(begin - reach, 0)
        part = slice(left, begin + size + reach)
        for out, extreme, filler in (
            (lowest, minimum_filter1d, np.inf),
            (highest, maximum_filter1d, -np.inf),
        ):
            good = np.where(bad[part], filler, channel[part])
            out[wanted] = extreme(good, 2 * reach + 1, mode="nearest")[where[wanted] - left]
    return lowest, highest
