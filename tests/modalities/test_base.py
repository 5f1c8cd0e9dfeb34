"""What every modality shares, shown on one that only averages."""

from dataclasses import replace

import numpy as np
import pytest

from physio_vad import Events, Feature, Modality, Recording, Signal
from physio_vad.exceptions import ArgumentError, RecordingError
from physio_vad.recording.units import Conversion

SFREQ = 10.0


class Averages(Modality):
    """Means over windows, under the name of a modality that recordings know."""

    name = "eda"
    unit = "uS"
    units = {"uS": Conversion(), "nS": Conversion(1e-3)}  # noqa: RUF012
    plausible = (-50.0, 50.0)
    believed = 1.0

    @property
    def features(self):
        return (Feature("mean", "uS", "mean"), Feature("inverse", "1/uS", "1 / mean"))

    def prepare(self, signal, others):
        self.others_ = sorted(others)
        return signal

    def compute(self, prepared, starts, stops):
        means = [
            prepared.values[:, a:b].mean(axis=1) if b > a else np.full(len(prepared.values), np.nan)
            for a, b in zip(*prepared.spans(starts, stops), strict=True)
        ]
        mean = np.array(means).reshape(len(starts), len(prepared.values)).T
        return {"mean": mean, "inverse": 1 / mean}

    def trust(self, prepared, starts, stops):
        return np.full(len(starts), self.believed)


class Together(Averages):
    """All channels at once, with a pair and a feature of the whole sensor."""

    together = True

    @property
    def features(self):
        return (
            Feature("mean", "uS", "mean"),
            Feature("difference", "uS", "right - left", per="pair"),
            Feature("total", "uS", "sum of means", per="modality"),
        )

    def pairs(self, channels):
        return [("right", "left")] if {"left", "right"} <= set(channels) else []

    def compute(self, prepared, starts, stops):
        mean = super().compute(prepared, starts, stops)["mean"]
        order = list(prepared.channels)
        pairs = [(order.index(a), order.index(b)) for a, b in self.pairs(order)]
        difference = [mean[a] - mean[b] for a, b in pairs]
        return {
            "mean": mean,
            "difference": np.array(difference).reshape(len(pairs), len(starts)),
            "total": mean.sum(axis=0),
        }

    def limits(self, sfreq):
        return "too slow" if sfreq < 10 else ""


def noise(n_channels=1, n_samples=600, seed=0):
    return 5 + np.random.default_rng(seed).normal(size=(n_channels, n_samples))


def extract(values, starts=(0.0,), length=10.0, modality=None, unit="uS", start=0.0, **kwargs):
    signal = Signal(values, SFREQ, unit, start=start, **kwargs)
    starts = np.array(starts, dtype=float)
    recording = Recording("anna", {"eda": signal})
    return (modality or Averages()).extract(recording, starts, starts + length)


def test_known_numbers_and_units():
    values = noise()
    for block in (extract(values, [0, 5]), extract(1e3 * values, [0, 5], unit="nS")):
        expected = [values[0, :100].mean(), values[0, 50:150].mean()]
        np.testing.assert_allclose(block.values[:, 0], expected)
        assert block.values[:, 2].tolist() == [1, 1]
        assert block.warning == ""


def test_columns_of_channels():
    assert Averages().columns(["0"]) == ["eda__mean", "eda__inverse", "eda__quality"]
    assert Averages().columns(["a", "b"]) == [
        "eda__mean__a",
        "eda__inverse__a",
        "eda__mean__b",
        "eda__inverse__b",
        "eda__quality",
    ]
    assert Together().columns(["a"]) == ["eda__mean__a", "eda__total", "eda__quality"]
    assert Together().columns(["left", "up", "right"]) == [
        "eda__mean__left",
        "eda__mean__up",
        "eda__mean__right",
        "eda__difference__right-left",
        "eda__total",
        "eda__quality",
    ]


@pytest.mark.parametrize("modality", [Averages(), Together()])
@pytest.mark.parametrize("channels", [["left"], ["left", "right"], ["right", "x-y", "left"]])
def test_values_stand_under_their_columns(modality, channels):
    values = noise(len(channels))
    block = extract(values, [0.0, 20.0], modality=modality, channels=channels)
    assert block.columns == modality.columns(channels)
    assert block.values.shape == (2, len(block.columns))
    found = dict(zip(block.columns, block.values[1], strict=True))
    for number, channel in enumerate(channels):
        named = modality.together or len(channels) > 1
        name = f"eda__mean__{channel}" if named else "eda__mean"
        assert found[name] == pytest.approx(values[number, 200:300].mean())


def test_each_channel_alone_is_nan_where_it_is_missing():
    values = noise(2)
    values[0, :60] = np.nan
    block = extract(values, channels=["left", "right"])
    assert np.isnan(block.values[0, :2]).all()
    assert np.isfinite(block.values[0, 2:]).all()
    assert block.values[0, -1] == pytest.approx(0.5)  # mean of 0 and 1


class AnyChannel(Together):
    """The sum of what is good."""

    @property
    def features(self):
        return tuple(replace(one, needs="any") for one in super().features)


def test_a_pair_needs_both_channels_and_the_whole_all_or_any():
    values = noise(2)
    values[0, :60] = np.nan
    for modality, whole in ((Together(), False), (AnyChannel(), True)):
        block = extract(values, modality=modality, channels=["left", "right"])
        assert np.isfinite(block.values[0]).tolist() == [False, True, False, whole, True]
    values[1, :60] = np.nan
    block = extract(values, modality=AnyChannel(), channels=["left", "right"])
    assert not np.isfinite(block.values[0, :4]).any()


class Returns(Together):
    """Gives one feature, and trust, in a shape of choice."""

    per = "channel"
    given = None

    @property
    def features(self):
        return (Feature("mean", "uS", "mean", per=self.per),)

    def compute(self, prepared, starts, stops):
        return {"mean": self.given}


class Alone(Returns):
    together = False


@pytest.mark.parametrize(
    ("per", "given", "message"),
    [
        ("channel", np.zeros(3), r"\(n_channels, n_windows\) = \(2, 3\), got shape \(3,\)"),
        ("channel", 1.0, r"\(n_channels, n_windows\) = \(2, 3\), got shape \(\)"),
        ("channel", np.zeros((1, 3)), r"\(2, 3\), got shape \(1, 3\)"),
        ("channel", np.zeros((2, 4)), r"\(2, 3\), got shape \(2, 4\)"),
        ("channel", np.zeros((3, 2)), r"\(2, 3\), got shape \(3, 2\); it seems to be transposed"),
        ("channel", [[1, 2, 3], [1, 2]], r"\(2, 3\), got list \("),
        ("channel", ["a"], r"\(2, 3\), got list \("),
        ("modality", np.zeros((2, 3)), r"\(n_windows,\) = \(3,\) or \(1, n_windows\), got .*2, 3"),
        ("modality", 1.0, r"\(n_windows,\) = \(3,\) or \(1, n_windows\), got shape \(\)"),
        ("modality", None, r"got shape \(\)"),
        ("pair", np.zeros((2, 3)), r"\(n_windows,\) = \(3,\) or \(1, n_windows\), got .*2, 3"),
    ],
)
def test_a_feature_of_another_shape_is_refused(per, given, message):
    modality = Returns()
    modality.per, modality.given = per, given
    with pytest.raises(
        ArgumentError, match=f"Returns.compute: feature 'mean' must have the shape .*{message}"
    ):
        extract(noise(2), [0, 5, 10], modality=modality, channels=["left", "right"])


@pytest.mark.parametrize("given", [np.arange(3.0), np.arange(3.0)[np.newaxis], [0, 1, 2]])
def test_one_row_may_be_one_dimensional(given):
    modality = Alone()
    modality.given = given
    assert extract(noise(), [0, 5, 10], modality=modality).values[:, 0].tolist() == [0, 1, 2]
    modality.given = np.zeros(2)
    with pytest.raises(ArgumentError, match=r"Alone.compute: feature 'mean'.*\(3,\).*got .*\(2,\)"):
        extract(noise(2), [0, 5, 10], modality=modality)


def test_without_pairs_nothing_is_given():
    modality = Returns()
    modality.per, modality.given = "pair", []
    assert extract(noise(2), modality=modality, channels=["a", "b"]).columns == ["eda__quality"]


def test_trust_of_another_shape_is_refused(monkeypatch):
    monkeypatch.setattr(Averages, "trust", lambda *_: np.ones(2))
    with pytest.raises(ArgumentError, match=r"Averages.trust must have the shape \(n_windows,\)"):
        extract(noise())
    monkeypatch.setattr(Averages, "trust", lambda *_: np.ones((1, 1)))
    wanted = r"Together.trust must have the shape \(n_channels, n_windows\) = \(2, 1\)"
    with pytest.raises(ArgumentError, match=wanted):
        extract(noise(2), modality=Together())


def test_features_of_several_channels_need_them_together():
    modality = Alone()
    modality.per = "modality"
    modality.given = np.zeros(1)
    assert extract(noise(), modality=modality).columns == ["eda__mean", "eda__quality"]
    with pytest.raises(ArgumentError, match=r"Alone: .*together = True.*got \['mean'\], .*'b'"):
        extract(noise(2), modality=modality, channels=["a", "b"])


@pytest.mark.parametrize(("missing", "usable"), [(0, True), (20, True), (50, True), (51, False)])
def test_half_of_a_window_must_be_good(missing, usable):
    values = noise()
    values[0, 30 : 30 + missing] = np.nan
    block = extract(values)
    assert np.isfinite(block.values[0, 0]) == usable
    assert block.values[0, -1] == pytest.approx(1 - missing / 100 if usable else 0)
    assert bool(block.warning) != usable


def test_windows_beyond_the_signal():
    block = extract(noise(), [-8.0, -4.0, 0.0, 54.0, 58.0, 500.0])
    np.testing.assert_allclose(block.values[:, -1], [0, 0.6, 1, 0.6, 0, 0])
    np.testing.assert_array_equal(
        np.isnan(block.values[:, 0]), [True, False, False, False, True, True]
    )


def test_the_signal_may_start_late():
    values = noise()
    late = extract(values, [100.0, 120.0], start=100.0)
    np.testing.assert_allclose(late.values, extract(values, [0.0, 20.0]).values)


@pytest.mark.parametrize("filler", [np.nan, np.inf, -np.inf, 51.0, -1e300])
def test_what_is_impossible_is_bridged_whatever_it_is(filler):
    values = noise()
    values[0, 10:30] = filler
    block = extract(values)
    bridge = np.linspace(values[0, 9], values[0, 30], 22)
    expected = np.concatenate([values[0, :9], bridge, values[0, 31:100]]).mean()
    assert block.values[0, 0] == pytest.approx(expected)
    assert block.values[0, -1] == pytest.approx(0.8)


def test_flat_is_missing_after_two_seconds():
    values = noise()
    values[0, 10:30] = 5.0  # 20 samples span 1.9 s
    assert extract(values).values[0, -1] == 1
    values[0, 10:31] = 5.0
    assert extract(values).values[0, -1] == pytest.approx(0.79)


def test_clipping_lowers_the_quality_and_no_more():
    wave = 5 + 3 * np.sin(2 * np.pi * 0.5 * np.arange(600) / SFREQ + 0.1)
    cut = np.clip(wave, 3.0, 7.0)
    block = extract(cut)
    share = np.mean((cut[:100] == 3.0) | (cut[:100] == 7.0))
    assert block.values[0, -1] == pytest.approx(1 - share, abs=0.03)
    assert block.values[0, 0] == pytest.approx(cut[:100].mean())
    assert extract(wave).values[0, -1] == 1
    steps = np.round(wave)  # a coarse converter: plateaus everywhere, at the ends they count
    assert 0.5 < extract(steps).values[0, -1] < 1


def test_plateaus_in_the_middle_of_the_range_are_not_clipping():
    values = noise()
    values[0, 40:45] = 5.0
    assert extract(values).values[0, -1] == 1


def test_trust_multiplies_and_cannot_leave_0_to_1():
    modality = Averages()
    for believed, expected in ((0.5, 0.4), (7.0, 0.8), (-1.0, 0.0), (np.nan, 0.0)):
        modality.believed = believed
        values = noise()
        values[0, :20] = np.nan
        assert extract(values, modality=modality).values[0, -1] == pytest.approx(expected)


def test_infinite_features_become_nan():
    block = extract(np.tile([1.0, -1.0], 300))  # mean 0, 1 / mean infinite
    assert block.values[0, 0] == 0
    assert np.isnan(block.values[0, 1])


def test_the_warning_counts_windows_and_says_what_the_rate_limits():
    values = noise(2)
    values[0, :200] = np.nan
    block = extract(values, [0, 10, 20, 30], modality=Together(), channels=["left", "right"])
    assert block.warning == (
        "eda: 2 of 4 windows have less than 50% usable signal in some channel (missing, flat or "
        "impossible values); their features are NaN"
    )
    slow = Signal(noise(), 5.0, "uS")
    block = Together().extract(Recording("a", {"eda": slow}), np.zeros(1), np.full(1, 10.0))
    assert block.warning == "eda: too slow"
    dead = extract(np.full(600, np.nan), [0.0, 10.0])
    assert "2 of 2 windows" in dead.warning
    assert "in every channel" in dead.warning


def test_no_windows_no_samples():
    assert extract(noise(), []).values.shape == (0, 3)
    block = extract(np.empty((2, 0)), [0.0, 1.0])
    assert block.values.shape == (2, 5)
    assert np.isnan(block.values[:, :-1]).all()
    assert (block.values[:, -1] == 0).all()


def test_the_other_signals_are_handed_on():
    modality = Averages()
    signals = {"eda": Signal(noise(), SFREQ, "uS"), "temperature": Signal(noise(), SFREQ, "C")}
    modality.extract(Recording("a", signals), np.zeros(1), np.ones(1))
    assert modality.others_ == ["temperature"]


def test_events_are_no_signal():
    recording = Recording("a", {"eda": Events(np.arange(3.0), np.ones(3), "uS")})
    with pytest.raises(RecordingError, match=r"'a', trial '1': eda must be a Signal.*Events"):
        Averages().extract(recording, np.zeros(1), np.ones(1))


def test_the_input_is_not_written_to():
    values = noise()
    values[0, 10:50] = np.nan
    kept = values.copy()
    extract(values)
    np.testing.assert_array_equal(values, kept)


def test_look_back_never_shortens_a_window():
    starts, stops = np.array([0.0, 0.0]), np.array([5.0, 30.0])
    assert Averages.look_back(starts, stops, 10.0).tolist() == [-5.0, 0.0]


def test_good_share_of_channels():
    clean = Averages().clean(Signal(noise(2), SFREQ, "uS"))
    share = clean.good_share(np.array([0.0, 55.0]), np.array([10.0, 65.0]))
    np.testing.assert_allclose(share, [[1, 0.5], [1, 0.5]])
    assert clean.channel(1).channels == ("1",)
    assert clean.channel(1).values.shape == (1, 600)
