"""WESAD (Schmidt et al. 2018, doi:10.1145/3242969.3242985), from its text files or pickles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, natural, one_name_each
from physio_vad.io.datasets.wesad_pickle import read_synchronised
from physio_vad.io.devices.e4 import read_export
from physio_vad.io.devices.opensignals_files import count_comments, read_headers
from physio_vad.io.tables.dialect import Dialect
from physio_vad.io.tables.text import TextTable
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

TARGETS = ("valence", "arousal", "stress")
SCALE = {"valence": (1.0, 9.0), "arousal": (1.0, 9.0), "stress": (0.0, 1.0)}

_FULL = 2.0**16
_VOLTS = 3.0
_SENSORS = ("ECG", "EDA", "EMG", "TEMP", "XYZ", "XYZ", "XYZ", "RESPIRATION")
_STRESS = ("TSST",)


@dataclass(frozen=True, kw_only=True)
class WesadReader(Reader):
    """WESAD's folders ``S2`` to ``S17``: the chest or the wrist device.

    ``S2_quest.csv`` says when each condition began and ended, by the clock of the chest device, and
    how the person rated it afterwards (valence and arousal, 1 to 9). The target ``stress`` is 1 in
    the Trier social stress test and 0 in the other conditions: known from the protocol, not rated.
    A person's signals, of a pickle the whole file, are in memory while they are read.

    Parameters
    ----------
    device : {"chest", "wrist"}
        RespiBAN (``S2_respiban.txt``: ECG, EDA, EMG, temperature, acceleration, respiration at 700
        Hz) or Empatica E4 (``S2_E4_Data.zip`` or folder). The clocks of the two are taken to differ
        by whole hours only, so the wrist's times are right to some seconds.
    files : {"text", "pickle"}
        The devices' own files, or ``S2.pkl``, in which both devices share one clock and the
        conditions are a code for each sample; ratings come from the questionnaire beside it, where
        there is one. Of a pickle only plain data are read.
    trials : {None, "task"}
        Cut a recording into its conditions, which name the trials and are the stimuli.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "wesad"

    device: Literal["chest", "wrist"] = "chest"
    files: Literal["text", "pickle"] = "text"
    trials: Literal["task"] | None = None

    def __post_init__(self) -> None:
        if self.device not in ("chest", "wrist"):
            raise ArgumentError(f"device must be 'chest' or 'wrist', got {self.device!r}")
        if self.files not in ("text", "pickle"):
            raise ArgumentError(f"files must be 'text' or 'pickle', got {self.files!r}")
        if self.trials not in (None, "task"):
            raise ArgumentError(f"trials must be None or 'task', got {self.trials!r}")

    @classmethod
    def candidates(cls) -> list[Reader]:
        """Try the devices' files, then the pickles."""
        return [cls(), cls(device="wrist"), cls(files="pickle")]

    def find(self, path: Path) -> list[Source]:
        """List the people's folders."""
        if self.files == "pickle":
            return _find_pickles(path)
        quests = [*path.glob("S*_quest.csv"), *path.glob("S*/S*_quest.csv")]
        if not quests:
            raise ReadError(f"{path}: holds no S2/S2_quest.csv and so on")
        sources = []
        for quest in sorted(quests, key=lambda one: natural(one.name)):
            subject = quest.name.removesuffix("_quest.csv")
            respiban = quest.with_name(f"{subject}_respiban.txt")
            wrist = quest.with_name(f"{subject}_E4_Data")
            wrist = wrist if wrist.is_dir() else wrist.with_suffix(".zip")
            sources.append(Source((quest, respiban, wrist), subject))
        return sources

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one person's device and conditions."""
        if self.files == "pickle":
            recording, conditions, late = self._read_pickle(source)
        else:
            recording, conditions, late = self._read_text(source)
        ratings = _rate(conditions, late, recording.stop, source.files[0])
        recording = replace(recording, ratings=ratings)
        if self.trials is None:
            yield recording
            return
        names = one_name_each(one.task for one in conditions)
        for one, name in zip(conditions, names, strict=True):
            start, stop = max(one.start - late, 0.0), min(one.stop - late, recording.stop)
            if stop > start:
                part = recording.crop(start, stop)
                yield replace(part, trial=name, stimulus=one.task)

    def _read_text(self, source: Source) -> tuple[Recording, list[Condition], float]:
        quest, respiban, wrist = source.files
        subject = str(source.subject)
        conditions = read_conditions(quest)
        if self.device == "chest":
            return Recording(subject, _read_chest(respiban)), conditions, 0.0
        recording, zero = read_export(wrist, subject)
        late = _whole_hours_apart(zero, _start_of(_header(respiban), respiban))
        return recording, conditions, late

    def _read_pickle(self, source: Source) -> tuple[Recording, list[Condition], float]:
        pickled, *quest = source.files
        signals, parts = read_synchronised(pickled, self.device)
        rated = (
            [one for one in read_conditions(quest[0]) if not _is_reading(one.task)] if quest else []
        )
        if rated and len(rated) != len(parts):
            raise ReadError(
                f"{quest[0]}: has {len(rated)} rated conditions, {pickled.name} has {len(parts)}"
            )
        conditions = [Condition(*one, np.nan, np.nan) for one in parts]
        if rated:
            conditions = [
                replace(one, task=other.task, valence=other.valence, arousal=other.arousal)
                for one, other in zip(conditions, rated, strict=True)
            ]
        return Recording(str(source.subject), signals), conditions, 0.0


@dataclass(frozen=True)
class Condition:
    """A part of the protocol: seconds by the chest device's clock, and ratings afterwards."""

    task: str
    start: float
    stop: float
    valence: float
    arousal: float


def read_conditions(path: Path) -> list[Condition]:
    """Read when each condition began and ended, and how it was rated.

    Raises
    ------
    ReadError
        If a line is missing or is not as it should be.
    """
    lines: dict[str, list[list[str]]] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        tag, *cells = line.split(";")
        kept = [cell.strip() for cell in cells if cell.strip()]
        lines.setdefault(tag.strip("# ").upper(), []).append(kept)
    for tag in ("ORDER", "START", "END"):
        if tag not in lines:
            raise ReadError(f"{path}: lacks the line '# {tag};...'")
    tasks = lines["ORDER"][0]
    starts, stops = ([_minutes(cell, path) for cell in lines[tag][0]] for tag in ("START", "END"))
    if not len(tasks) == len(starts) == len(stops):
        raise ReadError(
            f"{path}: ORDER, START and END must be equally long, got {len(tasks)}, {len(starts)} "
            f"and {len(stops)}"
        )
    # the readings between are not rated
    rated = [row for row, task in enumerate(tasks) if not _is_reading(task)]
    marks = np.full((len(tasks), 2), np.nan)
    for row, cells in zip(rated, lines.get("DIM", []), strict=False):
        if len(cells) != 2 or not all(cell.isdecimal() for cell in cells):
            raise ReadError(f"{path}: '# DIM' must have valence and arousal, got {cells}")
        marks[row] = [float(cell) for cell in cells]
    made = [Condition(*one) for one in zip(tasks, starts, stops, *marks.T.tolist(), strict=True)]
    return sorted(made, key=lambda one: one.start)


def _is_reading(task: str) -> bool:
    return task.lower().endswith("read")


def _find_pickles(path: Path) -> list[Source]:
    files = [path] if path.is_file() else [*path.glob("S*.pkl"), *path.glob("S*/S*.pkl")]
    if not files:
        raise ReadError(f"{path}: holds no S2/S2.pkl and so on")
    files.sort(key=lambda one: natural(one.name))
    quests = [one.with_name(f"{one.stem}_quest.csv") for one in files]
    return [
        Source((one, quest) if quest.is_file() else (one,), one.stem)
        for one, quest in zip(files, quests, strict=True)
    ]


def _minutes(cell: str, path: Path) -> float:
    """Read "50.3" as 50 min 30 s: two digits of seconds, the last one lost if it is 0."""
    minutes, _, seconds = cell.partition(".")
    seconds = seconds.ljust(2, "0")
    if not (minutes.isdecimal() and seconds.isdecimal() and len(seconds) == 2):
        raise ReadError(f"{path}: times must be minutes and seconds such as 7.08, got {cell!r}")
    return 60.0 * int(minutes) + int(seconds)


def _rate(conditions: list[Condition], late: float, end: float, path: Path) -> Ratings:
    starts = np.array([one.start - late for one in conditions])
    stops = np.array([one.stop - late for one in conditions])
    values = [[one.valence, one.arousal, float(one.task in _STRESS)] for one in conditions]
    inside = (np.minimum(stops, end) > np.maximum(starts, 0)).nonzero()[0]
    if len(inside) == 0:
        raise ReadError(f"{path}: no condition lies within the recording of {end:g} s")
    return Ratings.intervals(
        np.maximum(starts[inside], 0),
        np.minimum(stops[inside], end),
        np.array(values)[inside],
        TARGETS,
        SCALE,
    )


def _header(path: Path) -> Mapping[str, Any]:
    """Read the header of an OpenSignals text and check that it is that of a RespiBAN."""
    try:
        (header,) = read_headers(path).values()
        sensors, sfreq = tuple(header["sensor"]), float(header["sampling rate"])
    except (ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{path}: line 2 must be an OpenSignals header: {error}") from None
    if sensors != _SENSORS or not sfreq > 0:
        raise ReadError(
            f"{path}: must have the sensors {', '.join(_SENSORS)} and a rate above 0 Hz, got "
            f"{', '.join(map(str, sensors))} and {sfreq:g} Hz"
        )
    return header


def _read_chest(path: Path) -> dict[str, Signal]:
    """Convert the 16-bit counts; the first two columns number the rows and mean nothing."""
    sfreq = float(_header(path)["sampling rate"])
    names = tuple(map(str, range(2 + len(_SENSORS))))
    dialect = Dialect("\t", ".", "utf-8", count_comments(path), header=False, names=names)
    counts, _ = TextTable(path, dialect=dialect).load(range(2, 2 + len(_SENSORS)))
    volts = counts / _FULL * _VOLTS
    ecg, emg = volts[0] - _VOLTS / 2, volts[2] - _VOLTS / 2
    signals = {
        "ecg": (ecg, "mV", "ECG"),
        "eda": (volts[1] / 0.12, "uS", "EDA"),
        "emg": (emg, "mV", "EMG"),
        "temperature": (_celsius(counts[3]), "C", "TEMP"),
        "respiration": ((counts[7] / _FULL - 0.5) * 100, "%", "RESPIRATION"),
    }
    made = {
        name: Signal(values, sfreq, unit, (label,))
        for name, (values, unit, label) in signals.items()
    }
    g = (counts[4:7] - 28_000) / 10_000 * 2 - 1
    return made | {"acceleration": Signal(g, sfreq, "g", ("x", "y", "z"))}


def _celsius(counts: FloatArray) -> FloatArray:
    """Steinhart-Hart equation of the thermistor; NaN where the sensor hung loose."""
    volts = counts * _VOLTS / (_FULL - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(1e4 * volts / (_VOLTS - volts))
        kelvin = 1 / (1.12764514e-3 + 2.34282709e-4 * log + 8.77303013e-8 * log**3)
    return np.where(np.isfinite(log), kelvin - 273.15, np.nan)


def _start_of(header: Mapping[str, Any], path: Path) -> float:
    """Start of the chest device by its local clock, read as if that were UTC."""
    text = f"{header.get('date')} {header.get('time')}"
    for form in ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S:%f"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    raise ReadError(f"{path}: the header must have date and time, got {text!r}")


def _whole_hours_apart(wrist: float, chest: float) -> float:
    """How much later the wrist began, leaving out the whole hours of the time zone."""
    return (wrist - chest + 1800) % 3600 - 1800
