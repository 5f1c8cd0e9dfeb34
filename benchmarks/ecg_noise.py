"""Beats of real ECGs in loud noise: this library beside NeuroKit2 and whatever else is installed.

Run ``python benchmarks/ecg_noise.py`` with the folder of real recordings beside the project
(``--data``). Noise is fresh: white, baseline wander below 0.7 Hz, electrode motion (jumps that
fade, the widths of QRS complexes among them, in bursts), muscle (15 to 100 Hz, in bursts), and the
four mixed, each of the same power. Levels are those of the noise stress test (Moody et al. 1984):
squared peak-to-peak height of the QRS complex / 8 over noise power; by the variance of the whole
ECG over that of the noise, the same noise has 4 to 7 dB less (a table says how much). Truth is from
the clean signal: the annotations of 118e24, and of the others the beats that NeuroKit2 finds
without noise. F1 within 50 ms, after the constant lag that a detector has on the clean signal.

What was chosen on what. ``--choose`` runs on what the settings for loud noise (``_NOISY...`` in
``dsp/rhythm.py``) were chosen on: six simulated ECGs, good_4000 and the example of BioSPPy, at the
levels where F1 is .5 to .9, other seeds. 118e24, the BIOPAC recording and NeuroKit2's simulation
are judged on; they were looked at after each of three versions.
"""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import neurokit2 as nk
import numpy as np
import pandas as pd
from beat_peers import detect, detectors, f1, lag_of, ours
from common import parser, show
from ecg_band import SFREQ, clean_ecgs, real_ecg
from scipy.signal import butter, resample_poly, sosfiltfilt

from physio_vad.dsp import rhythm

KINDS = ("white", "wander", "electrode", "muscle")
LEVELS = (24.0, 12.0, 6.0, 0.0, -6.0, -10.0)
CHOICE = {
    "white": (0.0, -3.0, -5.0),
    "mixed": (-6.0, -8.0, -10.0),
    "electrode": (-6.0, -12.0, -18.0),
    "muscle": (-6.0, -12.0, -18.0),
}


def band(values, low, high):
    edges = (high, "low") if low == 0 else ((low, high), "band")
    return sosfiltfilt(butter(2, edges[0], edges[1], fs=SFREQ, output="sos"), values)


def bursts(n_samples, cutoff, strength, rng):
    course = band(rng.standard_normal(n_samples), 0, cutoff)
    return np.exp(strength * course / course.std())


def noise_of(kind, n_samples, rng):
    """Noise of root mean square 1."""
    if kind == "mixed":
        noise = np.sum([noise_of(one, n_samples, rng) for one in KINDS], axis=0)
    elif kind == "white":
        noise = rng.standard_normal(n_samples)
    elif kind == "wander":
        noise = band(rng.standard_normal(n_samples), 0.05, 0.7)
    elif kind == "muscle":
        noise = band(rng.standard_normal(n_samples), 15, 100) * bursts(n_samples, 0.5, 0.8, rng)
    else:
        noise, time = np.zeros(n_samples), np.arange(int(2 * SFREQ)) / SFREQ
        loud = bursts(n_samples, 0.15, 1.0, rng)
        for place in np.flatnonzero(rng.random(n_samples) < 2.5 / SFREQ):
            rise, fall = rng.uniform(0.005, 0.04), np.exp(rng.uniform(np.log(0.03), np.log(0.4)))
            jump = (1 - np.exp(-time / rise)) * np.exp(-time / fall)
            part = jump[: n_samples - place] * rng.standard_t(3) * loud[place]
            noise[place : place + len(part)] += part
    noise -= noise.mean()
    return noise / noise.std()


def judged_ecgs(data: Path | None):
    """Clean ECGs that no setting was chosen on, at 250 Hz, and the times of their beats."""
    ecgs = {}
    for rate in (60, 95):
        values = nk.ecg_simulate(
            duration=60, sampling_rate=1000, heart_rate=rate, random_state=rate
        )
        ecgs[f"neurokit2 {rate}"] = real_ecg(np.asarray(values), 4)
    if data is None:
        return ecgs
    import bioread

    values, places = (
        np.loadtxt(data / "heartpy_ecg" / f"118e24{end}.csv", delimiter=",", ndmin=2)[:, -1]
        for end in ("", "_ann")
    )
    ecgs["118e24"] = resample_poly(values - np.median(values), 25, 36), places / 360
    file = bioread.read_file(str(data / "biopac_acq" / "physio-4.4.0-c.acq"))
    channel = next(one for one in file.channels if "EKG" in one.name.upper())
    ecgs["biopac"] = real_ecg(np.asarray(channel.data), 4)
    return ecgs


def qrs_power(clean, beats):
    """Squared peak-to-peak height of the QRS complex / 8."""
    around = np.round(beats * SFREQ).astype(int)[:, np.newaxis] + np.arange(-15, 16)
    pieces = clean[np.clip(around, 0, len(clean) - 1)]
    return np.median(np.ptp(pieces, axis=1)) ** 2 / 8


def noisy(ecgs, levels, seeds, first_seed):
    """Every ECG in noise of every kind and level: what it is, its samples, its beats."""
    for name, (clean, beats) in ecgs.items():
        power = qrs_power(clean, beats)
        for kind, some in levels.items():
            for level in some:
                for seed in range(seeds):
                    rng = np.random.default_rng([first_seed, seed, int(level) + 50])
                    size = np.sqrt(power / 10 ** (level / 10))
                    case = {"ecg": name, "noise": kind, "dB": level}
                    yield case, clean + size * noise_of(kind, len(clean), rng), beats


def without_repeating(values, sfreq):
    """Detect as this library does, but for what it does in loud noise."""
    with patch.object(rhythm, "_NOISY", 0.0):
        return ours("ecg", 2.0 * values, sfreq)  # not the beats that are kept


def works(detector, ecgs):
    """Tell whether a detector finds anything in a clean ECG, so whether it runs here at all."""
    clean, _ = next(iter(ecgs.values()))
    return len(detect(detector, clean, SFREQ)) > 0


def compare(ecgs, levels, seeds, first_seed, found):
    """F1 of every detector in every case."""
    found = {who: one for who, one in found.items() if works(one, ecgs)}
    lags = {
        (who, name): lag_of(detect(detector, clean, SFREQ), beats)
        for who, detector in found.items()
        for name, (clean, beats) in ecgs.items()
    }
    rows = []
    for case, values, beats in noisy(ecgs, levels, seeds, first_seed):
        for who, detector in found.items():
            times = detect(detector, values, SFREQ) - lags[who, case["ecg"]]
            rows.append({"detector": who, **case, "f1": f1(times, beats)})
    return pd.DataFrame(rows)


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--data", type=Path, default=Path("../shared/data"))
    made.add_argument("--choose", action="store_true")
    arguments = made.parse_args()
    data = arguments.data if arguments.data.is_dir() else None
    found = detectors("ecg")
    if arguments.choose:
        found = {"physio_vad": found["physio_vad"]}
        table = compare(clean_ecgs(data), CHOICE, 2, 4, found)
        means = table.pivot_table(index="ecg", columns=["noise", "dB"], values="f1", margins=True)
        show({"F1 on what settings are chosen on": means}, arguments.json)
        return
    found["physio_vad, no autocorrelation"] = without_repeating
    levels = dict.fromkeys((*KINDS, "mixed"), (24.0, 0.0, -6.0) if arguments.quick else LEVELS)
    ecgs = judged_ecgs(data)
    table = compare(ecgs, levels, 1 if arguments.quick else 2, 9, found)
    means = table.pivot_table(index="detector", columns="dB", values="f1")
    order = means.sort_values(0.0, ascending=False).index
    at_zero = table[table["dB"] == 0].pivot_table(index="detector", columns="noise", values="f1")
    mixed = table[table["noise"] == "mixed"].pivot_table(
        index="detector", columns="dB", values="f1"
    )
    below = table[table["dB"] == -6].pivot_table(index="detector", columns="noise", values="f1")
    by_ecg = table[table["dB"] <= 0].pivot_table(
        index="detector", columns=["ecg", "dB"], values="f1"
    )
    by_ecg.columns = [f"{name}, {level:g} dB" for name, level in by_ecg.columns]
    tables = {"F1 by level, mean of all noises and ECGs": means.loc[order]}
    less = {
        name: 10 * np.log10(qrs_power(clean, beats) / clean.var())
        for name, (clean, beats) in ecgs.items()
    }
    tables |= {"dB less by variance": pd.DataFrame({"dB": less})}
    tables |= {"F1 in the mixture, by level": mixed.loc[order]}
    tables |= {"F1 at 0 dB": at_zero.loc[order], "F1 at -6 dB": below.loc[order]}
    show(tables | {"F1 by ECG": by_ecg.loc[order]}, arguments.json)


if __name__ == "__main__":
    main()
