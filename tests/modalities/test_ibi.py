"""IBI: events and sampled rates, units, coverage, dropouts, odd input."""

import numpy as np
import pytest

from physio_vad import Events, Recording, Signal
from physio_vad.exceptions import RecordingError
from physio_vad.modalities import ECG, IBI
from physio_vad.modalities.ibi import _ends

STARTS = np.arange(0.0, 280.1, 20.0)
LENGTH = 20.0
VALUES = 0.8 + 0.04 * np.random.default_rng(0).standard_normal(370)
TIMES = 0.4 + np.cumsum(VALUES)
BEAT_BY_BEAT = ["rmssd", "sdsd", "pnn50", "pnn20", "sd1", "sd2", "lf", "hf", "lf_hf", "sampen"]


def extract(signal, starts=STARTS, **kwargs):
    block = IBI(**kwargs).extract(Recording("a", {"ibi": signal}), starts, starts + LENGTH)
    return dict(zip([name[5:] for name in block.columns], block.values.T, strict=True))


def same(a, b, **tolerance):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], err_msg=name, **tolerance)


def test_features_are_those_of_the_intervals():
    found = extract(Events(TIMES, VALUES, "s"))
    for row, stop in enumerate(STARTS + LENGTH):
        for name, back in (("hr_mean", 20.0), ("rmssd", 60.0)):
            inside = (max(stop - back, 0) <= TIMES - VALUES) & (stop > TIMES)
            nn = 1000 * VALUES[inside]
            true = {"hr_mean": 60_000 / nn.mean(), "rmssd": np.sqrt(np.mean(np.diff(nn) ** 2))}
            assert found[name][row] == pytest.approx(true[name], rel=1e-9)
    np.testing.assert_allclose(found["quality"][1:-1], 1.0)
    assert np.isfinite(found["lf"][6:]).all()
    assert np.isfinite(found["sampen"][9:]).all()


@pytest.mark.parametrize(("unit", "given"), [("ms", 1000 * VALUES), ("bpm", 60 / VALUES)])
def test_units(unit, given):
    same(extract(Events(TIMES, given, unit)), extract(Events(TIMES, VALUES, "s")), rtol=1e-9)


def test_quality_is_the_share_that_intervals_cover():
    there = (TIMES < 105) | (TIMES - VALUES >= 113)
    found = extract(Events(TIMES[there], VALUES[there], "s"))
    assert found["quality"][5] == pytest.approx(12 / 20, abs=2 * 0.8 / 20)
    there = (TIMES < 105) | (TIMES - VALUES >= 116)
    found = extract(Events(TIMES[there], VALUES[there], "s"))
    assert found["quality"][5] == 0  # less than half
    assert np.isnan(found["hr_mean"][5])
    assert found["quality"][6] == pytest.approx(1.0)


def test_a_dropout_is_no_difference():
    values = np.where(np.arange(100) < 50, 0.8, 0.9)
    times = np.cumsum(values) + np.where(np.arange(100) < 50, 0.0, 3.0)
    # the window looks back to 20 s; 40 to 43 s are missing
    found = extract(Events(times, values, "s"), np.array([40.0]), hrv_context=40.0)
    assert found["rmssd"] == pytest.approx(0, abs=1e-6)
    assert found["sdnn"] > 40


@pytest.mark.parametrize(("apart", "linked"), [(0.04, True), (-0.04, True), (0.06, False)])
def test_intervals_have_a_beat_in_common_within_a_twentieth_of_a_second(apart, linked):
    values = np.tile([0.8, 0.9, 0.85], 20)
    times = np.cumsum(values + apart)
    found = extract(Events(times, values, "s"), np.array([20.0]))
    assert np.isfinite(found["hr_mean"]).all()
    assert np.isfinite(found["rmssd"]).all() == linked


def test_wrong_intervals_do_not_count():
    values = VALUES.copy()
    values[100], values[200], values[250] = 1.7, np.nan, np.inf  # doubled, unknown
    found = extract(Events(TIMES, values, "s"))
    whole = extract(Events(TIMES, VALUES, "s"))
    np.testing.assert_allclose(found["hr_mean"], whole["hr_mean"], rtol=0.01)
    np.testing.assert_allclose(found["rmssd"], whole["rmssd"], rtol=0.15)


@pytest.mark.parametrize("sfreq", [1.0, 4.0, 64.0])
def test_a_sampled_heart_rate_has_no_successive_beats(sfreq):
    rate = np.repeat([60.0, 75.0], int(150 * sfreq))
    rate[::7] += 1e-9  # equal for minutes would be flat
    found = extract(Signal(rate, sfreq, "bpm"))
    assert found["hr_mean"][3] == pytest.approx(60)
    assert found["hr_mean"][12] == pytest.approx(75)
    assert found["meannn"][12] == pytest.approx(800)
    assert found["sdnn"][5] == pytest.approx(0, abs=1e-5)
    for name in BEAT_BY_BEAT:
        assert np.isnan(found[name]).all(), name
    np.testing.assert_allclose(found["quality"], 1.0)


def test_a_rate_given_each_second_as_events():
    seconds = np.arange(1.0, 301.0)
    rate = 62 + 3 * np.sin(seconds / 7)
    found = extract(Events(seconds, rate, "bpm"))
    assert np.nanmax(np.abs(found["hr_mean"] - 62)) < 3
    for name in BEAT_BY_BEAT:
        assert np.isnan(found[name]).all(), name


def test_a_gap_in_a_sampled_rate():
    rate = np.tile([70.0, 70 + 1e-9], 150)
    rate[100:115], rate[160] = np.nan, 0.0
    found = extract(Signal(rate, 1.0, "bpm"))
    assert found["quality"][5] == 0
    assert np.isnan(found["hr_mean"][5])
    assert found["quality"][8] == pytest.approx(19 / 20)
    assert found["hr_mean"][8] == pytest.approx(70)


@pytest.mark.parametrize(
    ("rate", "seen"), [(19.0, False), (21.0, True), (295.0, True), (305.0, False)]
)
def test_hearts_beat_20_to_300_times_a_minute(rate, seen):
    values = rate + np.tile([0.0, 1e-9], 50)
    found = extract(Signal(values, 1.0, "bpm"), np.array([20.0]), shortest=0.1, longest=5.0)
    assert found["quality"] == pytest.approx(float(seen))


@pytest.mark.parametrize(("seconds", "quality"), [(120, 1.0), (121, 0.0)])
def test_a_rate_that_stands_still_for_more_than_two_minutes_is_none(seconds, quality):
    found = extract(Signal(np.full(seconds, 70.0), 1.0, "bpm"), np.array([40.0]))
    assert found["quality"] == pytest.approx(quality)


def test_channels_of_a_rate_are_named():
    block = IBI().extract(
        Recording("a", {"hr": Signal(np.full((2, 300), 70.0), 1.0, "bpm", channels=["l", "r"])}),
        STARTS,
        STARTS + LENGTH,
    )
    assert block.columns[0] == "ibi__hr_mean__l"
    assert block.values.shape == (len(STARTS), len(block.columns))


@pytest.mark.parametrize("times", [[], [5.0], [5.0, 5.0], [5.0, 5.8, 6.6], [1e-300, 300.0]])
@pytest.mark.parametrize("value", [0.8, 0.0, -1.0, np.nan, np.inf, 1e300])
def test_odd_events(times, value):
    found = extract(Events(np.array(times), np.full(len(times), value), "s"))
    for name, row in found.items():
        assert (np.isfinite(row) | np.isnan(row)).all(), name
    assert np.isfinite(found["quality"]).all()


def test_other_modalities_refuse_events_and_name_the_recording():
    recording = Recording("anna", {"ecg": Events(TIMES, VALUES, "mV")}, trial="7")
    with pytest.raises(RecordingError, match=r"'anna', trial '7': ecg must be a Signal"):
        ECG().extract(recording, STARTS, STARTS + LENGTH)


@pytest.mark.parametrize("n_intervals", [0, 1, 2])
def test_a_heart_goes_from_its_first_interval_to_its_last(n_intervals):
    times, values = 2.0 + 0.8 * np.arange(n_intervals), np.full(n_intervals, 0.8)
    (heart,) = IBI().clean(Events(times, values, "s")).hearts
    expected = (1.2, 2.0 + 0.8 * (n_intervals - 1)) if n_intervals else (0, 0)
    assert (heart.start, heart.stop) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("hr_mean", 5), ("hr_sd", 5), ("rmssd", 5), ("sd1", 5),  # half of 10 s
        ("sdnn", 15), ("pnn50", 15), ("sd2", 15),  # half of 30 s
        ("hf", 48),  # four fifths of 60 s
        ("lf", 96), ("lf_hf", 96),
    ],
)  # fmt: skip
def test_intervals_must_cover_a_share_of_what_a_feature_needs(name, least):
    """Ten beats, nothing for minutes, then so many intervals, and one that ends too late."""
    for number, given in ((least, True), (least - 1, False)):
        values = np.full(11 + number, 1.001)
        wave = 0.03 * np.sin(np.arange(number))
        values[10:-1] += wave - wave.mean()
        times = np.concatenate([np.arange(1.0, 11), 399.5 - number + np.cumsum(values[10:])])
        ibi = IBI()
        heart = ibi.prepare(ibi.clean(Events(times, values, "s")), {})
        found = ibi.compute(heart, np.array([390.0]), np.array([400.0]))
        assert np.isfinite(found[name]).tolist() == [given]


def test_times_at_which_intervals_begin_are_recognised():
    """Taken for ends they would link only intervals that differ little: RMSSD a fifth too small."""
    beats = np.cumsum(0.85 + 0.05 * np.random.default_rng(0).normal(size=200))
    values, starts = np.diff(beats), np.array([20.0, 60.0, 100.0])
    ended = extract(Events(beats[1:], values, "s"), starts=starts)
    begun = extract(Events(beats[:-1], values, "s"), starts=starts)
    same(begun, ended, rtol=1e-9)


def intervals(n, different=0.04, share=1.0):
    """Intervals of which the first share differ by so much from one to the next."""
    values = np.full(n, 0.8)
    values[: int(share * n) : 2] += different
    return values


def begun_at(values, late=0.0):
    """Times at which intervals begin, each so late that the one before seems longer or shorter."""
    late = late * np.where(np.diff(values) < 0, -1, 1)
    return np.cumsum([5.0, *(values[:-1] + late)])


@pytest.mark.parametrize(
    ("values", "late", "recognised"),
    [
        (intervals(21), 0.0, True),
        (intervals(20), 0.0, False),  # of nineteen steps
        (intervals(60), 0.01, True),
        (intervals(60, 0.025), 0.01, False),  # ends would be wrong by little more
        (intervals(60, 0.1), 0.019, True),
        (intervals(60, 0.1), 0.021, False),
        (intervals(60, share=0.6), 0.01, True),
        (intervals(60, share=0.4), 0.01, False),  # most are as well told by their ends
    ],
)
def test_when_times_plainly_begin_intervals(values, late, recognised):
    times = begun_at(values, late)
    np.testing.assert_array_equal(_ends(times, values), times + values * recognised)
    ends = np.cumsum(values)
    np.testing.assert_array_equal(_ends(ends, values), ends)


@pytest.mark.parametrize(("every", "recognised"), [(7, True), (4, False)])
def test_pauses_between_intervals_that_begin_at_their_times(every, recognised):
    values = intervals(100)
    times = begun_at(values) + np.cumsum(np.arange(100) % every == 0)
    np.testing.assert_array_equal(_ends(times, values), times + values * recognised)


def test_intervals_that_are_not_known_keep_their_times():
    values, times = intervals(100), begun_at(intervals(100))
    values[::3] = np.nan
    np.testing.assert_array_equal(_ends(times, values), times + np.nan_to_num(values))
