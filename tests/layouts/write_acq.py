"""Small AcqKnowledge 3.0 files, as BIOPAC's application note 156 describes that version."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

_GRAPH = "<hIihhhddddd4h6hhdh40s10s13h"
_CHANNEL = "<ih40s4shdd20siddhhhd"
_VERSION = 34


def write_acq(path: Path, channels: dict[tuple[str, str], np.ndarray], sfreq: float) -> None:
    """Write channels by name and unit as 16-bit numbers with a scale and an offset."""
    graph = struct.pack(
        _GRAPH, 0, _VERSION, struct.calcsize(_GRAPH), len(channels), 0, 0, 1000 / sfreq,
        *[0.0] * 4, *[0] * 11, 0.0, 0, b"seconds", b"s", *[0] * 13,
    )  # fmt: skip
    headers, columns = [], []
    for number, ((name, unit), values) in enumerate(channels.items()):
        offset = float(values.mean())
        scale = float(np.abs(values - offset).max() or 1.0) / 32000
        columns.append(np.round((values - offset) / scale))
        headers.append(
            struct.pack(
                _CHANNEL, struct.calcsize(_CHANNEL), number, name.encode(), b"", 0, 0.0, 0.0,
                unit.encode(), len(values), scale, offset, number, 0, 0, 0.0,
            )
        )  # fmt: skip
    foreign, kinds = struct.pack("<hh", 4, 0), struct.pack("<hh", 2, 2) * len(channels)
    data = np.stack(columns, axis=1).astype("<i2").tobytes()
    no_marks = struct.pack("<ii", 8, 0)
    path.write_bytes(b"".join([graph, *headers, foreign, kinds, data, no_marks]))
