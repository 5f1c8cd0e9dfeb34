"""MAHNOB-HCI (Soleymani et al. 2012, doi:10.1109/T-AFFC.2011.25)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, natural
from physio_vad.io.formats.biosemi import BioSemi
from physio_vad.io.formats.xml import read_elements
from physio_vad.io.montages import BIOSEMI_32
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

TARGETS = ("arousal", "valence", "control", "predictability")
SCALE = dict.fromkeys(TARGETS, (1.0, 9.0))

_ATTRIBUTES = ("feltArsl", "feltVlnc", "feltCtrl", "feltPred")


@dataclass(frozen=True, kw_only=True)
class MahnobReader(Reader):
    """MAHNOB-HCI's ``Sessions/130/`` and so on: a BDF file beside ``session.xml``.

    Time 0 is the start of the stimulus; what is recorded before it is the `baseline`. The ratings
    hold during the stimulus: arousal, valence, control and predictability, on 1 to 9. There is no
    dominance: control is another question, and is not renamed. Sessions that show no stimulus or
    have no such BDF file are left out. The trial is the session's number. One session is in memory
    while it is read.

    Parameters
    ----------
    margin : float
        Seconds recorded before and after the stimulus.
    eda_unit : str
        Unit of the skin's signal, which the file may not state.
    """

    name: ClassVar[str] = "mahnob"

    margin: float = 30.0
    eda_unit: str = "ohm"

    def __post_init__(self) -> None:
        if not 0 <= self.margin < np.inf:
            raise ArgumentError(f"margin must be 0 s or more, got {self.margin!r}")

    def find(self, path: Path) -> list[Source]:
        """List the sessions."""
        sources = []
        for session in sorted(path.rglob("session.xml"), key=lambda one: natural(one.as_posix())):
            recorded = sorted(session.parent.glob("Part_*_emotion.bdf"))
            if recorded:
                sources.append(Source((recorded[0], session), trial=session.parent.name))
        if not sources:
            raise ReadError(f"{path}: holds no session.xml beside a Part_*_emotion.bdf")
        return sources

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one session, if it shows a stimulus."""
        path, notes = source.files
        session, subject = _session(notes)
        if session.get("isStim", "1") != "1":
            return
        file = BioSemi(path)
        signals = {
            "eeg": Signal(file.rows(list(BIOSEMI_32)), file.sfreq, "uV", BIOSEMI_32, -self.margin),
            "ecg": self._signal(file, ["EXG1", "EXG2", "EXG3"], "uV"),
            "eda": self._signal(file, ["GSR1"], self.eda_unit),
            "respiration": self._signal(file, ["Resp"], "a.u."),
            "temperature": self._signal(file, ["Temp"], "C"),
        }
        stop = signals["eeg"].stop - self.margin
        length = _number(session.get("cutLenSec"))
        stop = min(stop, length) if length > 0 else stop
        if stop <= 0:
            raise ReadError(f"{path}: is shorter than the {self.margin:g} s around a stimulus")
        felt = [[_number(session.get(name)) for name in _ATTRIBUTES]]
        yield Recording(
            subject,
            signals,
            Ratings.intervals([0.0], [stop], felt, TARGETS, SCALE),
            trial=str(source.trial),
            stimulus=session.get("mediaFile"),
            baseline=((-self.margin, 0.0),) if self.margin else (),
        )

    def _signal(self, file: BioSemi, names: list[str], unit: str) -> Signal:
        return Signal(file.rows(names), file.sfreq, unit, tuple(names), start=-self.margin)


def _session(path: Path) -> tuple[dict[str, str], str]:
    elements = read_elements(path)
    sessions = [attributes for tag, attributes in elements if tag == "session"]
    subjects = [one["id"] for tag, one in elements if tag == "subject" and "id" in one]
    if len(sessions) != 1 or len(subjects) != 1:
        raise ReadError(
            f"{path}: must have one <session> and in it one <subject id=...>, it has "
            f"{len(sessions)} and {len(subjects)}"
        )
    return sessions[0], subjects[0]


def _number(text: str | None) -> float:
    """Read a number, NaN where none was given."""
    return float(text) if text else np.nan
