"""EDF, BDF, GDF, FIF, BrainVision and EEGLAB files, through MNE."""

from __future__ import annotations

import fnmatch
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError, SkippedWarning, UnknownChannelsError
from physio_vad.io.base import Source, natural
from physio_vad.io.channels import declared, unit_of
from physio_vad.io.devices.base import MarkedReader
from physio_vad.io.devices.mne_units import units_of_file
from physio_vad.io.file_patterns import match_files
from physio_vad.io.formats.budget import make
from physio_vad.io.formats.edf import read_edf_header, record_starts
from physio_vad.io.formats.fif import check_fif
from physio_vad.io.formats.mat5 import parse_mat
from physio_vad.io.markers import Mark
from physio_vad.io.tables.column_roles import Column
from physio_vad.io.timestamps import TimeGrid
from physio_vad.recording.channel_names import modality_by_name
from physio_vad.recording.recording import Recording, Signal
from physio_vad.recording.units import conversion, own_unit

if TYPE_CHECKING:
    import mne

SUFFIXES = (".edf", ".bdf", ".gdf", ".fif", ".vhdr", ".set")
"""Endings of the files that are looked for in a folder."""

_TYPES = {
    "eog": "eog",
    "ecg": "ecg",
    "emg": "emg",
    "gsr": "eda",
    "temperature": "temperature",
    "resp": "respiration",
}
"""MNE's types of channels that somebody set; "eeg" is what it calls everything else as well."""

_USUAL_UNITS = {"eeg": ("uV", 1e6), "eog": ("uV", 1e6), "emg": ("uV", 1e6), "ecg": ("mV", 1e3)}
_SPLIT = re.compile(r"(?:-[1-9]\d*|_split-(?!0*1[_.-])\d+(?:_\w+)?)\.fif$", re.IGNORECASE)
"""Names of the second and later parts of a FIF file: ``raw-1.fif``, ``_split-02_meg.fif``."""
_FIRST = re.compile(r"_split-0*1(?=[_.-]|$)", re.IGNORECASE)
_MAX_GROWTH = 20
"""Pauses may make a recording so many times longer."""


@dataclass(frozen=True)
class _Channel:
    """A channel that is used: what it is, and the factor from MNE's values to its unit."""

    name: str
    unit: str
    factor: float


@dataclass(frozen=True, kw_only=True)
class MneReader(MarkedReader):
    """Whatever `mne.io.read_raw` reads: one file a person, or one a trial.

    The unit of a channel is that of the file's header; what `channels` says serves where the header
    has none or one that does not fit. A channel is EEG if it is named so or after a place of the
    10-5 system (in FIF files if its type says so, in BDF files also A1 to H32); EOG, ECG, EMG, EDA,
    temperature, respiration and PPG by name too, if the header's unit fits. MNE's own type "eeg" is
    not believed, it is what MNE calls every channel by default. Other channels are left out with a
    warning that lists them.

    The parts of a split FIF file are one recording; the pauses of EDF+D and BDF+D hold NaN; each
    epoch of an epoched file (``.set``, ``-epo.fif``) is a trial, with the event as its stimulus.
    EEGLAB files keep no units: voltages are taken for microvolts. The channels that are used are in
    memory while a file is read, also where it is cut into trials.

    Checked on genuine EDF (16 EEG), BDF, BrainVision and EEGLAB files, the samples of EEGLAB; GDF,
    EDF+D, epochs and split FIF on written ones only.

    Annotations are marks for ``trial_start``, and so are the numbers on a stimulus channel. The
    options are those of `MarkedReader`, and one more.

    Parameters
    ----------
    files : str, optional
        How files are named, such as ``"{subject}/*_{trial}.edf"``. By default every such file in
        the folder, named by its subject or, where there is none, those in folders below it, each
        named by its subject.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "mne"

    files: str | None = None

    def find(self, path: Path) -> list[Source]:
        """List the files of a folder, or the one that is given."""
        folder = path if path.is_dir() else path.parent
        if path.is_file():
            found = [Source((path,), path.stem)]
        elif self.files is not None:
            found = match_files(path, self.files)
        else:
            paths = [one for one in path.iterdir() if _is_first_part(one)]
            found = [Source((one,), _FIRST.sub("", one.stem)) for one in paths]
            found = found or _in_folders(path)
        if not found:
            raise ReadError(f"{path}: holds no file that ends in {', '.join(SUFFIXES)}")
        table = self.table_in(folder)
        sources = [replace(one, files=(*one.files, *table)) for one in found]
        return sorted(sources, key=lambda one: natural(one.files[0].as_posix()))

    def read(self, source: Source) -> Iterator[Recording]:
        """Read a file and cut it into its trials."""
        path, table = source.files[0], self.table_of(source)
        _check(path)
        with np.errstate(all="ignore"):  # electrodes may be anywhere, their places are not used
            opened = _open(path)
        subject, trial = source.subject or path.stem, source.trial or "1"
        chosen = self._choose(opened, path)
        if hasattr(opened, "event_id"):
            if self.trial_start is not None:
                raise ArgumentError(f"{path}: is cut into epochs already; leave trial_start out")
            for one in _epochs(opened, chosen, subject, source.trial):
                yield from self.cut(one, [], table)
            return
        gaps = _gaps(path, opened.info["sfreq"], opened.n_times)
        signals = _signals(
            chosen, opened.info["sfreq"], lambda names: gaps.place(_samples(opened, names))
        )
        date = opened.info["meas_date"]
        began = None if date is None else date.timestamp() + opened.first_time
        whole = Recording(subject, signals, trial=trial, start_time=began)
        marks = []
        if self.trial_start is not None:
            marks = find_events(opened)
            if gaps.positions is not None:  # MNE drops those that lie after a pause
                marks = sorted(_annotations(mne_annotations(path)))
        yield from self.cut(whole, marks, table)

    def _choose(self, raw: Any, path: Path) -> dict[str, list[_Channel]]:
        """Say which channels are used, by modality."""
        chosen: dict[str, list[_Channel]] = {}
        unknown = []
        units = units_of_file(raw, path)
        for name, kind in zip(raw.ch_names, raw.get_channel_types(), strict=True):
            if kind == "stim" or any(fnmatch.fnmatchcase(name, one) for one in self.ignore):
                continue
            text, factor = units[name]
            column = declared(name, self.channels)
            modality = column.modality if column else _modality(name, kind, path.suffix.lower())
            unit = modality and _unit(modality, text, path, column)
            if modality and unit:
                chosen.setdefault(modality, []).append(_Channel(name, unit, factor))
            else:
                unknown.append(f"{name} in {text}" if text else name)
        listed = ", ".join(unknown)
        if not chosen:
            raise UnknownChannelsError(
                f"{path}: none of its channels ({listed or ', '.join(raw.ch_names)}) is of a known "
                "kind; say in channels what they are"
            )
        if unknown:
            warnings.warn(
                f"{path}: channels of unknown kind or unit are left out: {listed}; say in channels "
                "what they are, or name them in ignore",
                SkippedWarning,
                stacklevel=2,
            )
        return chosen


def _is_first_part(path: Path) -> bool:
    """Say whether a file is one that MNE reads; it reads the later parts with the first."""
    name = path.name
    if not name.lower().endswith(SUFFIXES) or name.startswith("."):
        return False
    if not _SPLIT.search(name):
        return True
    first = re.sub(r"-\d+(\.fif)$", r"\1", name, flags=re.IGNORECASE)
    return "_split-" not in name and not path.with_name(first).is_file()


def _in_folders(root: Path) -> list[Source]:
    """List the files in the folders of people, which are trials where a person has several."""
    people: dict[str, list[Path]] = {}
    for one in sorted(root.rglob("*"), key=lambda one: natural(one.as_posix())):
        if _is_first_part(one):
            people.setdefault(one.relative_to(root).parts[0], []).append(one)
    return [
        Source((one,), who, _FIRST.sub("", one.stem) if len(files) > 1 else None)
        for who, files in people.items()
        for one in files
    ]


def _open(path: Path) -> Any:
    """Open a file as MNE's Raw, or as Epochs where it holds these."""
    import mne

    if re.search(r"[-_]epo\.fif$", path.name, re.IGNORECASE):
        return mne.read_epochs(path, proj=False, verbose="error")
    try:
        return mne.io.read_raw(path, preload=False, verbose="error")
    except TypeError as error:
        if path.suffix.lower() != ".set" or "epochs" not in str(error):
            raise
        return mne.read_epochs_eeglab(path, verbose="error")


def _modality(name: str, kind: str, suffix: str) -> str | None:
    """Say what a channel is by a type that somebody set, or by its name."""
    if kind in _TYPES:
        return _TYPES[kind]
    found = modality_by_name(name)
    if found is None and kind == "eeg":
        biosemi = suffix == ".bdf" and re.fullmatch(r"[A-H]\d{1,2}", name)
        return "eeg" if suffix == ".fif" or biosemi else None
    return found


def _unit(modality: str, text: str, path: Path, column: Column | None) -> str | None:
    """Find the unit: that of the header if it fits, else the declared one."""
    if not text and path.suffix.lower() == ".set" and modality in _USUAL_UNITS:
        return "uV"
    return unit_of(modality, text, column)


def _signals(
    chosen: Mapping[str, list[_Channel]], sfreq: float, load: Callable[[list[str]], FloatArray]
) -> dict[str, Signal]:
    signals = {}
    for modality, channels in chosen.items():
        names = [one.name for one in channels]
        with np.errstate(all="ignore"):  # a header may hold any factor; what is NaN stays so
            values = load(names) * np.array([[one.factor] for one in channels])
        unit = channels[0].unit
        if any(one.unit != unit for one in channels):
            rows = [
                conversion(modality, c.unit)(row) for c, row in zip(channels, values, strict=True)
            ]
            values, unit = np.array(rows), own_unit(modality)
        if unit == "V" and modality in _USUAL_UNITS:
            unit, factor = _USUAL_UNITS[modality]
            values = values * factor
        signals[modality] = Signal(values, sfreq, unit, tuple(names))
    return signals


def _samples(raw: Any, names: list[str]) -> FloatArray:
    """Load channels; MNE brings slow ones to the rate of the fastest."""
    make(8 * raw.n_times * len(names))
    return np.asarray(raw.get_data(picks=names))


def _epochs(
    epochs: Any, chosen: Mapping[str, list[_Channel]], subject: str, trial: str | None
) -> Iterator[Recording]:
    texts = {code: text for text, code in epochs.event_id.items()}
    for number, code in enumerate(epochs.events[:, 2].tolist()):
        signals = _signals(
            chosen,
            epochs.info["sfreq"],
            lambda names, n=number: epochs.get_data(picks=names, item=[n], verbose="error")[0],  # type: ignore[misc]
        )
        name = f"{number + 1}" if trial is None else f"{trial}.{number + 1}"
        yield Recording(subject, signals, trial=name, stimulus=texts.get(code))


def _gaps(path: Path, sfreq: float, n_samples: int) -> TimeGrid:
    """Find the pauses between the records of EDF+D and BDF+D."""
    if path.suffix.lower() not in (".edf", ".bdf"):
        return TimeGrid(sfreq)
    header = read_edf_header(path)
    if not header.interrupted:
        return TimeGrid(sfreq)
    starts = record_starts(path, header)
    each = round(header.seconds * sfreq)
    if each * len(starts) != n_samples:
        raise ReadError(f"{path}: has {len(starts)} records, its samples are {n_samples}")
    if starts[-1] * sfreq > _MAX_GROWTH * n_samples:
        raise ReadError(
            f"{path}: its pauses take {starts[-1]:.0f} s, absurdly long; split the file"
        )
    first = np.round(starts * sfreq).astype(np.int64)
    return TimeGrid(sfreq, (first[:, np.newaxis] + np.arange(each)).ravel())


def mne_annotations(path: Path) -> Any:
    """Read the annotations of a file, with those that lie beyond its samples."""
    import mne

    return mne.read_annotations(path)


def _annotations(annotations: Any, first: float = 0.0) -> list[Mark]:
    return [
        (float(one["onset"]) - first, float(one["duration"]), str(one["description"]))
        for one in annotations
    ]


def find_events(raw: mne.io.BaseRaw) -> list[tuple[float, float, str]]:
    """Start, duration and text of annotations and of numbers on a stimulus channel, by time."""
    import mne

    first = raw.first_samp / raw.info["sfreq"]
    events = _annotations(raw.annotations, first)
    if "stim" in raw.get_channel_types():
        # BioSemi keeps its own flags in the upper bits
        codes = mne.find_events(raw, mask=255, mask_type="and", shortest_event=1, verbose="error")
        events += [
            (float(sample) / raw.info["sfreq"] - first, 0.0, str(code)) for sample, _, code in codes
        ]
    return sorted(event for event in events if np.isfinite(event[0]))


def _check(path: Path) -> None:
    """Look at files that would crash or stop MNE's parsers if they were damaged."""
    name = path.name.lower()
    if name.endswith(".set"):
        parse_mat(path)
    elif name.endswith(".fif"):
        check_fif(path)
    elif name.endswith(".gz"):
        raise ReadError(f"{path}: is packed; unpack it first")
