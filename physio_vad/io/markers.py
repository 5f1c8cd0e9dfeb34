"""Which marks begin and end a trial."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass, replace

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.recording.recording import Recording

Mark = tuple[float, float, str]
"""Start and duration in seconds, and text."""


@dataclass(frozen=True)
class TrialMarkers:
    """How marks cut a recording into trials.

    Parameters
    ----------
    start : str, optional
        Pattern of the marks that begin a trial; None for a recording that is one trial.
    stop : str, optional
        Pattern of the marks that end it; by default the mark's own end, or the next start.
    length : float, optional
        Length of a trial in seconds instead.

    Raises
    ------
    ArgumentError
        If there is no start, or the length is not above 0.
    """

    start: str | None
    stop: str | None = None
    length: float | None = None

    def __post_init__(self) -> None:
        if self.length is not None and not self.length > 0:
            raise ArgumentError(f"trial_length must be above 0 s, got {self.length!r}")
        if self.start is None and (self.stop or self.length):
            raise ArgumentError("trial_stop and trial_length need trial_start")

    def cut(self, whole: Recording, marks: list[Mark]) -> Iterator[Recording]:
        """Give the trials, numbered, with the text of their first mark as stimulus.

        Parameters
        ----------
        whole : Recording
            What to cut; times of the parts keep their zero.
        marks : list of (float, float, str)
            By time.

        Raises
        ------
        ReadError
            If no mark begins a trial.
        """
        if self.start is None:
            yield whole
            return
        spans = self._spans(marks, whole.stop)
        if not spans:
            known = sorted({text for _, _, text in marks})
            raise ReadError(
                f"no event fits trial_start = {self.start!r}; there are "
                f"{', '.join(map(repr, known)) or 'none'}"
            )
        prefix = "" if whole.trial == "1" else f"{whole.trial}/"
        for number, (start, stop, text) in enumerate(spans, start=1):
            part = whole.crop(start, stop)
            yield replace(part, trial=f"{prefix}{number}", stimulus=text)

    def _spans(self, marks: list[Mark], end: float) -> list[Mark]:
        starts = [self.begins(mark) for mark in marks]
        spans = []
        for row, (start, duration, text) in enumerate(marks):
            if not starts[row]:
                continue
            later = range(row + 1, len(marks))
            if self.length is not None:
                stop = start + self.length
            elif self.stop is not None:
                stop = next((marks[i][0] for i in later if self._stops(marks[i][2])), end)
            elif duration > 0:
                stop = start + duration
            else:
                stop = next((marks[i][0] for i in later if starts[i]), end)
            if stop > start:
                spans.append((start, min(stop, end), text))
        return spans

    def begins(self, mark: Mark) -> bool:
        """Say whether a mark begins a trial."""
        return self.start is not None and fnmatch.fnmatchcase(mark[2], self.start)

    def _stops(self, text: str) -> bool:
        return fnmatch.fnmatchcase(text, str(self.stop))
