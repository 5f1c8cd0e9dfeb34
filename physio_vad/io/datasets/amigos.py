"""AMIGOS, preprocessed (Miranda-Correa et al. 2021, doi:10.1109/TAFFC.2018.2884461)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, named, natural, one_name_each
from physio_vad.io.formats.matlab import cells, load_mat, numbers
from physio_vad.io.montages import EPOC
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

SELF_TARGETS = (
    "arousal",
    "valence",
    "dominance",
    "liking",
    "familiarity",
    "neutral",
    "disgust",
    "happiness",
    "surprise",
    "anger",
    "fear",
    "sadness",
)
SELF_SCALE = dict.fromkeys(SELF_TARGETS[:5], (1.0, 9.0)) | dict.fromkeys(
    SELF_TARGETS[5:], (0.0, 1.0)
)
EXTERNAL_TARGETS = ("valence", "arousal")
EXTERNAL_SCALE = dict.fromkeys(EXTERNAL_TARGETS, (-1.0, 1.0))

_SFREQ = 128.0
_BASELINE = 5.0
_SEGMENT = 20.0
_LABELS = {"self": "labels_selfassessment", "external": "labels_ext_annotation"}


@dataclass(frozen=True, kw_only=True)
class AmigosReader(Reader):
    """AMIGOS's ``Data_Preprocessed_P01.mat`` to ``P40``: 16 short and 4 long videos at 128 Hz.

    Time 0 is the start of the video; the 5 s before it are the `baseline`, and are not rated.
    Trials and stimuli are the video's identifiers; videos that a person did not see are left out.
    A person's whole file is in memory while it is read.

    Parameters
    ----------
    annotation : {"self", "external"}
        The person's own ratings of a video (arousal, valence, dominance, liking, familiarity on 1
        to 9, seven emotions 0 or 1), or what three observers said of each 20 s (valence, arousal
        on -1 to 1).
    ecg_unit, eda_unit : str
        Units, which the files do not state.
    """

    name: ClassVar[str] = "amigos"

    annotation: Literal["self", "external"] = "self"
    ecg_unit: str = "mV"
    eda_unit: str = "uS"

    def __post_init__(self) -> None:
        if self.annotation not in _LABELS:
            raise ArgumentError(f"annotation must be 'self' or 'external', got {self.annotation!r}")

    def find(self, path: Path) -> list[Source]:
        """List the files, also where each lies in a folder of its own."""
        if path.is_file():
            return [Source((path,), _subject(path))]
        found = sorted(
            path.rglob("Data_Preprocessed_P[0-9][0-9].mat"), key=lambda one: natural(one.name)
        )
        if not found:
            raise ReadError(f"{path}: holds no Data_Preprocessed_P01.mat to P40.mat")
        return [Source((one,), _subject(one)) for one in found]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one person's videos."""
        path = source.files[0]
        loaded = load_mat(path, ["joined_data", _LABELS[self.annotation], "VideoIDs"])
        data, labels = cells(loaded["joined_data"]), cells(loaded[_LABELS[self.annotation]])
        videos = one_name_each(_text(one) for one in cells(loaded["VideoIDs"]))
        if not len(data) == len(labels) == len(videos):
            raise ReadError(
                f"{path}: must have as many labels and VideoIDs as joined_data, got {len(labels)}, "
                f"{len(videos)} and {len(data)}"
            )
        for video, values, label in zip(videos, data, labels, strict=True):
            if np.size(values):
                where = f"{path}: video {video}"
                signals = self._signals(numbers(values, (None, 17), where).T)
                stop = signals["eeg"].stop
                if stop <= 0:
                    raise ReadError(f"{where} ends before its baseline of {_BASELINE:g} s does")
                with named(where):
                    ratings = (_own if self.annotation == "self" else _external)(label, stop, where)
                yield Recording(
                    source.subject or _subject(path),
                    signals,
                    ratings,
                    trial=video,
                    stimulus=f"video {video}",
                    baseline=((-_BASELINE, 0.0),),
                )

    def _signals(self, values: FloatArray) -> dict[str, Signal]:
        start = -_BASELINE
        return {
            "eeg": Signal(values[:14], _SFREQ, "uV", EPOC, start),
            "ecg": Signal(values[14:16], _SFREQ, self.ecg_unit, ("right", "left"), start),
            "eda": Signal(values[16:], _SFREQ, self.eda_unit, ("GSR",), start),
        }


def _own(label: Any, stop: float, where: str) -> Ratings:
    n_targets = len(SELF_TARGETS)
    row = np.full((1, n_targets), np.nan)
    if np.size(label):
        row = numbers(np.reshape(label, (1, -1)), (1, n_targets), f"{where}, self-assessment")
    return Ratings.intervals([0.0], [stop], row, SELF_TARGETS, SELF_SCALE)


def _external(label: Any, stop: float, where: str) -> Ratings:
    """Rate segments of 20 s; the first column numbers them, the last may be shorter."""
    rows = np.empty((0, 3))
    if np.size(label):
        rows = numbers(label, (None, 3), f"{where}, external annotation")
        rows = rows[np.isfinite(rows[:, 0])]
    starts = _SEGMENT * (rows[:, 0] - rows[:, 0].min(initial=np.inf))
    inside = starts < stop
    stops = np.minimum(starts + _SEGMENT, stop)
    return Ratings.intervals(
        starts[inside], stops[inside], rows[inside, 1:], EXTERNAL_TARGETS, EXTERNAL_SCALE
    )


def _subject(path: Path) -> str:
    return path.stem.rsplit("_", 1)[-1]


def _text(value: Any) -> str:
    found = np.ravel(value)
    return str(found[0]) if found.size else "?"
