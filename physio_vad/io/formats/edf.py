"""Headers of EDF and BDF files: labels, units, and when each record begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError

_WIDTHS = {"label": 16, "transducer": 80, "unit": 8, "low": 8, "high": 8, "dlow": 8, "dhigh": 8}
_WIDTHS |= {"filter": 80, "samples": 8}
_ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
_TAL_START = re.compile(rb"([+-]\d+(?:\.\d*)?)\x14\x14")


@dataclass(frozen=True)
class EdfHeader:
    """What the header of an EDF or BDF file says.

    Parameters
    ----------
    units : dict of str to str
        Physical dimension of each channel, by its label.
    seconds : float
        Length of a record.
    interrupted : bool
        Whether records may lie apart (EDF+D, BDF+D).
    n_bytes, first : int
        Bytes of a record, and where the first begins.
    annotations : slice or None
        Bytes of the annotations within a record.
    """

    units: dict[str, str]
    seconds: float
    interrupted: bool
    n_bytes: int
    first: int
    annotations: slice | None


def read_edf_header(path: Path) -> EdfHeader:
    """Read the header of an EDF or BDF file.

    Raises
    ------
    ReadError
        If it is damaged.

    References
    ----------
    Kemp & Olivan (2003), https://doi.org/10.1016/s1388-2457(03)00123-8 (EDF+).
    """
    with path.open("rb") as stream:
        head = stream.read(256)
        try:
            n_channels, seconds = int(head[252:256]), float(head[244:252])
            first = int(head[184:192])
            columns = {
                name: [stream.read(width).decode("latin-1").strip() for _ in range(n_channels)]
                for name, width in _WIDTHS.items()
            }
            samples = [int(one) for one in columns["samples"]]
        except ValueError as error:
            raise ReadError(f"{path}: its header is damaged: {error}") from None
    n_bytes = 3 if head[:1] == b"\xff" else 2
    edges = np.cumsum([0, *samples]) * n_bytes
    tal = next((i for i, one in enumerate(columns["label"]) if one in _ANNOTATIONS), None)
    return EdfHeader(
        dict(zip(columns["label"], columns["unit"], strict=True)),
        seconds,
        b"+D" in head[192:236],
        int(edges[-1]),
        first,
        None if tal is None else slice(int(edges[tal]), int(edges[tal + 1])),
    )


def record_starts(path: Path, header: EdfHeader) -> FloatArray:
    """Read when each record begins, in seconds from the start of the first.

    Raises
    ------
    ReadError
        If a record does not say so, or they do not ascend.
    """
    if header.annotations is None or header.n_bytes == 0:
        raise ReadError(f"{path}: is discontinuous, but has no annotations that time its records")
    times: list[float] = []
    with path.open("rb") as stream:
        for place in range(header.first, path.stat().st_size, header.n_bytes):
            stream.seek(place + header.annotations.start)
            found = _TAL_START.match(
                stream.read(header.annotations.stop - header.annotations.start)
            )
            if found is None:
                raise ReadError(f"{path}: record {len(times) + 1} does not say when it begins")
            times.append(float(found[1]))
    starts = np.array(times) - (times[0] if times else 0.0)
    if (np.diff(starts) < header.seconds * 0.999).any():
        raise ReadError(f"{path}: its records overlap or do not ascend in time")
    return starts
