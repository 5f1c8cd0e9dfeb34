"""DEAP (Koelstra et al. 2012, doi:10.1109/T-AFFC.2011.15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, named, natural
from physio_vad.io.datasets.deap_original import SCALE, TARGETS, find_original, read_original
from physio_vad.io.formats.matlab import load_mat, numbers
from physio_vad.io.formats.unpickle import parse_pickle
from physio_vad.io.montages import BIOSEMI_32
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

_SFREQ = 128.0
_BASELINE = 3.0
_SIGNALS = {
    "eeg": (slice(0, 32), "uV", BIOSEMI_32),
    "eog": (slice(32, 34), "uV", ("hEOG", "vEOG")),
    "emg": (slice(34, 36), "uV", ("zEMG", "tEMG")),
    "eda": (slice(36, 37), "ohm", ("GSR",)),
    "respiration": (slice(37, 38), "a.u.", ("belt",)),
    "ppg": (slice(38, 39), "a.u.", ("plethysmograph",)),
    "temperature": (slice(39, 40), "C", ("temperature",)),
}


@dataclass(frozen=True, kw_only=True)
class DeapReader(Reader):
    """DEAP's preprocessed ``s01.mat`` to ``s32.mat``, or ``.dat``: 40 trials of 60 s at 128 Hz.

    The MATLAB files are read where there are both. The others are pickles, of which only plain data
    are read: whatever else they ask for is refused by name.

    Time 0 is the start of the video; the 3 s before it are the `baseline`, and are not rated. The
    trial is named by its video, which is the stimulus. The EEG is cleaned of blinks and filtered
    from 4 to 45 Hz, so delta and blinks are gone. GSR is a resistance in ohm that went through
    processing and crosses zero: it has no true conductance, leave ``eda`` out if in doubt.
    A person's whole file is in memory while it is read.

    Parameters
    ----------
    files : {"preprocessed", "original"}
        ``"original"`` reads ``s01.bdf`` to ``s32.bdf`` (512 Hz) and ``participant_ratings.csv``:
        the fixation before a video is the baseline, EOG and EMG are differences of two electrodes,
        and the skin's unit is nS in s01 to s22 and ohm in the others.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "deap"

    files: Literal["preprocessed", "original"] = "preprocessed"

    def __post_init__(self) -> None:
        if self.files not in ("preprocessed", "original"):
            raise ArgumentError(f"files must be 'preprocessed' or 'original', got {self.files!r}")

    def find(self, path: Path) -> list[Source]:
        """List the files, in ``data_preprocessed_matlab`` or ``data_preprocessed_python`` too."""
        if self.files == "original":
            return find_original(path)
        if path.is_file():
            return [Source((path,), path.stem)]
        for suffix, folder in ((".mat", "matlab"), (".dat", "python")):
            for place in (path, path / f"data_preprocessed_{folder}"):
                found = place.glob(f"s[0-9][0-9]{suffix}")
                if files := sorted(found, key=lambda one: natural(one.name)):
                    return [Source((one,), one.stem) for one in files]
        raise ReadError(
            f"{path}: holds no s01.mat to s32.mat and no s01.dat to s32.dat, nor do "
            "data_preprocessed_matlab and data_preprocessed_python in it"
        )

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one person's trials."""
        if self.files == "original":
            yield from read_original(source)
            return
        path = source.files[0]
        loaded = _load(path)
        data = numbers(loaded["data"], (None, 40, None), f"{path}: data")
        labels = numbers(loaded["labels"], (len(data), len(TARGETS)), f"{path}: labels")
        for number, (trial, label) in enumerate(zip(data, labels, strict=True), start=1):
            yield _recording(source.subject or path.stem, str(number), trial, label)


def _load(path: Path) -> dict[str, Any]:
    if path.suffix.lower() != ".dat":
        return load_mat(path, ["data", "labels"])
    loaded = parse_pickle(path)
    if not isinstance(loaded, dict) or not {"data", "labels"} <= loaded.keys():
        raise ReadError(f"{path}: must be a dict with 'data' and 'labels'")
    return loaded


def _recording(subject: str, video: str, data: FloatArray, label: FloatArray) -> Recording:
    signals = {
        modality: Signal(data[rows], _SFREQ, unit, channels, start=-_BASELINE)
        for modality, (rows, unit, channels) in _SIGNALS.items()
    }
    stop = signals["eeg"].stop
    if stop <= 0:
        raise ReadError(f"trial {video} ends before its baseline of {_BASELINE:g} s does")
    with named(f"trial {video}"):
        ratings = Ratings.intervals([0.0], [stop], [label], TARGETS, SCALE)
    return Recording(subject, signals, ratings, video, f"video {video}", ((-_BASELINE, 0.0),))
