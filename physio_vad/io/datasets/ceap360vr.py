"""CEAP-360VR (Xue et al. 2021, doi:10.1109/TMM.2021.3124080)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError
from physio_vad.io.base import Reader, Source, natural
from physio_vad.io.file_patterns import compile_template
from physio_vad.io.formats.json_text import load_json
from physio_vad.io.timestamps import measure
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Events, Recording, Signal

TARGETS = ("valence", "arousal")
SCALE = dict.fromkeys(TARGETS, (1.0, 9.0))

_SENSORS = {
    "BVP": ("ppg", "nW", ("BVP",), 64.0),
    "EDA": ("eda", "uS", ("EDA",), 4.0),
    "SKT": ("temperature", "C", ("SKT",), 4.0),
    "ACC": ("acceleration", "1/64 g", ("x", "y", "z"), 32.0),
}


@dataclass(frozen=True, kw_only=True)
class CeapReader(Reader):
    """CEAP-360VR's JSON files: a wristband's signals and continuous ratings, a trial a video.

    The physiology comes from ``5_PhysioData/Raw``: in the other versions it is scaled to 0 to 1 for
    each video, so that microsiemens and degrees are gone. The ratings come from
    ``3_AnnotationData/Transformed``: valence and arousal, 1 to 9, with 5 at rest. In both, time 0
    is the first time of a video. A person's whole files are in memory while they are read.
    """

    name: ClassVar[str] = "ceap360vr"

    def find(self, path: Path) -> list[Source]:
        """List the people's files."""
        pattern = compile_template("P{subject}_Physio_RawData.json")
        found = []
        for file in path.rglob("*_Physio_RawData.json"):
            if fits := pattern.fullmatch(file.name):
                name = f"P{fits['subject']}_Annotation_TransData.json"
                felt = file.parents[2] / "3_AnnotationData" / "Transformed" / name
                found.append(Source((file, felt), f"P{fits['subject']}"))
        if not found:
            raise ReadError(f"{path}: holds no 5_PhysioData/Raw/P1_Physio_RawData.json and so on")
        return sorted(found, key=lambda one: natural(str(one.subject)))

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one person's videos."""
        body, felt = (_videos(path) for path in source.files)
        for name, video in body.items():
            if name not in felt:
                raise ReadError(f"{source.files[1]}: has no ratings of video {name}")
            where = f"{source.files[0]}: {name}"
            yield Recording(
                str(source.subject),
                _signals(video, where),
                _ratings(felt[name], f"{source.files[1]}: {name}"),
                trial=name,
                stimulus=name,
            )


def _videos(path: Path) -> dict[str, dict[str, Any]]:
    """Read a file: one person, and for each video one dict, by the video's name."""
    try:
        (people,) = load_json(path.read_bytes()).values()
        (videos,) = (value for value in people[0].values() if isinstance(value, list))
        return {str(video["VideoID"]): video for video in videos}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ReadError(
            f"{path}: must hold one person with a list of videos that have a VideoID: "
            f"{type(error).__name__}: {error}"
        ) from None


def _signals(video: dict[str, Any], where: str) -> dict[str, Signal | Events]:
    tables = {key: _table(video, f"{key}_", where) for key in (*_SENSORS, "IBI")}
    given = {key: table for key, table in tables.items() if table is not None}
    if not given:
        raise ReadError(f"{where}: has none of {', '.join(tables)}")
    zero = min(float(table[0, 0]) for table in given.values())
    signals: dict[str, Signal | Events] = {}
    for key, (modality, unit, channels, nominal) in _SENSORS.items():
        if key in given:
            times, values = given[key][0], given[key][1:]
            grid = measure(times, nominal, f"{where}, {key}")
            start = float(times[0]) - zero
            signals[modality] = Signal(grid.place(values), grid.sfreq, unit, channels, start)
    if "IBI" in given:
        signals["ibi"] = Events(given["IBI"][0] - zero, given["IBI"][1], "s")
    return signals


def _ratings(video: dict[str, Any], where: str) -> Ratings:
    table = _table(video, "TimeStamp_", where, ("Valence", "Arousal"))
    if table is None:
        raise ReadError(f"{where}: must have rows of TimeStamp, Valence and Arousal")
    return Ratings.series(table[0] - table[0, 0], table[1:].T, TARGETS, SCALE)


def _table(
    video: dict[str, Any], prefix: str, where: str, names: Sequence[str] | None = None
) -> FloatArray | None:
    """Read rows of a time and named values, by default all; None if there is no row."""
    rows: list[Any] = next((video[key] for key in video if key.startswith(prefix)), [])
    if not rows:
        return None
    try:
        names = names or [name for name in rows[0] if name != "TimeStamp"]
        return np.array([[float(row[name]) for name in ("TimeStamp", *names)] for row in rows]).T
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ReadError(
            f"{where}, {prefix[:-1]}: rows must hold numbers: {type(error).__name__}: {error}"
        ) from None
