"""Which way up a sensor is, over all that was recorded with it.

A short trial, or an hour without blinks, tells little of it. So what each part says for and against
(`Modality.votes`) is added up, and what alone was taken for something else is extracted anew.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp.polarity import polarity_of
from physio_vad.modalities.base import AnyModality
from physio_vad.modalities.feature import FeatureBlock
from physio_vad.recording.recording import Recording, Signal


class Polarities:
    """The votes of each person's channels."""

    def __init__(self) -> None:
        self._votes: defaultdict[tuple[str, str, str], FloatArray] = defaultdict(
            lambda: np.zeros(2)
        )
        self._said: set[tuple[str, str]] = set()

    def add(self, recording: Recording, modality: AnyModality, block: FeatureBlock) -> None:
        """Add the votes of a block of features of a recording."""
        for key, votes in zip(_keys(recording, modality), block.votes, strict=False):
            self._votes[key] = self._votes[key] + votes

    def other(
        self, recording: Recording, modality: AnyModality, block: FeatureBlock
    ) -> Recording | None:
        """Make a recording with the polarity that all votes tell, where the block's is another.

        Parameters
        ----------
        recording : Recording
            From which the block came.
        modality : Modality
            By which.
        block : FeatureBlock
            Its features.

        Returns
        -------
        Recording or None
            None where the block is right. What a `Signal` says of its polarity stays.
        """
        signal = recording.signals[modality.name]
        if not isinstance(signal, Signal) or not block.votes.any():
            return None
        alone, wanted = (
            tuple(
                known or polarity_of(votes, modality.turned)
                for known, votes in zip(modality.known(signal), rows, strict=True)
            )
            for rows in (block.votes, self._together(recording, modality))
        )
        return None if wanted == alone else with_polarity(recording, modality.name, wanted)

    def doubt(self, recording: Recording, modality: AnyModality, block: FeatureBlock) -> str:
        """Say why the polarity is uncertain: once of a person, and where one recording differs."""
        signal = recording.signals[modality.name]
        if not isinstance(signal, Signal) or not block.votes.any():
            return block.doubt
        votes = np.array(self._together(recording, modality))
        ways = [
            known or polarity_of(one, modality.turned)
            for known, one in zip(modality.known(signal), votes, strict=True)
        ]
        said = [modality.doubt(votes, modality.known(signal)), modality.doubt(block.votes, ways)]
        new = [one for one in said if one and (recording.subject, one) not in self._said]
        self._said |= {(recording.subject, one) for one in new}
        return "; ".join(dict.fromkeys(new))

    def _together(self, recording: Recording, modality: AnyModality) -> list[FloatArray]:
        return [self._votes[key] for key in _keys(recording, modality)]


def with_polarity(recording: Recording, name: str, polarity: tuple[int, ...]) -> Recording:
    """Make a recording in which the polarity of a signal is known."""
    signal = recording.signals[name]
    if isinstance(signal, Signal):
        signal = replace(signal, polarity=polarity)
    return replace(recording, signals={**recording.signals, name: signal})


def _keys(recording: Recording, modality: AnyModality) -> list[tuple[str, str, str]]:
    channels = getattr(recording.signals[modality.name], "channels", ())
    return [(recording.subject, modality.name, channel) for channel in channels]
