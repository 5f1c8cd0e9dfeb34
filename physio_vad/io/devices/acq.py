"""BIOPAC AcqKnowledge files, through bioread."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np

from physio_vad.exceptions import ReadError
from physio_vad.io.base import Reader, Source, natural, need
from physio_vad.io.markers import Mark, TrialMarkers
from physio_vad.io.rating_tables import find_table, rate
from physio_vad.io.tables.column_roles import Column, make_columns
from physio_vad.recording.recording import Recording, Signal

_MAX_RATIO = 1100
"""Samples that a byte of a packed file can hold."""
_MAX_CHANNELS = 256
_MAX_STEPS = 20_000
"""Bytes over which the types of the channels are looked for, times the number of channels."""
_TYPES = {(8, 0), (8, 1), (2, 2)}
"""Size and code of numbers: two kinds of float64, and int16."""


@dataclass(frozen=True, kw_only=True)
class AcqReader(Reader):
    """BIOPAC ``.acq`` files: one a person; needs the extra ``acq``.

    Channels keep their own rates. A whole file is in memory while it is read.

    Parameters
    ----------
    channels : mapping of str to Column
        What channels are, by name or pattern, the first that fits: ``{"EDA - GSR100C":
        {"modality": "eda", "unit": "uS"}}``. Channels of one modality must share a rate; others
        are left out. Needed: names in these files are free text.
    trial_start, trial_stop : str, optional
        Patterns of the event markers that begin and end a trial, as for ``mne``.
    trial_length : float, optional
        Length of a trial in seconds.
    ratings : str
        Name of a table of ratings beside the files, used if it is there, as for ``mne``.
    targets : sequence of str, optional
        Columns of that table with ratings; by default all others.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "acq"

    channels: Mapping[str, Any] = field(default_factory=dict)
    trial_start: str | None = None
    trial_stop: str | None = None
    trial_length: float | None = None
    ratings: str = "ratings.csv"
    targets: Sequence[str] | None = None
    scale: Any = None

    def __post_init__(self) -> None:
        TrialMarkers(self.trial_start, self.trial_stop, self.trial_length)
        columns = make_columns(self.channels) if self.channels else {}
        object.__setattr__(self, "channels", columns)

    def find(self, path: Path) -> list[Source]:
        """List the files of a folder, or the one that is given."""
        found = [path] if path.is_file() else sorted(path.glob("*.acq"))
        if not found:
            raise ReadError(f"{path}: holds no .acq file")
        table = find_table(path if path.is_dir() else path.parent, self.ratings, "ratings.csv")
        found.sort(key=lambda one: natural(one.name))
        return [Source((one, *table), one.stem) for one in found]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one file and cut it into its trials."""
        path = source.files[0]
        bioread = need("bioread", "acq", "reading BIOPAC files")
        _check_counts(path)
        file = bioread.read_file(str(path))
        chosen: dict[str, list[tuple[Any, Column]]] = {}
        for channel in file.channels:
            column = self._column(str(channel.name))
            if column is not None:
                chosen.setdefault(column.modality, []).append((channel, column))
        if not chosen:
            listed = ", ".join(f"{str(one.name)!r} in {str(one.units)!r}" for one in file.channels)
            raise ReadError(f"{path}: say in channels what its channels are: {listed}")
        signals = {modality: _signal(part, path) for modality, part in chosen.items()}
        whole = Recording(source.subject or path.stem, signals)
        rule = TrialMarkers(self.trial_start, self.trial_stop, self.trial_length)
        for recording in rule.cut(whole, _marks(file)):
            if source.files[1:]:
                yield rate(recording, source.files[1], self.targets, self.scale)
            else:
                yield recording

    def _column(self, name: str) -> Column | None:
        fitting = (
            column for key, column in self.channels.items() if fnmatch.fnmatchcase(name, key)
        )
        return next(fitting, None)


def _check_counts(path: Path) -> None:
    """Look at how many channels and samples a file claims before time and room go to them."""
    with path.open("rb") as stream:
        fault = _fault_in_header(stream)
    if fault:
        raise ReadError(f"{path}: is no BIOPAC file, or its header is damaged: {fault}")
    headers = need("bioread.reader", "acq", "reading BIOPAC files").Reader.read_headers(str(path))
    if headers.graph_header is None or not headers.channel_headers:
        raise ReadError(f"{path}: is no BIOPAC file, or its header is damaged")
    claimed = sum(int(one.point_count) for one in headers.channel_headers)
    if not 0 < claimed <= path.stat().st_size * (_MAX_RATIO if headers.is_compressed else 1):
        raise ReadError(f"{path}: is damaged: its channels claim {claimed} samples")


def _fault_in_header(stream: IO[bytes]) -> str:
    """Find the types of the channels, as bioread does, which takes a minute for absurd counts."""
    parser = need("bioread.header_reader", "acq", "reading BIOPAC files")
    kinds = need("bioread.headers", "acq", "reading BIOPAC files")
    graph = parser.GraphHeaderReader.bootstrap(stream)
    n_channels, n_paddings = graph.channel_count, graph.expected_padding_headers
    if not (0 < n_channels <= _MAX_CHANNELS and 0 <= n_paddings <= _MAX_CHANNELS):
        return f"it claims {n_channels} channels"
    order = graph.byte_order_char
    reader = parser.HeaderReader(stream, order, graph.file_revision, graph.encoding)
    place = graph.effective_len_bytes
    paddings = reader.multi_headers(n_paddings, place, kinds.UnknownPaddingHeader)
    place += sum(one.effective_len_bytes for one in paddings)
    channels = reader.multi_headers(n_channels, place, kinds.ChannelHeader)
    place += n_channels * channels[0].effective_len_bytes
    place += reader.single_header(place, kinds.ForeignHeader).effective_len_bytes
    stream.seek(place)
    data = stream.read(_MAX_STEPS + 4 * n_channels)
    for step in range(min(_MAX_STEPS // n_channels, len(data) - 4 * n_channels + 1)):
        pairs = np.frombuffer(data, f"{order}i2", 2 * n_channels, step).reshape(-1, 2)
        if all((size, kind) in _TYPES for size, kind in pairs.tolist()):
            return ""
    return "it does not say how its samples are stored"


def _signal(part: list[tuple[Any, Column]], path: Path) -> Signal:
    rates = {float(channel.samples_per_second) for channel, _ in part}
    names = tuple(str(channel.name) for channel, _ in part)
    if len(rates) > 1:
        raise ReadError(
            f"{path}: channels of one modality must share a rate, {', '.join(map(repr, names))} "
            f"have {', '.join(f'{one:g} Hz' for one in sorted(rates))}"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # a scale beyond all bounds gives no values
        values = np.array([channel.data for channel, _ in part], dtype=np.float64)
    return Signal(values, rates.pop(), part[0][1].unit, names)


def _marks(file: Any) -> list[Mark]:
    sfreq = float(file.samples_per_second)
    return sorted((one.sample_index / sfreq, 0.0, str(one.text)) for one in file.event_markers)
