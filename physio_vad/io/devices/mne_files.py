"""EDF, BDF, GDF, FIF, BrainVision and EEGLAB files, through MNE."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, natural
from physio_vad.io.file_patterns import match_files
from physio_vad.io.formats.fif import check_fif
from physio_vad.io.formats.mat5 import parse_mat
from physio_vad.io.markers import TrialMarkers
from physio_vad.io.rating_tables import find_table, rate
from physio_vad.io.tables.column_roles import Column, make_columns
from physio_vad.recording.recording import Recording, Signal

if TYPE_CHECKING:
    import mne

SUFFIXES = (".edf", ".bdf", ".gdf", ".fif", ".vhdr", ".set")
"""Endings of the files that are looked for in a folder."""

_TYPES = {
    "eeg": Column("eeg", "V"),
    "eog": Column("eog", "V"),
    "ecg": Column("ecg", "V"),
    "emg": Column("emg", "V"),
    "gsr": Column("eda", "S"),
    "temperature": Column("temperature", "C"),
    "resp": Column("respiration", "V"),
}
"""What MNE's types of channels are, and the unit in which MNE gives them."""

_USUAL_UNITS = {"eeg": ("uV", 1e6), "eog": ("uV", 1e6), "emg": ("uV", 1e6), "ecg": ("mV", 1e3)}


@dataclass(frozen=True, kw_only=True)
class MneReader(Reader):
    """Whatever `mne.io.read_raw` reads: one file a person, or one a trial.

    MNE gives volts for what is electrical, here made uV (ECG: mV); other channels keep the unit of
    the file, which `channels` must say. The channels that are used are in memory while a file is
    read, also where it is cut into trials.

    Parameters
    ----------
    channels : mapping of str to Column
        What channels are, by name or pattern, the first that fits: ``{"EOG*": {"modality": "eog",
        "unit": "V"}, "GSR1": {"modality": "eda", "unit": "uS"}}``. Others are what the file says
        (EEG, EOG, ECG, EMG, GSR, temperature, respiration), or left out.
    ignore : sequence of str
        Names or patterns of channels to leave out.
    trial_start : str, optional
        Pattern of the annotations, or number on the stimulus channel, that begin a trial, which
        lasts for `trial_length` or else to the next `trial_stop`, the annotation's own end, or
        the next start. The stimulus is the annotation's text. By default a file is one trial.
    trial_stop : str, optional
        Pattern or number that ends a trial.
    trial_length : float, optional
        Length of a trial in seconds.
    ratings : str
        Name of a table of ratings beside the files, used if it is there: ``subject``, ``trial`` if
        there are several, and the targets; or labelled blocks with ``start`` and ``stop``.
    targets : sequence of str, optional
        Columns of that table with ratings; by default all others.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.
    files : str, optional
        How files are named, such as ``"{subject}/*_{trial}.edf"``. By default every such file in
        the folder, named by its subject.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "mne"

    channels: Mapping[str, Any] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    trial_start: str | None = None
    trial_stop: str | None = None
    trial_length: float | None = None
    ratings: str = "ratings.csv"
    targets: Sequence[str] | None = None
    scale: Any = None
    files: str | None = None

    def __post_init__(self) -> None:
        TrialMarkers(self.trial_start, self.trial_stop, self.trial_length)
        for option in ("ignore", "targets"):
            if isinstance(getattr(self, option), str):
                raise ArgumentError(f"{option} must be a list, got {getattr(self, option)!r}")
        columns = make_columns(self.channels) if self.channels else {}
        object.__setattr__(self, "channels", columns)

    def find(self, path: Path) -> list[Source]:
        """List the files of a folder, or the one that is given."""
        folder = path if path.is_dir() else path.parent
        if path.is_file():
            found = [Source((path,), path.stem)]
        elif self.files is not None:
            found = match_files(path, self.files)
        else:
            paths = [one for one in path.iterdir() if one.name.lower().endswith(SUFFIXES)]
            found = [Source((one,), one.stem) for one in paths]
        if not found:
            raise ReadError(f"{path}: holds no file that ends in {', '.join(SUFFIXES)}")
        table = find_table(folder, self.ratings, MneReader.ratings)
        sources = [replace(one, files=(*one.files, *table)) for one in found]
        return sorted(sources, key=lambda one: natural(one.files[0].as_posix()))

    def read(self, source: Source) -> Iterator[Recording]:
        """Read a file and cut it into its trials."""
        import mne

        _check(source.files[0])
        with np.errstate(all="ignore"):  # electrodes may be anywhere, their places are not used
            raw = mne.io.read_raw(source.files[0], preload=False, verbose="error")
        subject = source.subject or source.files[0].stem
        whole = Recording(subject, self._signals(raw, source.files[0]), trial=source.trial or "1")
        rule = TrialMarkers(self.trial_start, self.trial_stop, self.trial_length)
        for recording in rule.cut(whole, find_events(raw) if rule.start is not None else []):
            if source.files[1:]:
                yield rate(recording, source.files[1], self.targets, self.scale)
            else:
                yield recording

    def _signals(self, raw: mne.io.BaseRaw, path: Path) -> dict[str, Signal]:
        chosen: dict[str, dict[str, Column]] = {}
        for name, kind in zip(raw.ch_names, raw.get_channel_types(), strict=True):
            column = self._column(name, kind)
            if column is not None:
                chosen.setdefault(column.modality, {})[name] = column
        if not chosen:
            raise ReadError(
                f"{path}: none of its channels ({', '.join(raw.ch_names)}) is of a known kind; say "
                "in channels what they are"
            )
        signals = {}
        for modality, columns in chosen.items():
            unit = next(iter(columns.values())).unit
            with np.errstate(all="ignore"):  # a header may hold any factor; what is NaN stays so
                values = raw.get_data(picks=list(columns))
            if path.suffix.lower() == ".set" and not unit.endswith("V"):
                values *= 1e6  # MNE takes every channel of EEGLAB for microvolts
            if unit == "V" and modality in _USUAL_UNITS:
                unit, factor = _USUAL_UNITS[modality]
                values *= factor
            signals[modality] = Signal(values, raw.info["sfreq"], unit, tuple(columns))
        return signals

    def _column(self, name: str, kind: str) -> Column | None:
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in self.ignore):
            return None
        for pattern, column in self.channels.items():
            if fnmatch.fnmatchcase(name, pattern):
                return Column(column.modality, column.unit)
        return _TYPES.get(kind)


def find_events(raw: mne.io.BaseRaw) -> list[tuple[float, float, str]]:
    """Start, duration and text of annotations and of numbers on a stimulus channel, by time."""
    import mne

    first = raw.first_samp / raw.info["sfreq"]
    events = [
        (float(one["onset"]) - first, float(one["duration"]), str(one["description"]))
        for one in raw.annotations
    ]
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
