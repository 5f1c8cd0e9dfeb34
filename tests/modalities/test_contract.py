"""Every registered modality keeps the contract, and the checks find who does not."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from physio_vad import Events, Feature, Modality, Signal, modalities
from physio_vad.dsp.window_stats import span_sum
from physio_vad.exceptions import RecordingError
from physio_vad.modalities import MODALITIES
from physio_vad.recording import units
from physio_vad.synthetic import simulate_beats, simulate_ecg, simulate_recordings
from physio_vad.testing import MODALITY_CHECKS, Case, check_modality, example_signal


@functools.cache
def typical_signal(name):
    """Ten minutes of each modality, from the simulation where there is one."""
    simulated = simulate_recordings(1, minutes=10.0, sfreq=100.0, seed=3)[0].signals
    if name in simulated:
        return simulated[name]
    beats = simulate_beats(70.0, 600.0, rng=0)
    if name == "ecg":
        return Signal(simulate_ecg(beats, 100.0, 600.0), 100.0, MODALITIES[name].unit)
    if name == "ibi":
        return Events(beats[1:], np.diff(beats), "s")
    return example_signal(MODALITIES[name])


@pytest.mark.parametrize("check", MODALITY_CHECKS)
@pytest.mark.parametrize("name", MODALITIES)
def test_contract(name, check):
    MODALITY_CHECKS[check](Case(MODALITIES[name], typical_signal(name)))


class Good(Modality):
    """A modality of somebody else: the mean of a window, with a context."""

    name = "third_eye"
    unit = "mm"
    units = {"mm": units.Conversion(), "cm": units.Conversion(10.0)}  # noqa: RUF012

    def __init__(self, *, context=10.0):
        self.context = context

    @property
    def features(self):
        return (Feature("mean", "mm", "mean diameter"),)

    def prepare(self, signal, others):
        return signal

    def compute(self, prepared, starts, stops):
        first, last = prepared.spans(self.look_back(starts, stops, self.context), stops)
        good = ~prepared.bad
        total = span_sum(np.where(good, prepared.values, 0.0), first, last)
        return {"mean": total / span_sum(good, first, last)}


class MutableParameter(Good):
    def __init__(self, *, context=10.0):
        self.context = context + 1e-9


class ForgetsColumns(Good):
    def columns(self, channels):
        return [*super().columns(channels), "third_eye__more"]


class NoText(Good):
    @property
    def features(self):
        return (Feature("mean", "mm", ""),)


class Silent(Good):
    def compute(self, prepared, starts, stops):
        return {"mean": np.full(len(starts), np.nan)}


class LooksAtOtherWindows(Good):
    def compute(self, prepared, starts, stops):
        mean = super().compute(prepared, starts, stops)["mean"]
        return {"mean": mean - np.nanmean(mean) if mean.size else mean}


class DependsOnOrder(Good):
    def compute(self, prepared, starts, stops):
        mean = super().compute(prepared, starts, stops)["mean"]
        return {"mean": mean + np.arange(len(starts))}


class Writes(Good):
    def clean(self, signal):
        values = signal.values.view()
        values.setflags(write=True)
        values[:, 0] = 1.0
        return super().clean(signal)


class KnowsTheTime(Good):
    def compute(self, prepared, starts, stops):
        return {"mean": super().compute(prepared, starts, stops)["mean"] + starts}


class ForgetsUnit(Good):
    units = {"mm": units.Conversion(), "cm": units.Conversion()}  # noqa: RUF012

    def clean(self, signal):
        factor = 2 if signal.unit == "cm" else 1
        return super().clean(replace(signal, values=factor * signal.values))


class RecordWide(Good):
    def prepare(self, signal, others):
        return replace(signal, values=signal.values / signal.values.std())


class Raises(Good):
    def prepare(self, signal, others):
        if signal.n_samples < 5:
            raise ValueError("too short")
        return signal


class Clocked(Good):
    """Takes a second for the whole signal, on a clock of its own."""

    clock = 0.0
    power = 1

    def prepare(self, signal, others):
        Clocked.clock += (signal.n_samples / example_signal(Good).n_samples) ** self.power
        return signal


class Quadratic(Clocked):
    power = 2


@pytest.fixture
def known(own_registries):
    modalities.register_modality(Good)


@pytest.mark.usefixtures("known")
def test_a_modality_of_somebody_else_keeps_the_contract():
    check_modality(Good)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("cls", "check", "message"),
    [
        (MutableParameter, "check_parameters", "stored as given"),
        (ForgetsColumns, "check_catalogue", "catalogue"),
        (NoText, "check_catalogue", "says what it is"),
        (Silent, "check_values", "gives features"),
        (LooksAtOtherWindows, "check_single_windows", "alone: third_eye__mean differs"),
        (DependsOnOrder, "check_table", "another order"),
        (Writes, "check_input_is_kept", "input is kept"),
        (KnowsTheTime, "check_time_shift", "64.0 s later"),
        (ForgetsUnit, "check_units", "given in cm"),
        (RecordWide, "check_gaps", "from a gap"),
        (RecordWide, "check_blocks", "block by block"),
    ],
)
def test_a_broken_contract_is_found(cls, check, message):
    with pytest.raises(AssertionError, match=f"{cls.__name__} breaks the contract: .*{message}"):
        MODALITY_CHECKS[check](Case(cls, example_signal(Good)))


@pytest.mark.usefixtures("known")
def test_cost_may_grow_with_the_length_and_no_faster(monkeypatch):
    monkeypatch.setattr("physio_vad.testing.time.process_time", lambda: Clocked.clock)
    MODALITY_CHECKS["check_cost"](Case(Clocked, example_signal(Good)))
    with pytest.raises(AssertionError, match="cost grows with the length"):
        MODALITY_CHECKS["check_cost"](Case(Quadratic, example_signal(Good)))


@pytest.mark.usefixtures("known")
def test_an_error_on_odd_numbers_comes_through():
    with pytest.raises(
        AssertionError, match=r"raised ValueError: too short, given 1 channel of 0 samples at 1 Hz"
    ) as caught:
        MODALITY_CHECKS["check_any_numbers"](Case(Raises, example_signal(Good)))
    assert isinstance(caught.value.__cause__, ValueError)


class Eyes(Good):
    """Two eyes: the mean of each, and how far they are apart."""

    together = True
    baseline = 0.0

    @property
    def features(self):
        return (
            Feature("mean", "mm", "mean diameter"),
            Feature("difference", "mm", "right - left", per="pair"),
            Feature("spread", "mm", "largest - smallest mean", per="modality"),
        )

    def pairs(self, channels):
        return [("right", "left")] if {"left", "right"} <= set(channels) else []

    def compute(self, prepared, starts, stops):
        mean = super().compute(prepared, starts, stops)["mean"]
        order = list(prepared.channels)
        pairs = [(order.index(a), order.index(b)) for a, b in self.pairs(order)]
        difference = [mean[a] - mean[b] - self.apart(prepared, a, b) for a, b in pairs]
        return {
            "mean": mean,
            "difference": np.array(difference).reshape(len(pairs), len(starts)),
            "spread": np.ptp(mean, axis=0),
        }

    def apart(self, prepared, right, left):
        return 0.0


class DifferenceOfAll(Eyes):
    """Compares with the whole recording, which shows in two channels only."""

    def apart(self, prepared, right, left):
        return prepared.values[right].mean() - prepared.values[left].mean()


class NeedsTwo(Eyes):
    def compute(self, prepared, starts, stops):
        found = super().compute(prepared, starts, stops)
        return found | {"spread": np.abs(found["mean"][1] - found["mean"][0])}


class OneForAll(Eyes):
    def compute(self, prepared, starts, stops):
        found = super().compute(prepared, starts, stops)
        return found | {"mean": found["mean"].mean(axis=0)}


class OtherPairs(Eyes):
    def pairs(self, channels):
        return []


class Boasts(Eyes):
    def trust(self, prepared, starts, stops):
        return np.full(len(starts), 1.5)


class Warns(Good):
    def compute(self, prepared, starts, stops):
        return {"mean": [np.mean(prepared.values[0, a:b]) for a, b in spans_of(prepared, starts)]}


def spans_of(prepared, starts):
    return zip(*prepared.spans(starts, starts + 20.0), strict=True)


@pytest.mark.usefixtures("known")
def test_a_modality_of_two_channels_keeps_the_contract():
    check_modality(Eyes)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (DifferenceOfAll, r"\(check_gaps\): .*third_eye__difference__right-left .*whole recording"),
        (NeedsTwo, r"raised IndexError: .*1 channel of .*give check_modality a signal= that has"),
        (OneForAll, r"OneForAll.compute: feature 'mean' must have the shape .*= \(2, 61\)"),
        (OtherPairs, r"\(check_catalogue\): .*\['left', 'right'\], .*give signal= with channels"),
        (Boasts, r"\(check_values\): trust lies in \[0, 1\], got 0 to 1.5"),
        (Warns, r"\(check_any_numbers\): it warned of RuntimeWarning: Mean of empty slice"),
        (KnowsTheTime, r"\(check_time_shift\): 64.0 s later: .* in row \d+: [\d.]+ instead of "),
    ],
)
def test_what_is_wrong_is_said_with_check_and_place(cls, message):
    with pytest.raises(AssertionError, match=message) as caught:
        check_modality(cls)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.usefixtures("known")
def test_a_modality_that_needs_two_channels_is_checked_with_two():
    check_modality(NeedsTwo, example_signal(Good, channels=("left", "right")))


def test_an_unknown_modality_is_told_how_to_register():
    with pytest.raises(RecordingError, match="register_modality"):
        check_modality(Good)
