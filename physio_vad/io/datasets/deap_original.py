"""DEAP's original recordings: 48 channels at 512 Hz, with codes that say when a video ran."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError
from physio_vad.io.base import Source, named, natural
from physio_vad.io.devices.mne_files import find_events
from physio_vad.io.formats.biosemi import BioSemi
from physio_vad.io.montages import BIOSEMI_32
from physio_vad.io.tables.open import open_table
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

TARGETS = ("valence", "arousal", "dominance", "liking")
SCALE = dict.fromkeys(TARGETS, (1.0, 9.0))

_FIXATION, _VIDEO, _AFTER = "3", "4", "5"
_PAIRS = {"eog": ("hEOG", "vEOG"), "emg": ("zEMG", "tEMG")}
_ELECTRODES = {
    "hEOG": ["EXG1", "EXG2"],
    "vEOG": ["EXG3", "EXG4"],
    "zEMG": ["EXG5", "EXG6"],
    "tEMG": ["EXG7", "EXG8"],
}
_LAST_IN_TWENTE = 22


def find_original(path: Path) -> list[Source]:
    """List the files and the table of ratings, which may lie in a folder beside them.

    Raises
    ------
    ReadError
        If there are no such files, or no table.
    """
    found = sorted(path.rglob("s[0-9][0-9].bdf"), key=lambda one: natural(one.name))
    tables = sorted(path.rglob("participant_ratings.csv"))
    if not found or not tables:
        raise ReadError(f"{path}: must hold s01.bdf to s32.bdf and participant_ratings.csv")
    return [Source((one, tables[0]), one.stem) for one in found]


def read_original(source: Source) -> Iterator[Recording]:
    """Give one recording a video, in the order of presentation; time 0 is the video's start.

    Raises
    ------
    ReadError
        If codes and ratings do not fit each other.
    """
    path, table = source.files
    number = int(path.stem[1:])
    file = BioSemi(path)
    spans = _spans([(start, text) for start, _, text in find_events(file.raw)])
    rated = _ratings(table, number)
    if len(spans) != len(rated):
        raise ReadError(f"{path}: has {len(spans)} videos, {table.name} has {len(rated)} ratings")
    signals = _signals(file, "nS" if number <= _LAST_IN_TWENTE else "ohm")
    for (before, start, stop), (video, values) in zip(spans, rated, strict=True):
        part = {name: one.crop(before, stop) for name, one in signals.items()}
        moved = {
            name: Signal(one.values, one.sfreq, one.unit, one.channels, one.start - start)
            for name, one in part.items()
        }
        with named(f"{table}: {path.stem}, video {video}"):
            ratings = Ratings.intervals([0.0], [stop - start], [values], TARGETS, SCALE)
        rest = ((before - start, 0.0),) if before < start else ()
        yield Recording(path.stem, moved, ratings, str(video), f"video {video}", rest)


def _spans(codes: list[tuple[float, str]]) -> list[tuple[float, float, float]]:
    """Find when each video's fixation, the video itself, and what follows began."""
    spans: list[tuple[float, float, float]] = []
    fixation = start = None
    for time, code in codes:
        if code == _FIXATION:
            fixation = time
        elif code == _VIDEO:
            start = time
        elif code == _AFTER and start is not None:
            spans.append((start if fixation is None else fixation, start, time))
            fixation = start = None
    return spans


def _signals(file: BioSemi, skin: str) -> dict[str, Signal]:
    pairs = {
        modality: np.concatenate([-np.diff(file.rows(_ELECTRODES[name]), axis=0) for name in names])
        for modality, names in _PAIRS.items()
    }
    return {
        "eeg": Signal(file.rows(list(BIOSEMI_32)), file.sfreq, "uV", BIOSEMI_32),
        **{name: Signal(pairs[name], file.sfreq, "uV", _PAIRS[name]) for name in _PAIRS},
        "eda": Signal(file.rows(["GSR1"]), file.sfreq, skin, ("GSR1",)),
        "respiration": Signal(file.rows(["Resp"]), file.sfreq, "a.u.", ("Resp",)),
        "ppg": Signal(file.rows(["Plet"]), file.sfreq, "a.u.", ("Plet",)),
        "temperature": Signal(file.rows(["Temp"]), file.sfreq, "C", ("Temp",)),
    }


def _ratings(path: Path, person: int) -> list[tuple[int, FloatArray]]:
    """Read the video and the ratings of each trial, in the order of presentation."""
    table = open_table(path)
    names = [name.lower() for name in table.names or []]
    wanted = ["participant_id", "trial", "experiment_id", *TARGETS]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ReadError(f"{path}: lacks the column {', '.join(map(repr, missing))}")
    rows = table.load([names.index(name) for name in wanted])[0]
    mine = rows[:, rows[0] == person]
    mine = mine[:, np.argsort(mine[1], kind="stable")]
    return [(int(one[2]), one[3:]) for one in mine.T]
