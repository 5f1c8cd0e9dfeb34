"""Any numbers of any length and rate, through every modality.

The full run draws 2 000 recordings and then a few of ten minutes at 500 to 2 000 Hz::

    FUZZ_RECORDINGS=2000 python -m pytest tests/fuzz/test_fuzz_modalities.py

It takes about four minutes of one processor and 0.6 GB.
"""

import math
import os
import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from physio_vad import Events, Recording, Signal, extract_features, make_windows
from physio_vad.exceptions import SignalWarning
from physio_vad.modalities import MODALITIES

FULL_RUN = "FUZZ_RECORDINGS" in os.environ
N_RECORDINGS = int(os.environ.get("FUZZ_RECORDINGS", "150"))
ODD_VALUES = (math.nan, math.inf, -math.inf, 0.0, 1.0, -1.0, 1e-300, 1e12, -1e30, 1e300, -1.7e308)


@dataclass(frozen=True)
class Spoilt:
    """A stretch or scattered samples that are replaced by one value, or held."""

    value: float | None
    share: float
    scattered: bool


@dataclass(frozen=True)
class Sensor:
    """How the signal of one modality is made."""

    length: float
    sfreq: float
    shape: str
    log_scale: float
    n_channels: int
    start: float
    spoilt: tuple[Spoilt, ...]
    seed: int


spoilt = st.builds(
    Spoilt,
    st.one_of(st.none(), st.sampled_from(ODD_VALUES), st.floats(allow_subnormal=True)),
    st.sampled_from([0.001, 0.02, 0.1, 0.4, 0.9, 1.0]),
    st.booleans(),
)


def sensors(lengths, rates):
    """Draw how one signal is made; scales far from a sensor's own are a third of them."""
    scale = st.one_of(st.just(0.0), st.just(0.0), st.floats(-320, 308))
    return st.builds(
        Sensor,
        lengths,
        rates,
        st.sampled_from(["noise", "pulses", "walk", "constant", "ramp", "steps"]),
        scale,
        st.integers(1, 3),
        st.sampled_from([0.0, 0.0, 7.3, -20.0]),
        st.lists(spoilt, max_size=3).map(tuple),
        st.integers(0, 2**32 - 1),
    )


short_sensors = sensors(
    st.one_of(st.floats(0, 60), st.sampled_from([0.0, 0.01, 1.0, 2.0, 10.0, 60.0])),
    st.one_of(
        st.floats(0, math.log10(2000)).map(lambda power: min(10.0**power, 2000.0)),
        st.sampled_from([1.0, 4.0, 32.0, 64.0, 128.0, 250.0, 2000.0]),
    ),
)
long_sensors = sensors(st.just(600.0), st.floats(500, 2000))


def make_signal(name: str, sensor: Sensor) -> Signal | Events:
    """Make the signal of a modality around the middle of what is plausible for it."""
    rng = np.random.default_rng(sensor.seed)
    cls = MODALITIES[name]
    times = np.arange(round(sensor.length * sensor.sfreq)) / sensor.sfreq
    low, high = cls.plausible
    middle, unit = ((low + high) / 2, (high - low) / 40) if high - low < 1e6 else (0.0, 50.0)
    n_channels = sensor.n_channels if name != "ibi" else 1
    with np.errstate(all="ignore"):
        waves = np.array([shaped(sensor.shape, times, rng) for _ in range(n_channels)])
        values = (middle + unit * waves) * 10.0**sensor.log_scale
    for one in sensor.spoilt:
        spoil(values, one, rng)
    channels = ("F3", "F4", "Cz")[:n_channels]
    if name == "ibi" and sensor.seed % 2:
        return Events(np.sort(rng.choice([times, np.round(times)])), values[0], "s")
    return Signal(values, sensor.sfreq, cls.unit, channels, sensor.start)


def shaped(shape: str, times, rng):
    """One channel of numbers of about 1."""
    noise = rng.normal(size=len(times))
    return {
        "noise": noise,
        "pulses": np.exp(-0.5 * ((times % 0.8 - 0.4) / 0.03) ** 2) + 0.01 * noise,
        "walk": np.cumsum(noise) / 100,
        "constant": np.full(len(times), rng.normal()),
        "ramp": times / 10,
        "steps": np.round(np.cumsum(noise) / 30),
    }[shape]


def spoil(values, how: Spoilt, rng) -> None:
    """Replace samples of all channels, or of one, in place."""
    n_samples = values.shape[1]
    rows = slice(None) if rng.random() < 0.7 else slice(0, 1)
    if how.scattered:
        where = np.flatnonzero(rng.random(n_samples) < how.share)
    else:
        first = int(rng.random() * (1 - how.share) * n_samples)
        where = np.arange(first, first + int(how.share * n_samples))
    if len(where):
        values[rows, where] = how.value if how.value is not None else values[rows, where[:1]]


def check_recording(drawn: dict[str, Sensor]) -> None:
    """Extract everything: numbers, NaN and at most one warning a modality come out."""
    recording = Recording("anna", {name: make_signal(name, one) for name, one in drawn.items()})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        starts = [-5.0, 0.0, 0.25, 3.0, 25.0, 570.0]
        for modality in MODALITIES.values():
            block = modality().extract(recording, np.array(starts), np.array(starts) + 10.0)
            expect_numbers(block.columns, block.values)
    assert not caught, caught[0].message
    if not recording.stop - recording.start >= 2.0:
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        windows, _ = make_windows([recording], length=2.0, step=60.0, keep_unrated=True)
        table = extract_features(windows)
    expect_numbers(table.columns, table.to_numpy())
    said = [str(one.message).split(": ")[1] for one in caught]
    assert all(issubclass(one.category, SignalWarning) for one in caught), caught[0].message
    assert len(set(said)) == len(said), said


def expect_numbers(columns, values) -> None:
    """Find finite numbers or NaN, and a quality from 0 to 1 in every row."""
    infinite = np.isinf(values).any(axis=0)
    assert not infinite.any(), list(np.array(columns)[infinite])
    quality = values[:, [name.endswith("__quality") for name in columns]]
    assert ((quality >= 0) & (quality <= 1)).all()


def run(sensor, n_recordings: int) -> None:
    """Let hypothesis draw so many recordings, each with every modality."""

    @settings(
        max_examples=n_recordings,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.fixed_dictionaries(dict.fromkeys(MODALITIES, sensor)))
    def check(drawn):
        check_recording(drawn)

    check()


def test_any_recording_up_to_a_minute():
    run(short_sensors, N_RECORDINGS)


@pytest.mark.skipif(not FULL_RUN, reason="only in the full run, see the docstring")
def test_any_recording_of_ten_minutes():
    run(long_sensors, 5)
