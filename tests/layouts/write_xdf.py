"""Small XDF files, chunk by chunk: an EEG cap, a skin sensor that starts late, and markers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def chunk(tag: int, content: bytes) -> bytes:
    return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content


def stream_chunks(
    number: int,
    name: str,
    kind: str,
    sfreq: float,
    values: np.ndarray | Sequence[str],
    times: Sequence[float] = (),
    labels: Sequence[str] = (),
) -> bytes:
    is_text = not isinstance(values, np.ndarray)
    width = 1 if is_text else values.shape[1]
    described = "".join(f"<channel><label>{label}</label></channel>" for label in labels)
    header = (
        f"<info><name>{name}</name><type>{kind}</type><channel_count>{width}</channel_count>"
        f"<nominal_srate>{sfreq}</nominal_srate>"
        f"<channel_format>{'string' if is_text else 'double64'}</channel_format>"
        f"<desc><channels>{described}</channels></desc></info>"
    )
    samples = b""
    for time, row in zip(times, values, strict=True):
        samples += b"\x08" + struct.pack("<d", time)
        if is_text:
            samples += b"\x01" + bytes([len(row)]) + str(row).encode()
        else:
            samples += np.asarray(row, dtype="<f8").tobytes()
    me = struct.pack("<I", number)
    made = chunk(2, me + header.encode())
    if len(times):
        made += chunk(3, me + b"\x04" + struct.pack("<I", len(times)) + samples)
    ends = zip(("first", "last"), times[:1] + times[-1:], strict=False)
    stamps = "".join(f"<{end}_timestamp>{time}</{end}_timestamp>" for end, time in ends)
    footer = f"<info>{stamps}<sample_count>{len(times)}</sample_count></info>"
    return made + chunk(6, me + footer.encode())


def write_xdf(
    path: Path, gap: float = 0.0, seconds: int = 10, values: object = None, skin: object = None
) -> Path:
    """EEG counts up from 0 and 100 at 100 Hz, with a gap in the middle; skin at 4 Hz."""
    rows = np.arange(100.0 * seconds)
    times = 1000 + rows / 100 + np.where(rows >= 50 * seconds, gap, 0)
    cap = np.column_stack([rows, 100 + rows]) if values is None else np.asarray(values)
    skin = np.arange(4.0 * seconds)[:, np.newaxis] if skin is None else np.asarray(skin)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"XDF:"
        + chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>")
        + stream_chunks(1, "Cap", "EEG", 100, cap, times.tolist(), ["F3", "F4"])
        + stream_chunks(2, "Skin", "Other", 4, skin, (1000.5 + np.arange(len(skin)) / 4).tolist())
        + stream_chunks(3, "Marks", "Markers", 0, ["go 1", "stop", "go 2"], [1001, 1003, 1005])
    )
    return path
