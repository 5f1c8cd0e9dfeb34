"""Pulses of many shapes: one beat, one pulse, and the crest up, whatever AC coupling does.

Run ``python benchmarks/ppg_shape.py`` with the folder of real recordings beside the project
(``--data``). Each signal comes twice, as it is and upside down. Figures: F1 of the beats within
0.1 s after a constant lag; share of the recordings whose crests are placed within 60 ms, so that
neither trough nor second wave is taken for one; and for this library the share of polarities found,
and of those that are wrong and not remarked on.

What was chosen on what. ``--choose`` fits the weights of `physio_vad.dsp.polarity`: on half of the
simulated family A (Gaussian pulses, symmetric and skewed, second waves up to .65 of the height,
eight kinds of coupling) and on HKU956, which weighs as much as all of them. The form of the model,
two phases with three weights each, was the best of some twenty on the other half of A and on
HKU956. Judged on: the other half of A, family B (raised cosines and gamma functions, other
couplings), NeuroKit2's simulation, and Stress-Predict, PhysioKit, BioSPPy and HeartPy, whose pulses
are upright by their look. These were looked at too while forms were compared.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path

import neurokit2 as nk
import numpy as np
import pandas as pd
from beat_peers import detect, detectors, f1, lag_of
from common import parser, show
from scipy.signal import butter, lfilter
from sklearn.linear_model import LogisticRegression

from physio_vad.dsp import beats as beat_finding
from physio_vad.dsp import polarity
from physio_vad.dsp.beat_shapes import PPG_BEAT
from physio_vad.dsp.beats import detect_raw

SECONDS = 60.0
COUPLED = {
    "A": {
        "none": None,
        "1 x .1 Hz": (1, 0.1),
        "2 x .1 Hz": (2, 0.1),
        "1 x .5 Hz": (1, 0.5),
        "2 x .5 Hz": (2, 0.5),
        "3 x .5 Hz": (3, 0.5),
        ".5-4 Hz": (2, (0.5, 4.0)),
        ".5-8 Hz": (2, (0.5, 8.0)),
    },
    "B": {
        "none": None,
        "1 x .3 Hz": (1, 0.3),
        "2 x .3 Hz": (2, 0.3),
        "1 x .5 Hz": (1, 0.5),
        "2 x .5 Hz": (2, 0.5),
        ".4-6 Hz": (2, (0.4, 6.0)),
    },
}


def coupled(values, sfreq, how):
    """Couple by a Butterworth filter that runs forwards only."""
    if how is None:
        return values
    order, edges = how
    kind = "high" if np.ndim(edges) == 0 else "band"
    return lfilter(*butter(order, edges, kind, fs=sfreq), values - values[0])


def train(pulse, beats, sfreq):
    """Add up pulses, breathing in their height."""
    time = np.arange(int(SECONDS * sfreq)) / sfreq
    values = np.zeros(len(time))
    for beat in beats:
        some = slice(*np.searchsorted(time, [beat - 0.6, beat + 1.5]))
        values[some] += (1 + 0.1 * np.sin(1.6 * beat)) * pulse(time[some] - beat)
    return values


def gaussian(symmetric, rate, rng):
    """Family A: a Gaussian crest at 0, falling more slowly unless symmetric; a second wave."""
    rise, height = rng.uniform(0.055, 0.12), rng.uniform(0, 0.65)
    fall = rise if symmetric else min(rise * rng.uniform(1.2, 2.2), 0.24 * 60 / rate)
    later, width = rng.uniform(0.22, 0.48), rng.uniform(0.07, 0.12)
    height *= 1 - symmetric * rng.integers(2)

    def pulse(since):
        crest = np.exp(-0.5 * (since / np.where(since < 0, rise, fall)) ** 2)
        return crest + height * np.exp(-0.5 * ((since - later) / width) ** 2)

    return pulse


def other(symmetric, rate, rng):
    """Family B: a raised cosine, or a gamma function, and a second one like it."""
    width, power, decay = rng.uniform(0.26, 0.42), rng.uniform(1.5, 4), rng.uniform(0.035, 0.08)
    height = rng.uniform(0, 0.3 if symmetric else 0.5)
    later = rng.uniform(0.28, 0.4) * np.sqrt(min(75 / rate, 1.2))

    def wave(since):
        if symmetric:
            crest = 0.5 + 0.5 * np.cos(2 * np.pi * since / width)
            return np.where(np.abs(since) < width / 2, crest, 0.0)
        begun = np.maximum(since / decay + power, 0.0)
        return (begun / power) ** power * np.exp(power - begun)

    return lambda since: wave(since) + height * wave(since - later)


def simulated(family, number):
    """One signal of a family: what it is, its samples, their rate, crests before the coupling."""
    rng = np.random.default_rng([ord(family), number])
    symmetric, rate = bool(number % 2), rng.uniform(50, 110)
    sfreq = float(rng.choice([20, 32, 64, 100, 250, 500]))
    how = str(rng.choice(list(COUPLED[family])))
    beats = 0.5 + np.cumsum(60 / rate * (1 + 0.04 * rng.standard_normal(int(2.5 * SECONDS))))
    beats = beats[beats < SECONDS - 1]
    values = train({"A": gaussian, "B": other}[family](symmetric, rate, rng), beats, sfreq)
    values += rng.uniform(0, 0.1) * rng.standard_normal(len(values)).cumsum() / np.sqrt(sfreq)
    values += rng.uniform(0, 0.05) * rng.standard_normal(len(values))
    name = f"{family}, {'symmetric' if symmetric else 'skewed'}"
    return name, coupled(values, sfreq, COUPLED[family][how]), sfreq, beats


def neurokit(number):
    """NeuroKit2's simulation behind two filters in turn; its own crests are not known."""
    values = nk.ppg_simulate(
        duration=SECONDS, sampling_rate=100, heart_rate=50 + 2 * number % 60, random_state=number
    )
    how = (None, (2, 0.5), (1, 0.3))[number % 3]
    return "neurokit2", coupled(np.asarray(values), 100.0, how), 100.0, None


def real(data):
    """Read recordings of other people's devices, upright all of them."""
    for number in range(2, 21):
        with zipfile.ZipFile(data / "stress_predict_e4" / f"S{number:02d}.zip") as archive:
            name = next(one for one in archive.namelist() if one.endswith("BVP.csv"))
            values = np.loadtxt(io.BytesIO(archive.read(name)))
        yield "Stress-Predict (E4)", values[2:], float(values[1]), None
    for file in sorted((data / "physiokit_250hz").glob("P*/*.csv*")):
        table = pd.read_csv(file)
        clock = table["arduino_ts"].to_numpy(float) / 1000
        for column in (one for one in table if "ppg" in one.lower()):
            sfreq = (len(table) - 1) / (clock[-1] - clock[0])
            yield "PhysioKit", table[column].to_numpy(float), sfreq, None
    yield "BioSPPy", np.loadtxt(data / "biosppy_examples" / "ppg.txt"), 1000.0, None
    if importlib.util.find_spec("heartpy") is not None:
        import heartpy

        yield "HeartPy", np.asarray(heartpy.load_exampledata(0)[0], float), 100.0, None


def hku956(data):
    """Six songs of each person."""
    for person in sorted((data / "hku956_even" / "1. physiological_signals").iterdir()):
        for file in sorted((person / "BVP").glob("*.csv"))[:6]:
            yield "HKU956 (E4)", np.genfromtxt(file), 64.0, None


def judged(data, number):
    """Make what nothing was fitted on: half of A, all of B, NeuroKit2, real recordings."""
    for one in range(number):
        yield simulated("A", one + 2 * (one // 2) + 2)
        yield simulated("B", one)
    for one in range(number // 4):
        yield neurokit(one)
    if data is not None:
        yield from real(data)


def polarities(data, number):
    """Find which way up each signal is, turned both ways."""
    rows = []
    for name, values, sfreq, _ in judged(data, number):
        for turned in (1, -1):
            found = detect_raw(turned * values, sfreq, PPG_BEAT)
            share = found.votes[0 if found.polarity > 0 else 1] / max(found.votes.sum(), 1e-9)
            right = found.polarity == turned
            row = {"signals": name, "way": "upright" if turned > 0 else "turned", "right": right}
            rows.append({**row, "wrong unsaid": not right and share >= polarity.SURE})
    table = pd.DataFrame(rows)
    return table.pivot_table(index="signals", columns="way", values=["right", "wrong unsaid"])


def compare(number):
    """Beats and crests of every detector in the simulations whose crests are known."""
    rows = []
    for one in range(number):
        for name, values, sfreq, true in (
            simulated("A", 4 * (one // 2) + 2 + one % 2),
            simulated("B", one),
        ):
            for turned in (1, -1):
                for who, detector in detectors("ppg").items():
                    times = detect(detector, turned * values, sfreq)
                    lag = lag_of(times, true, 0.4)
                    row = {"detector": who, "signals": name, "turned": turned}
                    row["F1 of beats"] = f1(times - lag, true, 0.1)
                    rows.append({**row, "crests": abs(lag) <= 0.06 and row["F1 of beats"] > 0.8})
    return pd.DataFrame(rows)


def choose(data, number):
    """Fit the weights."""
    means, kinds = [], []
    kept = beat_finding.upward_pulses

    def keep(slope, places, agreement):
        means.append(polarity.mean_pulses(slope, places, agreement))
        return kept(slope, places, agreement)

    beat_finding.upward_pulses = keep
    signals = [simulated("A", 4 * (one // 2) + one % 2) for one in range(number)]
    signals += hku956(data) if data is not None else []
    for name, values, sfreq, _ in signals:
        detect_raw(values, sfreq, PPG_BEAT)
        kinds += len(means[-1]) * [name]
    beat_finding.upward_pulses = kept
    odd, even = polarity.pulse_shape(np.vstack(means))
    terms = np.einsum("no,ne->noe", odd, even).reshape(len(odd), -1)
    size = terms.std(axis=0)
    of_hku = np.array([kind.startswith("HKU") for kind in kinds])
    each = np.repeat([1 / max(len(one), 1) for one in means], [len(one) for one in means])
    weight = (
        np.where(of_hku, number / max(sum(n.startswith("HKU") for n, *_ in signals), 1), 1) * each
    )
    model = LogisticRegression(fit_intercept=False, C=3, max_iter=3000)
    both = np.vstack([terms, -terms]) / size
    model.fit(both, np.repeat([1, 0], len(terms)), sample_weight=np.tile(weight, 2))
    return pd.DataFrame((model.coef_[0] / size).reshape(4, 3)).round(1)


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--data", type=Path, default=Path("../shared/data"))
    made.add_argument("--choose", action="store_true")
    arguments = made.parse_args()
    data = arguments.data if arguments.data.is_dir() else None
    if arguments.choose:
        show({"Weights": choose(data, 1200)}, arguments.json)
        return
    number = 60 if arguments.quick else 240
    table = compare(number // 6)
    shown = {
        what: table.pivot_table(index="detector", columns=["signals", "turned"], values=what)
        for what in ("F1 of beats", "crests")
    }
    for one in shown.values():
        one.columns = [f"{name}{', turned' if way < 0 else ''}" for name, way in one.columns]
    found = polarities(data, number)
    found.columns = [f"{what}, {way}" for what, way in found.columns]
    show({**shown, "Polarity": found}, arguments.json)


if __name__ == "__main__":
    main()
