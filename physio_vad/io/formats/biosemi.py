"""BDF files of a BioSemi amplifier: channels by their name, in the unit of the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError

if TYPE_CHECKING:
    import mne

_VOLTS = {"uv": 1e6, "µv": 1e6, "mv": 1e3, "v": 1.0}


class BioSemi:
    """An open BDF file.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    ReadError
        If its header cannot be.
    """

    def __init__(self, path: Path) -> None:
        import mne

        self.path = path
        self._units = _read_units(path)
        self.raw: mne.io.BaseRaw = mne.io.read_raw_bdf(path, preload=False, verbose="error")
        self.sfreq = float(self.raw.info["sfreq"])

    def rows(self, names: list[str]) -> FloatArray:
        """Read channels, in the numbers of the file: MNE makes volts of microvolts.

        Parameters
        ----------
        names : list of str
            Names of the channels.

        Raises
        ------
        ReadError
            If there is no such channel.
        """
        missing = [name for name in names if name not in self.raw.ch_names]
        if missing:
            raise ReadError(
                f"{self.path}: lacks the channel {', '.join(map(repr, missing))}; it has "
                f"{', '.join(self.raw.ch_names)}"
            )
        factors = [_VOLTS.get(self._units.get(name, ""), 1.0) for name in names]
        values: FloatArray = np.asarray(self.raw.get_data(picks=names), dtype=np.float64)
        values *= np.array(factors)[:, np.newaxis]
        return values


def _read_units(path: Path) -> dict[str, str]:
    """Read the physical dimension of each channel off the header."""
    with path.open("rb") as stream:
        head = stream.read(256)
        count = head[252:256].strip()
        if len(head) < 256 or not count.isdigit() or not 0 < int(count) <= 4096:
            raise ReadError(f"{path}: is no BDF file: its header tells no number of channels")
        n_channels = int(count)
        rest = stream.read(n_channels * 104).decode("latin-1")
    names = [rest[16 * i : 16 * i + 16].strip() for i in range(n_channels)]
    at = 96 * n_channels
    units = [rest[at + 8 * i : at + 8 * i + 8].strip().lower() for i in range(n_channels)]
    return dict(zip(names, units, strict=True))
