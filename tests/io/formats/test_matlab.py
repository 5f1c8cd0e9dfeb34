import numpy as np
import pytest
from layouts.write_matlab import (
    cell,
    deap_arrays,
    write_amigos,
    write_deap,
    write_deap_python,
    write_dreamer,
)
from layouts.write_pickle import dumps
from scipy.io import savemat

from physio_vad import make_windows
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import AmigosReader, DreamerReader, read_recordings


def means(recording, start, stop):
    rated = recording.ratings.mean([start], [stop])[0]
    return dict(zip(recording.targets, rated.tolist(), strict=True))


@pytest.mark.parametrize("inner", ["", "data_preprocessed_matlab"])
def test_deap(tmp_path, inner):
    write_deap(tmp_path / inner, n_people=2)
    recordings = read_recordings(tmp_path, "deap")
    assert [(one.subject, one.trial) for one in recordings] == [
        (subject, trial) for subject in ("s01", "s02") for trial in ("1", "2", "3")
    ]
    third = recordings[2]
    assert third.stimulus == "video 3"
    assert (third.start, third.stop, third.baseline) == (-3, 8, ((-3, 0),))
    assert (third.ratings.starts.tolist(), third.ratings.stops.tolist()) == ([0], [8])
    first = {
        name: (one.unit, (one.values[:, 0] - 2000).tolist()) for name, one in third.signals.items()
    }
    assert first == {
        "eeg": ("uV", list(range(32))),
        "eog": ("uV", [32, 33]),
        "emg": ("uV", [34, 35]),
        "eda": ("ohm", [36]),
        "respiration": ("a.u.", [37]),
        "ppg": ("a.u.", [38]),
        "temperature": ("C", [39]),
    }
    assert third.signals["eeg"].channels[16:20] == ("Fp2", "AF4", "Fz", "F4")
    assert third.signals["emg"].values[1, 7] == 2035.0007
    assert means(third, 0, 8) == {
        "valence": 3,
        "arousal": 3.25,
        "dominance": 3.5,
        "liking": 3.75,
    }
    assert dict(third.scale) == dict.fromkeys(third.targets, (1, 9))


@pytest.mark.parametrize("inner", ["", "data_preprocessed_python"])
def test_deap_as_python_pickles(tmp_path, inner):
    write_deap(tmp_path / "twin")
    write_deap_python(tmp_path / "python" / inner)
    twins = zip(
        read_recordings(tmp_path / "twin", "deap"),
        read_recordings(tmp_path / "python", "deap"),
        strict=True,
    )
    for one, other in twins:
        assert (one.subject, one.trial, one.baseline) == (
            other.subject,
            other.trial,
            other.baseline,
        )
        for name, signal in one.signals.items():
            np.testing.assert_array_equal(signal.values, other.signals[name].values)
        assert means(one, 0, 8) == means(other, 0, 8)


def test_a_deap_pickle_that_lacks_something(tmp_path):
    (tmp_path / "s01.dat").write_bytes(dumps({"data": np.ones((1, 40, 500))}))
    with pytest.raises(ReadError, match=r"s01\.dat: must be a dict with 'data' and 'labels'"):
        read_recordings(tmp_path, "deap")


def test_the_baseline_of_deap_is_not_rated(tmp_path):
    recordings = read_recordings(write_deap(tmp_path, n_trials=1), "deap")
    windows, y = make_windows(recordings, length=1.0, step=1.0)
    assert y[windows["stop"] <= 0].isna().all(axis=None)
    assert y[windows["start"] >= 0].notna().all(axis=None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"labels": np.ones((3, 3))}, r"labels must be numbers with shape \(3, 4\)"),
        ({"data": np.ones((3, 39, 500))}, r"data must be numbers with shape \(any, 40, any\)"),
        ({"data": np.ones((3, 40, 100))}, "trial 1 ends before its baseline"),
        ({"labels": np.full((3, 4), 11.0)}, "trial 1: .* lie outside the declared scale 1 to 9"),
        ({"labels": None}, "lacks the variable 'labels'"),
    ],
)
def test_deap_files_that_cannot_be(tmp_path, change, expected):
    data, labels = deap_arrays()
    variables = {"data": data, "labels": labels} | change
    savemat(tmp_path / "s01.mat", {k: v for k, v in variables.items() if v is not None})
    with pytest.raises(ReadError, match=rf"s01\.mat: .*{expected}"):
        read_recordings(tmp_path, "deap")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is empty"),
        (b"MATLAB 7.3 MAT-file" + b" " * 200, "save it with -v7"),
        (b"x" * 300, ""),
    ],
)
def test_what_is_no_matlab_file(tmp_path, data, expected):
    (tmp_path / "s01.mat").write_bytes(data)
    with pytest.raises(ReadError, match=rf"s01\.mat: .*{expected}"):
        read_recordings(tmp_path, "deap")


def test_dreamer(tmp_path):
    recordings = read_recordings(write_dreamer(tmp_path), "dreamer")
    assert [(one.subject, one.trial) for one in recordings] == [
        ("1", "1"),
        ("1", "2"),
        ("2", "1"),
        ("2", "2"),
    ]
    last = recordings[3]
    eeg, ecg = last.signals["eeg"], last.signals["ecg"]
    assert (eeg.sfreq, eeg.start, eeg.stop, eeg.unit) == (128, -4, 10, "uV")
    assert (ecg.sfreq, ecg.start, ecg.stop, ecg.unit) == (256, -4, 10, "mV")
    at_zero = [int(4 * one.sfreq) for one in (eeg, ecg)]
    assert eeg.values[:, at_zero[0] - 1].tolist() == [-22_000 - i for i in range(14)]
    assert eeg.values[:, at_zero[0]].tolist() == [22_000 + i for i in range(14)]
    assert ecg.values[:, at_zero[1]].tolist() == [22_000, 22_001]
    assert eeg.channels[:3] == ("AF3", "F7", "F3")
    assert (last.baseline, last.stimulus) == (((-4, 0),), "clip 2")
    assert means(last, 0, 10) == {"valence": 1, "arousal": 3, "dominance": 5}
    assert means(recordings[0], 0, 9) == means(last, 0, 10)
    assert np.isnan(last.ratings.mean([-4], [0])).all()
    assert dict(last.scale) == dict.fromkeys(last.targets, (1, 5))


def test_dreamer_that_cannot_be(tmp_path):
    with pytest.raises(ArgumentError, match="ecg_unit: unknown unit of ecg 'uS'"):
        DreamerReader(ecg_unit="uS")
    top = {"EEG_SamplingRate": 128, "ECG_SamplingRate": 256, "Data": cell({"Age": 3})}
    savemat(tmp_path / "DREAMER.mat", {"DREAMER": top})
    with pytest.raises(ReadError, match=r"DREAMER\.Data\{1\}: lacks the field 'EEG'"):
        read_recordings(tmp_path, "dreamer")


def test_amigos_self_assessment(tmp_path):
    recordings = read_recordings(write_amigos(tmp_path, person=7), "amigos")
    assert [(one.subject, one.trial, one.stop) for one in recordings] == [
        ("P07", "10", 50),
        ("P07", "13", 8),
        ("P07", "N1", 30),
    ]
    first = recordings[0]
    assert {name: one.values[:, 0].tolist() for name, one in first.signals.items()} == {
        "eeg": [1000 + i for i in range(14)],
        "ecg": [1014, 1015],
        "eda": [1016],
    }
    assert (first.start, first.baseline, first.stimulus) == (-5, ((-5, 0),), "video 10")
    rated = means(first, 0, 50)
    assert [rated[name] for name in ("valence", "arousal", "dominance", "liking")] == [4, 2, 6, 8]
    assert list(first.scale.values()) == [(1, 9)] * 5 + [(0, 1)] * 7
    assert all(np.isnan(one.ratings.values).all() for one in recordings[1:])


def test_amigos_external_annotation(tmp_path):
    reader = AmigosReader(annotation="external")
    first, second, third = read_recordings(write_amigos(tmp_path), reader)
    assert dict(first.scale) == {"valence": (-1, 1), "arousal": (-1, 1)}
    assert first.ratings.starts.tolist() == [0, 20, 40]
    assert first.ratings.stops.tolist() == [20, 40, 50]
    assert first.ratings.values.tolist() == [[0.5, -0.5], [0.25, -0.25], [0.125, -0.125]]
    assert second.ratings.stops.tolist() == [8]
    assert third.ratings.stops.tolist() == [20, 30]
    with pytest.raises(ArgumentError, match="annotation must be 'self' or 'external'"):
        AmigosReader(annotation="both")


def test_a_video_of_amigos_that_ends_with_its_baseline(tmp_path):
    content = {
        "labels_selfassessment": cell(np.ones((1, 12))),
        "labels_ext_annotation": cell(np.array([[4.0, 0.5, -0.5], [7, 0.25, 0], [np.nan, 0, 0]])),
        "VideoIDs": cell("10"),
    }
    path = tmp_path / "Data_Preprocessed_P01.mat"
    savemat(path, content | {"joined_data": cell(np.ones((5 * 128, 17)))})
    with pytest.raises(ReadError, match="video 10 ends before its baseline of 5 s does"):
        read_recordings(tmp_path, "amigos")
    savemat(path, content | {"joined_data": cell(np.ones((5 * 128 + 1, 17)))})
    (one,) = read_recordings(tmp_path, "amigos")
    assert one.stop == 1 / 128
    savemat(path, content | {"joined_data": cell(np.ones((65 * 128, 17)))})
    (one,) = read_recordings(tmp_path, AmigosReader(annotation="external"))
    assert (one.ratings.starts.tolist(), one.ratings.stops.tolist()) == ([0], [20]), "from 60 on"


def test_dreamer_without_rest_or_with_a_rate_of_its_own(tmp_path):
    def stream(n_channels, n_rest, n_film):
        return {
            "baseline": cell(np.ones((n_rest, n_channels)), column=True),
            "stimuli": cell(np.ones((n_film, n_channels)), column=True),
        }

    def write(n_rest, n_channels=14):
        person = {"EEG": stream(n_channels, n_rest, 256), "ECG": stream(2, 2 * n_rest, 512)}
        person |= {key: [[3.0]] for key in ("ScoreValence", "ScoreArousal", "ScoreDominance")}
        top = {"EEG_SamplingRate": 64, "ECG_SamplingRate": 128, "Data": cell(person)}
        savemat(tmp_path / "DREAMER.mat", {"DREAMER": top})

    write(32)
    (one,) = read_recordings(tmp_path, "dreamer")
    assert (one.start, one.stop, one.baseline) == (-0.5, 4.0, ((-0.5, 0.0),))
    write(0)
    (one,) = read_recordings(tmp_path, "dreamer")
    assert (one.start, one.stop, one.baseline) == (0.0, 4.0, ())
    write(32, n_channels=13)
    with pytest.raises(ReadError, match=r"Data\{1\}, clip 1, baseline"):
        read_recordings(tmp_path, "dreamer")


@pytest.mark.parametrize(("n_rows", "whole"), [(3 * 128, False), (3 * 128 + 1, True)])
def test_a_trial_of_deap_goes_on_after_its_baseline(tmp_path, n_rows, whole):
    content = {"data": np.ones((1, 40, n_rows)), "labels": np.ones((1, 4))}
    savemat(tmp_path / "s01.mat", content)
    if whole:
        (one,) = read_recordings(tmp_path, "deap")
        assert (one.start, one.stop) == (-3, 1 / 128)
        return
    with pytest.raises(ReadError, match="trial 1 ends before its baseline"):
        read_recordings(tmp_path, "deap")
