import numpy as np
import pytest
from layouts.write_mahnob import write_session

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import MahnobReader, read_recordings

SHORT = MahnobReader(margin=4)


def test_channels_units_and_times(tmp_path):
    write_session(tmp_path, 12, subject=3)
    write_session(tmp_path, 4)
    write_session(tmp_path, 5, stim=0)
    first, second = read_recordings(tmp_path, SHORT)
    assert [(one.subject, one.trial) for one in (first, second)] == [("1", "4"), ("3", "12")]
    assert (second.start, second.stop, second.baseline) == (-4, 12, ((-4, 0),))
    assert second.stimulus == "80.avi"
    found = {
        name: (one.unit, one.values[:, 9].round().tolist()) for name, one in second.signals.items()
    }
    assert found == {
        "eeg": ("uV", [10 * place for place in range(32)]),
        "ecg": ("uV", [320, 330, 340]),
        "eda": ("ohm", [350]),
        "respiration": ("a.u.", [360]),
        "temperature": ("C", [370]),
    }
    assert second.signals["eeg"].sfreq == 256


def test_control_stays_control_and_is_rated_during_the_stimulus_only(tmp_path):
    write_session(tmp_path, 4)
    (recording,) = read_recordings(tmp_path, SHORT)
    assert recording.targets == ("arousal", "valence", "control", "predictability")
    assert recording.ratings.mean([0], [8]).tolist() == [[2, 7, 4, 9]]
    assert np.isnan(recording.ratings.mean([-4, 8], [0, 12])).all()
    assert dict(recording.scale) == dict.fromkeys(recording.targets, (1, 9))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<session", "<!DOCTYPE a [<!ENTITY b 'c'>]><session", "declares a document type"),
        ("</session>", "", "is no XML"),
        ("<subject", "<person", "must have one <session>.*it has 1 and 0"),
        (
            'feltCtrl="4"',
            'feltCtrl="0"',
            "'control' lie outside the declared scale 1 to 9",
        ),
        ('encoding="UTF-8"', 'encoding="UTF-7"', "is no XML"),
    ],
)
def test_a_session_that_cannot_be(tmp_path, old, new, expected):
    path = write_session(tmp_path, 4) / "session.xml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ReadError, match=expected):
        read_recordings(tmp_path, SHORT)


def test_what_is_missing(tmp_path):
    with pytest.raises(ReadError, match=r"holds no session\.xml beside"):
        read_recordings(tmp_path, "mahnob")
    write_session(tmp_path, 4)
    with pytest.raises(ReadError, match="is shorter than the 30 s around a stimulus"):
        read_recordings(tmp_path, "mahnob")
    (path,) = tmp_path.rglob("*.bdf")
    path.write_bytes(path.read_bytes().replace(b"Resp", b"Lung"))
    with pytest.raises(ReadError, match="lacks the channel 'Resp'; it has Fp1"):
        read_recordings(tmp_path, SHORT)
    path.write_bytes(b"\xffBIOSEMI" + b" " * 300)
    with pytest.raises(ReadError, match="is no BDF file"):
        read_recordings(tmp_path, SHORT)
    with pytest.raises(ArgumentError, match="margin must be 0 s or more"):
        MahnobReader(margin=-1)
