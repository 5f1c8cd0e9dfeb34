"""HKU956 (Hu, Li & Liu 2022, doi:10.3390/app12189354): songs, felt by people with an E4."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from physio_vad.exceptions import RatingsWarning, ReadError, SkippedWarning
from physio_vad.io.base import Reader, Source, named, natural
from physio_vad.io.tables.open import open_table
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Events, Recording, Signal

_SIGNALS: Mapping[str, tuple[str, str, float]] = {
    "BVP": ("ppg", "nW", 64.0),
    "EDA": ("eda", "uS", 4.0),
    "TEMP": ("temperature", "C", 4.0),
}
"""Modality, unit and rate of each folder."""
_TARGETS = {"valence": "valence_rating", "arousal": "arousal_rating"}
_LOW, _HIGH = -10.0, 10.0


@dataclass(frozen=True, kw_only=True)
class Hku956Reader(Reader):
    """HKU956: a trial is a song, with one rating of valence and arousal from -10 to 10.

    Reads ``1. physiological_signals/PERSON/{BVP,EDA,TEMP}/SONGNO_SONGID.csv`` (64, 4, 4 Hz) and
    ``3. AV_ratings.csv``. The stimulus is the song's id. ``HR`` is left out, it is made of the
    beats; ``IBI`` too, since the files hold intervals without the times at which beats were missed.

    Checked on the genuine recordings of 15 people, 513 songs.
    """

    name: ClassVar[str] = "hku956"

    def find(self, path: Path) -> list[Source]:
        """List the people of the data set's folder."""
        folders = sorted(path.glob("*physiological_signals")) if path.is_dir() else []
        tables = sorted(path.glob("*AV_ratings.csv")) if path.is_dir() else []
        if not folders or not tables:
            raise ReadError(
                f"{path}: holds no HKU956: a folder '1. physiological_signals' beside "
                "'3. AV_ratings.csv'"
            )
        people = [one for one in folders[0].iterdir() if (one / "EDA").is_dir()]
        people.sort(key=lambda one: natural(one.name))
        return [Source((one, tables[0]), one.name) for one in people]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read the songs of one person, by their number."""
        folder, table = source.files
        subject = source.subject or folder.name
        ratings = _read_ratings(table, subject)
        songs = {one.stem for name in _SIGNALS for one in (folder / name).glob("*.csv")}
        if not songs:
            raise ReadError(f"{folder}: holds no song in BVP, EDA or TEMP")
        for song in sorted(songs, key=natural):
            number, _, stimulus = song.partition("_")
            signals = _read_song(folder, song)
            if song not in ratings:
                warnings.warn(
                    f"{table}: has no row for {subject!r}, song {song!r}",
                    RatingsWarning,
                    stacklevel=2,
                )
            if signals:
                yield Recording(
                    subject, signals, ratings.get(song), trial=number, stimulus=stimulus or None
                )


def _read_song(folder: Path, song: str) -> dict[str, Signal | Events]:
    """Read the sensors of one song; an empty file is a sensor that is missing."""
    signals: dict[str, Signal | Events] = {}
    for name, (modality, unit, sfreq) in _SIGNALS.items():
        path = folder / name / f"{song}.csv"
        if not path.is_file():
            continue
        if path.stat().st_size == 0:
            warnings.warn(f"{path}: is empty and left out", SkippedWarning, stacklevel=2)
            continue
        try:
            values = np.array(path.read_bytes().split(), dtype=np.float64)
        except ValueError as error:
            raise ReadError(f"{path}: must hold one number a line: {error}") from None
        signals[modality] = Signal(values, sfreq, unit, (name,))
    return signals


def _read_ratings(path: Path, subject: str) -> dict[str, Ratings]:
    """Read the ratings of one person, by number and id of the song."""
    table = open_table(path)
    names = table.names or []
    keys = ["participant_id", "song_no", "song_id"]
    lacking = [one for one in [*keys, *_TARGETS.values()] if one not in names]
    if lacking:
        raise ReadError(f"{path}: lacks the column {', '.join(lacking)}")
    values, (people, numbers, songs) = table.load(
        [names.index(one) for one in _TARGETS.values()], [names.index(one) for one in keys]
    )
    scale = dict.fromkeys(_TARGETS, (_LOW, _HIGH))
    ratings = {}
    for row in (row for row, person in enumerate(people) if person == subject):
        song = f"{numbers[row]}_{songs[row]}"
        with named(f"{path}: row {row + 1}, {subject}, song {song}"):
            given = dict(zip(_TARGETS, values[:, row].tolist(), strict=True))
            ratings[song] = Ratings.constant(given, scale)
    return ratings
