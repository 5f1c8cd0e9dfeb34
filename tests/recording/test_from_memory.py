import mne
import numpy as np
import pandas as pd
import pytest

from physio_vad import Ratings, Recording
from physio_vad.exceptions import RecordingError

KINDS = {"F3": ("eeg", "uV"), "trigger": None, "GSR": {"modality": "gsr", "unit": "uS"}}


def test_an_array_of_trials_is_a_recording_a_trial():
    data = np.arange(2 * 3 * 100.0).reshape(2, 3, 100)
    labels = [[7.0, 3.0], [2.0, np.nan]]
    first, second = Recording.from_arrays(
        data, 50, KINDS, subject="s01", ratings=labels, targets=["valence", "liking"],
        scale=(1, 9), stimuli=["cat", "dog"],
    )  # fmt: skip
    assert (first.trial, second.trial, second.stimulus, second.stop) == ("1", "2", "dog", 2)
    np.testing.assert_array_equal(second.signals["eeg"].values, data[1, [0]])
    np.testing.assert_array_equal(second.signals["eda"].values, data[1, [2]])
    assert first.ratings.mean([0], [2]).tolist() == [[7, 3]]
    assert dict(second.scale) == {"valence": (1, 9), "liking": (1, 9)}


def test_two_axes_are_one_trial():
    (one,) = Recording.from_arrays(np.ones((3, 100)), 50, KINDS, subject="s01", ratings=[1, 2, 3])
    assert one.targets == ("valence", "arousal", "dominance")
    assert one.ratings.mean([0], [1]).tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("data", "more", "expected"),
    [
        (np.ones((100, 3)), {}, r"data must have shape \(n_trials, 3, n_samples\).*got \(100, 3\)"),
        (np.ones((2, 3, 9)), {"ratings": [[1, 2, 3]]}, r"shape \(2, 3\), a row a trial"),
        (np.ones((2, 3, 9)), {"stimuli": ["cat"]}, "name each of 2 trials, got 1"),
    ],
)
def test_shapes_that_do_not_fit(data, more, expected):
    with pytest.raises(RecordingError, match=expected):
        Recording.from_arrays(data, 50, KINDS, subject="s01", **more)


def test_a_kind_that_is_none():
    with pytest.raises(RecordingError, match=r"channel 'A' must have a modality and a unit"):
        Recording.from_arrays(np.ones((1, 9)), 50, {"A": "eeg"}, subject="s01")


def test_a_frame_with_a_clock_and_ratings_that_change():
    frame = pd.DataFrame({"t": 100 + np.arange(40) / 4, "EDA": np.arange(40.0)})
    frame["valence"] = np.where(frame["t"] < 105, 2.0, 8.0)
    one = Recording.from_frame(
        frame, {"EDA": ("eda", "uS")}, subject="anna", time="t", targets=["valence"]
    )
    assert one.signals["eda"].sfreq == pytest.approx(4)
    assert one.ratings.mean([0, 5], [5, 10]).tolist() == [[2], [8]]


def test_an_index_of_dates_is_the_clock():
    index = pd.date_range("2020-09-13 12:26:40", periods=40, freq="250ms")
    frame = pd.DataFrame({"EDA": 2.0}, index)
    one = Recording.from_frame(frame, {"EDA": ("eda", "uS")}, subject="anna")
    assert (one.signals["eda"].sfreq, one.start_time) == (pytest.approx(4), 1.6e9)


def test_frames_that_cannot_be():
    frame = pd.DataFrame({"t": [0, 1, 2, 9.0], "EDA": 2.0})
    kinds = {"EDA": ("eda", "uS")}
    with pytest.raises(RecordingError, match="steps from 1 to 7 s; fill the gaps"):
        Recording.from_frame(frame, kinds, subject="anna", time="t")
    for bad in ([0, np.nan, 2, 3], pd.to_datetime(["2020-09-13", None, None, None])):
        with pytest.raises(RecordingError, match="row 2 of the table has no time"):
            Recording.from_frame(frame.assign(t=bad), kinds, subject="anna", time="t")
    with pytest.raises(RecordingError, match="needs the rate"):
        Recording.from_frame(frame, kinds, subject="anna")
    with pytest.raises(RecordingError, match=r"lacks 'GSR'; it has 't', 'EDA'"):
        Recording.from_frame(frame, {"GSR": ("eda", "uS")}, subject="anna", sfreq=4)


def test_what_mne_has_read():
    info = mne.create_info(["F3", "ECG", "GSR"], 100.0, ["eeg", "eeg", "misc"])
    raw = mne.io.RawArray(np.repeat([[10e-6], [1e-3], [4.0]], 500, 1), info, verbose="error")
    ratings = Ratings.constant({"valence": 7.0})
    one = Recording.from_mne(raw, {"GSR": ("eda", "uS")}, subject="anna", ratings=ratings)
    found = {name: (s.unit, s.values[0, 0], s.channels) for name, s in one.signals.items()}
    assert found == {
        "eeg": ("V", 10e-6, ("F3",)), "ecg": ("V", 1e-3, ("ECG",)), "eda": ("uS", 4, ("GSR",)),
    }  # fmt: skip
    assert (one.stop, one.targets) == (5, ("valence",))
    with pytest.raises(RecordingError, match="has no channel 'EDA'"):
        Recording.from_mne(raw, {"EDA": ("eda", "uS")}, subject="anna")
