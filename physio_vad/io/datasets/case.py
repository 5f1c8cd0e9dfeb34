"""CASE (Sharma et al. 2019, doi:10.1038/s41597-019-0209-0) and its EPiC 2023 repackaging."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, natural, one_name_each
from physio_vad.io.datasets.case_raw import SCALE, TARGETS, find_raw, read_raw
from physio_vad.io.file_patterns import compile_template
from physio_vad.io.tables.open import open_table
from physio_vad.io.timestamps import measure
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

_SIGNALS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ecg": ("mV", ("ecg",)),
    "ppg": ("%", ("bvp",)),
    "eda": ("uS", ("gsr",)),
    "respiration": ("%", ("rsp",)),
    "temperature": ("C", ("skt",)),
    "emg": ("uV", ("emg_zygo", "emg_coru", "emg_trap")),
}
_COLUMNS = [name for _, names in _SIGNALS.values() for name in names]
_N_VIDEOS = 8


@dataclass(frozen=True, kw_only=True)
class CaseReader(Reader):
    """CASE's interpolated files, or EPiC's pairs of files; a trial is a video.

    Finds ``physiological/sub_1.csv`` beside ``annotations/sub_1.csv`` (one file a person, cut by
    its ``video`` column), or ``physiology/sub_1_vid_2.csv`` beside ``annotations/sub_1_vid_2.csv``,
    anywhere under the folder. Physiology runs at 1000 Hz; valence and arousal are continuous, 20
    Hz, on 0.5 to 9.5, with 5 where the joystick rests. Both share one clock: time 0 is the start of
    a video, in EPiC the first annotation, so that its longer physiology begins before 0. A person's
    whole file is in memory while it is read, in EPiC that of one video.

    Parameters
    ----------
    files : {"interpolated", "raw"}
        ``"raw"`` reads ``sub1_DAQ.txt`` beside ``sub1_joystick.txt``, text without header, and
        converts volts and joystick positions as the authors do. A person is one recording there:
        the files do not say which video ran when. The ECG stays in volts of the amplifier.
    screens : bool
        Also read what lies between the videos (start, end and blue screens).
    """

    name: ClassVar[str] = "case"

    files: Literal["interpolated", "raw"] = "interpolated"
    screens: bool = False

    def __post_init__(self) -> None:
        if self.files not in ("interpolated", "raw"):
            raise ArgumentError(f"files must be 'interpolated' or 'raw', got {self.files!r}")

    def find(self, path: Path) -> list[Source]:
        """List the physiology files that have annotations."""
        if self.files == "raw":
            return find_raw(path)
        found = []
        for folder, template in (
            ("physiological", "sub_{subject}.csv"),
            ("physiology", "sub_{subject}_vid_{trial}.csv"),
        ):
            pattern = compile_template(template)
            for file in path.rglob(f"{folder}/*.csv"):
                fits = pattern.fullmatch(file.name)
                if fits:
                    beside = file.parent.parent / "annotations" / file.name
                    found.append(
                        Source((file, beside), fits["subject"], fits.groupdict().get("trial"))
                    )
        if not found:
            raise ReadError(
                f"{path}: holds neither physiological/sub_1.csv (CASE, interpolated) nor "
                "physiology/sub_1_vid_1.csv (EPiC)"
            )
        return sorted(found, key=lambda source: natural(source.files[0].as_posix()))

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one person's videos."""
        body, felt = source.files
        if not felt.is_file():
            raise ReadError(f"{felt}: is missing; it must have the annotations of {body.name}")
        if self.files == "raw":
            yield read_raw(source)
            return
        if source.trial is not None:
            yield self._epic(source)
            return
        values = _load(body, ["daqtime", "video", *_COLUMNS])
        ratings = _load(felt, ["jstime", "video", *TARGETS])
        runs = _runs(values[1])
        names = one_name_each(f"{values[1, rows.start]:g}" for rows in runs)
        for rows, name in zip(runs, names, strict=True):
            video = values[1, rows.start]
            if self.screens or video in range(1, _N_VIDEOS + 1):
                part = values[:, rows]
                inside = (ratings[0] >= part[0, 0]) & (ratings[0] <= part[0, -1])
                inside &= ratings[1] == video
                yield _recording(
                    source, name, part[0], part[2:], ratings[0, inside], ratings[2:, inside]
                )

    def _epic(self, source: Source) -> Recording:
        values = _load(source.files[0], ["time", *_COLUMNS])
        ratings = _load(source.files[1], ["time", *TARGETS])
        return _recording(
            source, str(source.trial), values[0], values[1:], ratings[0], ratings[1:], ratings[0, 0]
        )


def _load(path: Path, columns: list[str]) -> FloatArray:
    table = open_table(path)
    names = table.names or []
    missing = [name for name in columns if name not in names]
    if missing:
        raise ReadError(f"{path}: lacks the column {', '.join(map(repr, missing))}")
    return table.load([names.index(name) for name in columns])[0]


def _runs(video: FloatArray) -> list[slice]:
    edges = np.concatenate([[0], np.flatnonzero(np.diff(video)) + 1, [len(video)]])
    return [slice(int(i), int(j)) for i, j in itertools.pairwise(edges)]


def _recording(
    source: Source,
    video: str,
    times: FloatArray,
    values: FloatArray,
    rated_at: FloatArray,
    rated: FloatArray,
    zero: float | None = None,
) -> Recording:
    """Join signals and ratings, whose times are in milliseconds of one clock."""
    if len(rated_at) == 0:
        raise ReadError(f"{source.files[1]}: has no annotations of video {video}")
    zero = float(times[0]) if zero is None else zero
    grid = measure(times / 1000, 1000.0, str(source.files[0]))
    placed = grid.place(values)
    signals = {
        modality: Signal(
            placed[[_COLUMNS.index(name) for name in names]],
            grid.sfreq,
            unit,
            names,
            start=float(times[0] - zero) / 1000,
        )
        for modality, (unit, names) in _SIGNALS.items()
    }
    ratings = Ratings.series((rated_at - zero) / 1000, rated.T, TARGETS, SCALE)
    return Recording(str(source.subject), signals, ratings, video, f"video {video}")
