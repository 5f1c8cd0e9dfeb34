"""The units of a file that MNE reads, which MNE keeps to itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from physio_vad.io.formats.edf import read_edf_header
from physio_vad.recording.unit_words import find_unit
from physio_vad.recording.units import plain_unit

if TYPE_CHECKING:
    import mne

_SI = {"nV": 1e-9, "uV": 1e-6, "mV": 1e-3, "V": 1.0, "nS": 1e-9, "uS": 1e-6, "mS": 1e-3, "S": 1.0}
"""Units that MNE's readers may turn to volts and siemens."""
_TURNED: Mapping[str, tuple[str, ...]] = {
    ".edf": ("uV", "mV"),
    ".bdf": ("uV", "mV"),
    ".vhdr": ("nV", "uV", "mV", "uS"),
}
"""Those that MNE does turn, by the kind of file; other numbers it gives as they stand there."""


def units_of_file(raw: mne.io.BaseRaw | mne.BaseEpochs, path: Path) -> dict[str, tuple[str, float]]:
    """Say the unit of each channel in the file, and by what MNE's values make values in that unit.

    Parameters
    ----------
    raw : mne.io.Raw or mne.Epochs
        As MNE read it.
    path : Path
        The file: its header names the units.

    Returns
    -------
    dict of str to (str, float)
        Unit as the file writes it, empty where it says none, and the factor.
    """
    suffix = path.suffix.lower()
    if suffix in (".edf", ".bdf"):
        texts = read_edf_header(path).units
    elif suffix == ".vhdr":
        texts = _brainvision_units(path)
    elif suffix == ".set":  # EEGLAB keeps no units; all channels are taken for microvolts
        return dict.fromkeys(raw.ch_names, ("", 1e6))
    else:
        volts = {one["ch_name"] for one in raw.info["chs"] if _is_volt(one)}
        return {name: ("V" if name in volts else "", 1.0) for name in raw.ch_names}
    found = {}
    for name in raw.ch_names:
        text = texts.get(name, "")
        unit = find_unit(text, _SI) or text
        turned = plain_unit(text) in _TURNED[suffix]
        found[name] = (unit, 1 / _SI[unit] if turned else 1.0)
    return found


def _is_volt(channel: Any) -> bool:
    return int(channel["unit"]) == 107  # FIFF_UNIT_V


def _brainvision_units(path: Path) -> dict[str, str]:
    """Read the fourth entry of each line ``Ch1=name,reference,resolution,unit``."""
    data = path.read_bytes()
    text = data.decode("utf-8" if b"UTF-8" in data[:500] else "latin-1", errors="replace")
    rows = re.findall(r"^Ch\d+=([^,\r\n]*),[^,\r\n]*,[^,\r\n]*(?:,([^,\r\n]*))?\s*$", text, re.M)
    return {name.replace("\\1", ","): unit.strip() or "uV" for name, unit in rows}
