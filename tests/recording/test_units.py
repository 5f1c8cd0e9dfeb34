"""Units: what is known, how it converts, and what is said about what is not known."""

import numpy as np
import pytest

from physio_vad import Recording, Signal, TableReader
from physio_vad.exceptions import RecordingError
from physio_vad.recording.units import VOLTAGE_UV, Conversion, conversion, modality_name, unit_name


@pytest.mark.parametrize(
    ("modality", "unit", "given", "expected"),
    [
        ("temperature", "C", 36.6, 36.6),
        ("temperature", "K", 309.75, 36.6),
        ("temperature", "F", 97.88, 36.6),
        ("temperature", "F", 32.0, 0.0),
    ],
)
def test_known_conversions(modality, unit, given, expected):
    converted = conversion(modality, unit)(np.array([given]))
    np.testing.assert_allclose(converted, [expected], atol=1e-10)


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1), ("nV", 1e-3), ("mV", 1e3), ("V", 1e6)])
def test_voltage(unit, factor):
    np.testing.assert_allclose(VOLTAGE_UV[unit](np.array([2.0])), [2.0 * factor])


def test_reciprocal_unit_and_its_pole():
    siemens = Conversion(1e3, reciprocal=True)  # kOhm to uS
    np.testing.assert_allclose(siemens(np.array([500.0, np.inf])), [2.0, 0.0])
    assert np.isnan(siemens(np.array([0.0]))).all()


def test_conversion_does_not_write_to_its_input_nor_warn():
    given = np.array([[1.0, np.nan], [1e308, -np.inf]])
    given.setflags(write=False)
    for one in (Conversion(), Conversion(1e6, 1.0), Conversion(1e6, reciprocal=True)):
        assert one(given).shape == given.shape


def test_identity_does_not_copy():
    given = np.arange(3.0)
    assert Conversion()(given) is given


def test_alias_is_resolved():
    assert modality_name("skt") == modality_name("temperature") == "temperature"
    assert conversion("skt", "K") is conversion("temperature", "K")


def test_unknown_modality_names_the_nearest_and_the_way_out():
    with pytest.raises(RecordingError, match=r"'temperatur'; did you mean 'temperature'.*register"):
        modality_name("temperatur")


def test_unknown_unit_lists_the_known_ones():
    with pytest.raises(RecordingError, match=r"unit of temperature 'degC'.*'C', 'K', 'F'"):
        conversion("temperature", "degC")


@pytest.mark.parametrize(
    ("modality", "written", "name"),
    [
        ("eeg", "\u00b5V", "uV"),
        ("eeg", "\u03bcV", "uV"),
        ("eda", "\u00b5S", "uS"),
        ("eda", "k\u03a9", "kohm"),
        ("eda", "M\u2126", "Mohm"),
        ("temperature", "\u00b0C", "C"),
    ],
)
def test_signs_that_units_are_written_with(modality, written, name):
    assert unit_name(modality, written) == name
    assert conversion(modality, written) is conversion(modality, name)
    recording = Recording("anna", {modality: Signal(np.ones(8), 4.0, written)})
    assert recording.signals[modality].unit == name
    reader = TableReader(columns={"a": {"modality": modality, "unit": written}}, sfreq=4.0)
    assert reader.columns["a"].unit == name
