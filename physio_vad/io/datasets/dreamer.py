"""DREAMER (Katsigiannis and Ramzan 2018, doi:10.1109/JBHI.2017.2688239)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad.exceptions import ArgumentError, ReadError, RecordingError
from physio_vad.io.base import Reader, Source, named
from physio_vad.io.formats.matlab import cells, field_of, load_mat, numbers
from physio_vad.io.montages import EPOC
from physio_vad.recording.ratings import VAD, Ratings
from physio_vad.recording.recording import Recording, Signal
from physio_vad.recording.units import conversion

SCALE = dict.fromkeys(VAD, (1.0, 5.0))

_SCORES = ("ScoreValence", "ScoreArousal", "ScoreDominance")


@dataclass(frozen=True, kw_only=True)
class DreamerReader(Reader):
    """``DREAMER.mat``: 23 people, 18 film clips, EEG at 128 Hz and ECG at 256 Hz.

    Time 0 is the start of the clip. The neutral clip before it, of about 61 s, is the `baseline`:
    it ends at time 0 and is not rated. People are ``1`` to ``23``, trials and stimuli the clips.
    The whole file is one MATLAB variable, so all of it is in memory while it is read.

    Parameters
    ----------
    ecg_unit : str
        Unit of the ECG, which the data set does not state.
    """

    name: ClassVar[str] = "dreamer"

    ecg_unit: str = "mV"

    def __post_init__(self) -> None:
        try:
            conversion("ecg", self.ecg_unit)
        except RecordingError as error:
            raise ArgumentError(f"ecg_unit: {error}") from None

    def find(self, path: Path) -> list[Source]:
        """Find the one file."""
        file = path if path.is_file() else path / "DREAMER.mat"
        if not file.is_file():
            raise ReadError(f"{path}: holds no DREAMER.mat")
        return [Source((file,))]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read all people, one trial at a time."""
        path = source.files[0]
        top = load_mat(path, ["DREAMER"])["DREAMER"]
        where = f"{path}: DREAMER"
        rates = {
            "eeg": _number(field_of(top, "EEG_SamplingRate", where)),
            "ecg": _number(field_of(top, "ECG_SamplingRate", where)),
        }
        for person, data in enumerate(cells(field_of(top, "Data", where)), start=1):
            yield from self._person(str(person), data, rates, f"{where}.Data{{{person}}}")

    def _person(
        self, subject: str, data: Any, rates: dict[str, float], where: str
    ) -> Iterator[Recording]:
        eeg, ecg = field_of(data, "EEG", where), field_of(data, "ECG", where)
        scores = np.column_stack(
            [numbers(np.ravel(field_of(data, name, where)), (None,), where) for name in _SCORES]
        )
        parts = [
            cells(field_of(kind, part, where))
            for kind in (eeg, ecg)
            for part in ("baseline", "stimuli")
        ]
        if {len(part) for part in parts} != {len(scores)}:
            raise ReadError(
                f"{where}: EEG and ECG, baseline and stimuli, must have one cell for each of "
                f"{len(scores)} scores, got {[len(part) for part in parts]}"
            )
        for clip, (rest, film, ecg_rest, ecg_film) in enumerate(zip(*parts, strict=True)):
            place = f"{where}, clip {clip + 1}"
            signals = {
                "eeg": _join(rest, film, rates["eeg"], "uV", EPOC, place),
                "ecg": _join(ecg_rest, ecg_film, rates["ecg"], self.ecg_unit, ("1", "2"), place),
            }
            start = max(one.start for one in signals.values())
            stop = max(one.stop for one in signals.values())
            with named(place):
                ratings = Ratings.intervals([0.0], [stop], scores[clip : clip + 1], VAD, SCALE)
            yield Recording(
                subject,
                signals,
                ratings,
                trial=str(clip + 1),
                stimulus=f"clip {clip + 1}",
                baseline=((start, 0.0),) if start < 0 else (),
            )


def _join(
    rest: Any, film: Any, sfreq: float, unit: str, channels: tuple[str, ...], where: str
) -> Signal:
    """Put the baseline before time 0 and the clip after it; rows are samples."""
    before = numbers(rest, (None, len(channels)), f"{where}, baseline")
    after = numbers(film, (None, len(channels)), f"{where}, stimuli")
    values = np.concatenate([before, after]).T
    return Signal(values, sfreq, unit, channels, start=-len(before) / sfreq)


def _number(value: Any) -> float:
    return float(np.asarray(value).ravel()[0])
