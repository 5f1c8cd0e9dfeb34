"""The picture of a recording: a panel a modality, with what was found in it."""

import warnings
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from physio_vad import Events, Ratings, Recording, Signal, make_windows
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities import MODALITIES, Temperature
from physio_vad.report import plot_recording
from physio_vad.report.traces import POINTS, Line, found_in, thinned
from physio_vad.synthetic import simulate_recordings


@pytest.fixture(scope="module")
def recording():
    return simulate_recordings(1, 1.0, seed=1)[0]


def panels(figure):
    figure.canvas.draw()
    drawn = [axes for axes in figure.axes if axes.get_title(loc="left") != "ratings"]
    return drawn[::2], drawn[1::2]


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def titles(figure):
    return {axes.get_title(loc="left").split(" ")[0]: axes for axes in panels(figure)[0]}


def test_a_panel_and_a_strip_for_each_modality(recording):
    figure = plot_recording(recording)
    tops, strips = panels(figure)
    assert list(titles(figure)) == [name for name in MODALITIES if name in recording.signals]
    assert all(", median quality " in axes.get_title(loc="left") for axes in tops)
    assert all(len(strip.patches) == 6 for strip in strips)
    assert figure.axes[-1].get_xlabel() == "seconds from the recording's start"
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(names) == len(set(names))
    assert {"raw", "prepared", "tonic", "found (see title)"} <= set(names)


def test_events_stand_on_the_line_and_are_counted():
    time = np.arange(0, 60, 1 / 25)
    belt = Signal(np.sin(2 * np.pi * time / 4), 25.0, "a.u.")  # peaks at 1, 5, 9 ...
    figure = plot_recording(Recording("a", {"respiration": belt}))
    axes = figure.axes[0]
    marks = lines(axes)["found (see title)"]
    np.testing.assert_allclose(marks.get_xdata() % 4, 1, atol=0.1)
    np.testing.assert_allclose(marks.get_ydata(), 1, atol=0.05)
    assert f" {len(marks.get_xdata())} breaths," in axes.get_title(loc="left")


def test_a_gap_is_shaded_and_left_blank():
    values = 33 + np.sin(np.arange(240) / 20)
    values[80:120] = np.nan
    recording = Recording("a", {"skt": Signal(values, 4.0, "C")})
    figure = plot_recording(recording)
    axes, strip = figure.axes
    (shade,) = axes.collections
    assert shade.get_label() == "no signal"
    assert shade.get_paths()[0].get_extents().intervalx.tolist() == [20.0, 30.0]
    drawn = lines(axes)["prepared"]
    assert np.isnan(drawn.get_ydata()).sum() == 40
    heights = [bar.get_height() for bar in strip.patches]
    assert heights == [1, 1, 0, 1, 1, 1]


def test_an_impossible_value_does_not_flatten_the_rest():
    values = 33 + np.sin(np.arange(240) / 20)
    values[50] = 1e9
    axes = plot_recording(Recording("a", {"skt": Signal(values, 4.0, "C")})).axes[0]
    low, high = axes.get_ylim()
    assert 30 < low < high < 36


def test_values_are_in_the_unit_of_the_modality():
    skin = Signal(np.linspace(306, 307, 240), 4.0, "K")
    axes = plot_recording(Recording("a", {"skt": skin})).axes[0]
    assert axes.get_title(loc="left").startswith("temperature (°C)")
    assert lines(axes)["raw"].get_ydata()[0] == pytest.approx(32.85)


def test_a_stretch(recording):
    figure = plot_recording(recording, modalities=["gsr"], start=20.0, stop=40.0)
    assert list(titles(figure)) == ["eda"]
    assert figure.axes[0].get_xlim() == (20.0, 40.0)
    assert len(figure.axes[1].patches) == 2
    times = lines(figure.axes[0])["raw"].get_xdata()
    assert 20 <= times.min() < times.max() < 40


def test_the_quality_of_the_windows_given(recording):
    windows, _ = make_windows([recording], length=10, step=5)
    figure = plot_recording(recording, windows, modalities=["temperature"])
    bars = figure.axes[1].patches
    assert len(bars) == len(windows)
    assert {bar.get_width() for bar in bars} == {5.0}


def test_many_channels_are_not_all_drawn():
    rng = np.random.default_rng(0)
    eeg = Signal(rng.normal(0, 20, (6, 2500)), 250.0, "uV", channels=list("abcdef"))
    axes = plot_recording(Recording("a", {"eeg": eeg})).axes[0]
    assert "first 4 of 6 channels" in axes.get_title(loc="left")
    assert [text.get_text() for text in axes.get_yticklabels()] == list("abcd")


def test_what_is_found_in_every_channel_is_drawn_and_said():
    """Bursts of both muscles; an EOG that was connected the other way round."""
    time = np.arange(60_000) / 1000
    noise = np.random.default_rng(0).normal(size=(2, 60_000))
    left = np.where((time % 10 > 5) & (time % 10 < 6), 50.0, 1.0)
    right = np.where((time > 33) & (time < 34), 50.0, 1.0)
    eyes = -200 * np.exp(-0.5 * ((time % 5 - 2.5) / 0.06) ** 2)
    signals = {
        "emg": Signal(noise * [left, right], 1000.0, "uV", ("left", "right")),
        "eog": Signal(eyes[::4] + noise[0, ::4], 250.0, "uV"),
    }
    drawn = titles(plot_recording(Recording("a", signals)))
    assert "emg (µV), 7 bursts" in drawn["emg"].get_title(loc="left")
    assert "12 blinks" in drawn["eog"].get_title(loc="left")
    assert "inverted" in drawn["eog"].get_title(loc="left")
    labels = [line.get_label() for line in drawn["emg"].get_lines()]
    assert (labels.count("raw"), labels.count("prepared")) == (2, 2)
    assert [text.get_text() for text in drawn["emg"].get_yticklabels()] == ["left", "right"]


def test_axes_of_acceleration_stand_at_their_own_values():
    still = np.vstack([np.zeros(320), np.full(320, 0.6), np.full(320, 0.8)])
    still[:, ::2] += 0.01
    axes = plot_recording(Recording("a", {"acc": Signal(still, 32.0, "g", ("x", "y", "z"))})).axes[
        0
    ]
    raw = [line.get_ydata().mean() for line in axes.get_lines() if line.get_label() == "raw"]
    assert raw == pytest.approx([0.0, 0.6, 0.8], abs=0.01)
    assert lines(axes)["length of the vector"].get_ydata().mean() == pytest.approx(1, abs=0.01)
    assert axes.get_ylim()[1] > 1


def test_intervals_of_a_device():
    beats = np.cumsum(np.full(60, 0.8))
    figure = plot_recording(Recording("a", {"ibi": Events(beats, np.full(60, 0.8), "s")}))
    assert "60 of the 60 intervals there are used" in figure.axes[0].get_title(loc="left")
    assert figure.axes[0].get_ylim() == pytest.approx((0.3, 1.3))


@pytest.mark.parametrize("seconds", [0.0, 0.2, 3.0])
def test_anything_can_be_drawn(seconds):
    """Every modality, on nothing, on noise with holes, and on what never changes."""
    rng = np.random.default_rng(0)
    for name, cls in MODALITIES.items():
        unit = next(iter(cls.units))
        for fill in (np.nan, np.inf, 0.0):
            values = rng.normal(size=(3 if name == "acceleration" else 1, round(100 * seconds)))
            values[:, ::2] = fill
            signal = Signal(values, 100.0, unit)
            steady = {"temperature": Signal(np.full(40, 33.0), 4.0, "C")}
            recording = Recording("a", steady | {name: signal})
            panels(plot_recording(recording, modalities=[name], start=0.0, stop=5.0))


def test_it_does_not_warn_about_bad_signal(recording):
    bad = replace(
        recording,
        signals={"temperature": Signal(np.full(240, np.nan), 4.0, "C")},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        panels(plot_recording(bad))


def test_refuses(recording):
    with pytest.raises(ArgumentError, match=r"none of the modalities \['acceleration'"):
        plot_recording(recording, modalities=["acc"])
    with pytest.raises(ArgumentError, match="start must be before stop, got 5 and 5"):
        plot_recording(recording, start=5, stop=5)
    other = replace(recording, subject="other")
    windows, _ = make_windows([other])
    with pytest.raises(ArgumentError, match="no window of recording 'S01'"):
        plot_recording(recording, windows)


def test_parameters_of_a_modality_are_used(recording):
    figure = plot_recording(recording, modalities=[Temperature(context=30.0)])
    assert list(titles(figure)) == ["temperature"]


def test_thinning_keeps_every_spike():
    times = np.arange(100_000) / 100
    values = np.zeros(len(times))
    values[[777, 50_123]] = 9.0, -9.0
    values[60_000:70_000] = np.nan
    short, _ = thinned(Line(times, values), 0.0, 1000.0)
    assert len(short.times) <= 2.1 * POINTS
    assert (np.diff(short.times) >= 0).all()
    assert (np.nanmax(short.values), np.nanmin(short.values)) == (9.0, -9.0)
    assert short.times[np.nanargmax(short.values)] == 7.77
    inside = (short.times > 600) & (short.times < 700)
    assert np.isnan(short.values[inside]).all()
    assert len(thinned(Line(times, values), 10.0, 12.0)[0].times) == 200


def test_what_is_unknown_has_no_lines():
    nothing = found_in(object())
    assert (nothing.lines, dict(nothing.events)) == ((), {})


def test_ratings_are_drawn_as_long_as_they_hold():
    skin = Signal(np.full(480, 33.0) + np.sin(np.arange(480)), 4.0, "C")
    ratings = Ratings.intervals(
        [0.0, 30.0, 80.0],
        [30.0, 60.0, 120.0],
        [[2.0], [8.0], [5.0]],
        ["valence"],
        scale={"valence": (1, 9)},
    )
    axes = plot_recording(Recording("a", {"skt": skin}, ratings=ratings), start=10.0).axes[-1]
    (line,) = axes.get_lines()
    steps = [(10, 2), (30, 2), (30, 2), (30, 8), (60, 8), (80, 5), (120, 5), (120, 5)]
    drawn = np.column_stack([line.get_xdata(), line.get_ydata()])
    np.testing.assert_array_equal(drawn[np.isfinite(drawn[:, 1])], steps)
    assert np.isnan(line.get_ydata()[5]), "nothing leads over the pause from 60 to 80 s"
    assert axes.get_legend().get_texts()[0].get_text() == "valence"
    assert list(axes.get_yticks()) == [1, 5, 9]


def test_channels_share_a_bar_of_a_round_length():
    rng = np.random.default_rng(0)
    eeg = Signal(rng.normal(0, 20, (2, 2500)), 250.0, "uV", channels=["F3", "F4"])
    axes = plot_recording(Recording("a", {"eeg": eeg})).axes[0]
    (bar,) = [one for one in axes.get_lines() if list(one.get_xdata()) == [1.008, 1.008]]
    low, high = bar.get_ydata()
    assert high - low == pytest.approx(100)
    assert "100 µV" in [text.get_text() for text in axes.texts]


def test_a_zoom_draws_all_samples_and_events():
    """Extremes and means of an hour; each sample and beat of the five seconds one looks at."""
    time = np.arange(0, 3600, 1 / 25)
    belt = Signal(np.sin(2 * np.pi * time / 4), 25.0, "a.u.")  # 900 breaths, the last cut
    axes = plot_recording(Recording("a", {"respiration": belt})).axes[0]
    drawn = lines(axes)
    assert len(drawn["raw"].get_xdata()) <= 2.1 * POINTS
    assert drawn["raw"].get_alpha() < 1
    assert drawn["found (see title)"].get_visible() is False
    assert "899 breaths" in axes.get_title(loc="left")
    axes.set_xlim(100.0, 105.0)
    assert len(drawn["raw"].get_xdata()) == 125
    assert drawn["raw"].get_alpha() is None
    assert drawn["found (see title)"].get_visible() is True


def test_it_draws_into_a_figure_that_is_given(recording):
    figure = plt.figure()
    left, right = figure.subfigures(1, 2)
    assert plot_recording(recording, modalities=["eda"], fig=right) is figure
    assert (len(left.axes), len(right.axes)) == (0, 3)
    plt.close(figure)
