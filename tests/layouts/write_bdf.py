"""Small BDF files as BioSemi writes them: 24-bit numbers, 32 of them a unit of the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

STEP = 1 / 32
"""Size of a digital step."""


def write_bdf(
    path: Path,
    channels: Mapping[str, np.ndarray],
    sfreq: int,
    units: Mapping[str, str] | None = None,
    status: np.ndarray | None = None,
) -> Path:
    """Whole seconds; units are uV unless told; `status` holds one code a sample."""
    n_samples = len(next(iter(channels.values())))
    names = [*channels, *([] if status is None else ["Status"])]
    n_channels, n_seconds = len(names), n_samples // sfreq
    top = round(STEP * 2**23)

    def fixed(items: list[object], width: int) -> bytes:
        return b"".join(str(item)[:width].encode("latin-1").ljust(width) for item in items)

    own = [(units or {}).get(name, "uV") if name != "Status" else "Boolean" for name in names]
    limits = [(-(2**23), 2**23 - 1) if name == "Status" else (-top, top - STEP) for name in names]
    head = b"\xffBIOSEMI" + fixed(["", ""], 80) + fixed(["01.01.20", "10.00.00"], 8)
    head += fixed([256 * (n_channels + 1)], 8) + fixed(["24BIT"], 44)
    head += fixed([n_seconds, 1], 8) + fixed([n_channels], 4)
    head += fixed(names, 16) + fixed([""] * n_channels, 80) + fixed(own, 8)
    head += fixed([low for low, _ in limits], 8) + fixed([high for _, high in limits], 8)
    head += fixed([-(2**23)] * n_channels, 8) + fixed([2**23 - 1] * n_channels, 8)
    head += fixed([""] * n_channels, 80) + fixed([sfreq] * n_channels, 8)
    head += fixed([""] * n_channels, 32)
    rows = [np.round(values / STEP).astype("<i4") for values in channels.values()]
    rows += [] if status is None else [status.astype("<i4")]
    data = np.stack(rows).reshape(n_channels, n_seconds, sfreq).transpose(1, 0, 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + np.ascontiguousarray(data).view("u1").reshape(-1, 4)[:, :3].tobytes())
    return path
