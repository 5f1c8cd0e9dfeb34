"""BIOPAC AcqKnowledge files, through bioread."""

from __future__ import annotations

import glob
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np

from physio_vad.exceptions import ReadError
from physio_vad.io.base import need
from physio_vad.io.channels import array_signals, choose_channels, declared
from physio_vad.io.devices.base import DeviceReader
from physio_vad.io.joined import Part
from physio_vad.io.markers import Mark

_MAX_RATIO = 1100
"""Samples that a byte of a packed file can hold."""
_MAX_CHANNELS = 256
_MAX_STEPS = 20_000
"""Bytes over which the types of the channels are looked for, times the number of channels."""
_TYPES = {(8, 0), (8, 1), (2, 2)}
"""Size and code of numbers: two kinds of float64, and int16."""


@dataclass(frozen=True, kw_only=True)
class AcqReader(DeviceReader):
    """BIOPAC ``.acq`` files; needs the extra ``acq``.

    Names of channels are free text in these files: those that `channels` declares are read and no
    others or, without it, those whose name and unit tell what they are. Channels keep their own
    rates. Event markers are marks for ``trial_start``.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "acq"
    suffixes: ClassVar[tuple[str, ...]] = (".acq",)

    def load(self, path: Path) -> Part:
        """Read one file."""
        bioread = need("bioread", "acq", "reading BIOPAC files")
        _check_counts(path)
        with warnings.catch_warnings():  # what numpy 2.5 deprecates is bioread's to change
            warnings.simplefilter("ignore", DeprecationWarning)
            file = bioread.read_file(str(path))
        named = [(str(one.name), str(one.units or "")) for one in file.channels]
        others = [one for one, _ in named if self.channels and not declared(one, self.channels)]
        ignore = [*self.ignore, *map(glob.escape, others)]
        chosen = choose_channels(named, self.channels, ignore, str(path))
        with np.errstate(over="ignore", invalid="ignore"):  # a scale beyond all bounds: no values
            rows = [np.asarray(one.data, dtype=np.float64) for one in file.channels]
        sfreqs = [float(one.samples_per_second) for one in file.channels]
        return Part(array_signals(rows, sfreqs, chosen, str(path)), marks=_marks(file))


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


def _marks(file: Any) -> list[Mark]:
    sfreq = float(file.samples_per_second)
    return sorted((one.sample_index / sfreq, 0.0, str(one.text)) for one in file.event_markers)
