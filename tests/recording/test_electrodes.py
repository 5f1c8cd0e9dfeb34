"""Names of electrodes: all of the 10-5 system, and which lie opposite each other."""

import re

import mne
import pytest

from physio_vad.recording.channel_names import modality_by_name
from physio_vad.recording.electrodes import PLACE, symmetric_pairs


def ten_five():
    montages = mne.channels.get_builtin_montages()
    whole = min(one for one in montages if one.endswith("1005"))
    return [*mne.channels.make_standard_montage(whole).ch_names, "O9", "O10", "Nz"]


def test_every_place_of_the_10_5_system_is_known():
    names = ten_five()
    assert [one for one in names if not re.fullmatch(PLACE, one.lower())] == []
    assert {modality_by_name(f"EEG {one}-Ref") for one in names} == {"eeg"}
    assert {modality_by_name(one) for one in names} == {"eeg"}


def test_every_place_but_the_midline_has_its_opposite():
    names = [one for one in ten_five() if not re.search(r"z$|^[AM][12]$", one)]
    pairs = symmetric_pairs(names)
    assert len(pairs) == len(names) / 2
    assert all(
        int(re.sub(r"\D", "", right)) == int(re.sub(r"\D", "", left)) + 1 for right, left in pairs
    )


@pytest.mark.parametrize("name", ["F13", "EXG1", "ch1", "NF1", "Fp3", "O3", "A3", "M7", "1", "hf"])
def test_other_names_are_no_place(name):
    assert not re.fullmatch(PLACE, name.lower())


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (["F3", "F4"], ["F4-F3"]),
        (["fp2", "FP1", "Fz"], ["fp2-FP1"]),
        (["T7", "T8", "T5", "T6", "TP9", "TP10"], ["T8-T7", "T6-T5", "TP10-TP9"]),
        (["FFC5h", "FFC6h", "CCP1h", "CCP2"], ["FFC6h-FFC5h"]),
        (["EEG F3-REF", "EEG F4-REF"], ["EEG F4-REF-EEG F3-REF"]),
        (["F3-A2", "F4-A1"], ["F4-A1-F3-A2"]),
        (["F3-C3", "F4-C4", "F4-Cz"], ["F4-C4-F3-C3"]),
        (["F3", "F4-A1"], []),
        (["EXG1", "EXG2", "A1", "A2", "1", "2", "ch1", "ch2", "Fz", "F13", "F14"], []),
        (["Fp1"], []),
    ],
)
def test_symmetric_pairs(channels, expected):
    assert [f"{right}-{left}" for right, left in symmetric_pairs(channels)] == expected


@pytest.mark.parametrize(
    "name", ["Temp room", "Pulse rate", "EEG Quality", "RSP Rate", "ECG impedance", "EDA air"]
)
def test_what_is_made_of_a_signal_or_of_no_body_is_none(name):
    assert modality_by_name(name) is None
    assert modality_by_name(name.split()[0]) is not None
