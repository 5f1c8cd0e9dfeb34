"""What a channel of a recorder is, by its name: "EEG F3-Ref", "ECG II", "GSR", "Temp rectal"."""

from __future__ import annotations

import re

from physio_vad.recording.electrodes import PLACE

_KINDS = {
    "eog": r"[hv]?eog|eog[hvlr]?|(left|right)\W?eye",
    "ecg": r"ecg|ekg",
    "emg": r"emg",
    "eda": r"eda|gsr|scl|scr|skin\W?cond\w*",
    "temperature": r"temp|temperature|skt|skin\W?temp\w*",
    "respiration": r"resp|respiration|rsp|breath\w*|thorax|abdo\w*",
    "ppg": r"ppg|bvp|pleth\w*|pulse",
}

_LEAD = r"m?l?i{1,3}|mcl\d|av[rlf]|v[1-6]"
"""Leads of an ECG."""
_WORDS = {"eda": "eda", "gsr": "eda", "ecg": "ecg", "ekg": "ecg", "emg": "emg", "ppg": "ppg"}
"""What tells a channel wherever it stands in its name."""
_OTHER = {"rate", "quality", "impedance", "room", "ambient", "air", "outside"}
"""Words in names of what was computed of a signal, or is none of a body."""


def modality_by_name(name: str) -> str | None:
    """Say what a channel is by its name, None where the name does not tell.

    A channel is EEG if it is named so or after a `PLACE` of the 10-5 system.

    Examples
    --------
    >>> [modality_by_name(name) for name in ("EEG F3-Ref", "I1", "foot GSR", "MLII", "Temp room")]
    ['eeg', 'eeg', 'eda', 'ecg', None]
    """
    text = re.sub(r"^(pol|bip)\b\W*", "", name.strip().casefold())
    words = re.split(r"[\W_\d]+", text)
    if not _OTHER.isdisjoint(words):
        return None
    for modality, pattern in _KINDS.items():
        if re.match(rf"({pattern})(?![a-z])", text):
            return modality
    if re.match(r"eeg(?![a-z])", text):
        return "eeg"
    place = re.split(r"[-\s]", text.strip(". "))[0]
    if re.fullmatch(PLACE, place):
        return "eeg"
    if re.fullmatch(_LEAD, place):
        return "ecg"
    return next((_WORDS[word] for word in words if word in _WORDS), None)
