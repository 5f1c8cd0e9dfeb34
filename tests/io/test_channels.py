"""The unit of a channel is that of the file where it fits, then the declared one."""

import pytest

from physio_vad.io.channels import choose_channels, unit_of
from physio_vad.io.tables.column_roles import Column


@pytest.mark.parametrize(
    ("modality", "text", "told", "unit"),
    [
        ("eda", "microsiemens", None, "uS"),
        ("eda", "uS", "nS", "uS"),
        ("eda", "mV", "nS", "nS"),
        ("eda", "", "nS", "nS"),
        ("eda", "mV", None, None),
        ("eda", "", None, None),
        ("respiration", "", None, "a.u."),
        ("respiration", "", "V", "V"),
        ("ppg", "", None, "a.u."),
        ("ppg", "bpm", None, None),
    ],
)
def test_units(modality, text, told, unit):
    assert unit_of(modality, text, told and Column(modality, told)) == unit


def test_a_channel_without_a_unit_is_used_where_none_is_needed(recwarn):
    chosen = choose_channels([("Resp", ""), ("GSR", "uS")], {}, ["X*"], "a.edf")
    assert {number: one.unit for number, one in chosen.items()} == {0: "a.u.", 1: "uS"}
    assert not recwarn
