"""Wide premature beats in an ECG: found, left out of NN, counted in the heart rate.

Run ``python benchmarks/ectopic.py`` with the folder of real recordings beside the project
(``--data``). Ventricular beats are put where truth is known: in simulated trains after each normal
beat (bigeminy), each second or each fifth, in pairs, or nowhere; and in real clean ECGs (118e24,
BIOPAC) between two beats of their own (interpolated). They are wide (SD .03 to .06 s) and of either
sign, T wave opposite, in white noise of 0, .05 and .15 of the height of R.

Figures: share of all beats that are found (within 80 ms), and how many of those found are beats;
error of the heart rate; F1 of what is called ectopic, where a method does so (NeuroKit2: the
``ectopic`` of ``signal_fixpeaks(method="Kubios")``, from the intervals alone).

What was chosen on what: the settings of ``dsp/ectopic.py`` were set beforehand from the width of
ventricular beats and T waves. Nothing was chosen on these cases.
"""

from __future__ import annotations

from pathlib import Path

import neurokit2 as nk
import numpy as np
import pandas as pd
from beat_peers import detect, detectors, f1
from common import parser, show
from ecg_band import SFREQ
from ecg_noise import judged_ecgs

from physio_vad.dsp.beat_shapes import ECG_BEAT
from physio_vad.dsp.beats import detect_raw
from physio_vad.synthetic import simulate_ecg

SECONDS, NOISES = 120.0, (0.0, 0.05, 0.15)
EVERY = {"bigeminy": 1, "trigeminy": 2, "each sixth": 5, "pairs": 4, "none": 10**6}
WITHIN = 0.08  # s


def train(kind, rng):
    """Draw normal and premature beats: these come early, then there is a pause."""
    normal, early, time = [], [], 0.6
    while time < SECONDS - 2:
        normal.append(time)
        step = 0.8 * (1 + 0.03 * rng.standard_normal())
        if len(normal) % EVERY[kind] == 0:
            early.append(time + 0.65 * step)
            if kind == "pairs":
                early.append(time + 1.3 * step)
                step *= 1.4
            step *= 2
        time += step
    return np.array(normal), np.array(early)


def wide_beats(times, height, n_samples, rng):
    """Ventricular beats: one wide wave and a T wave of the other sign."""
    since = np.arange(n_samples) / SFREQ - times[:, np.newaxis]
    width, sign = rng.uniform(0.03, 0.06), rng.choice([-1.0, 1.0])
    wave = np.exp(-0.5 * (since / width) ** 2) - 0.35 * np.exp(-0.5 * ((since - 0.27) / 0.07) ** 2)
    return sign * height * rng.uniform(0.9, 1.5) * wave.sum(axis=0)


def cases(data, seeds):
    """Make every case: what it is, samples, normal beats, ectopic beats."""
    for seed in range(seeds):
        for kind in EVERY:
            rng = np.random.default_rng([5, seed, len(kind)])
            normal, early = train(kind, rng)
            ecg = simulate_ecg(normal, SFREQ, SECONDS, noise=0.0, wander=0.05, rng=seed)
            if len(early):
                ecg = ecg + wide_beats(early, 1.0, len(ecg), rng)
            for noise in NOISES:
                yield kind, ecg + noise * rng.standard_normal(len(ecg)), normal, early
        for name, (clean, beats) in judged_ecgs(data).items():
            rng = np.random.default_rng([6, seed, len(name)])
            gaps = np.flatnonzero(np.diff(beats) > 0.75)
            gaps = np.sort(rng.choice(gaps, len(gaps) // 2, replace=False))
            early = beats[gaps] + 0.52 * np.diff(beats)[gaps]
            around = np.round(beats * SFREQ).astype(int)[:, np.newaxis] + np.arange(-15, 16)
            height = np.median(np.ptp(clean[np.clip(around, 0, len(clean) - 1)], axis=1))
            yield (
                f"between, {name}",
                clean + wide_beats(early, height, len(clean), rng),
                beats,
                early,
            )


def ours_ectopic(values, sfreq):
    beats = detect_raw(values, sfreq, ECG_BEAT)
    return beats.times[beats.ectopic]


def neurokit_ectopic(values, sfreq):
    clean = nk.ecg_clean(values, sampling_rate=int(sfreq))
    peaks = nk.ecg_peaks(clean, sampling_rate=int(sfreq))[1]["ECG_R_Peaks"]
    marked, _ = nk.signal_fixpeaks(
        peaks, sampling_rate=int(sfreq), method="Kubios", iterative=False
    )
    return peaks[np.asarray(marked["ectopic"], dtype=int)] / sfreq


LABELS = {"physio_vad": ours_ectopic, "neurokit2 neurokit": neurokit_ectopic}


def compare(data, seeds):
    """Figures of every detector in every case."""
    rows = []
    for kind, values, normal, early in cases(data, seeds):
        true = np.sort(np.concatenate([normal, early]))
        rate = 60 / np.diff(true).mean()
        for who, detector in detectors("ecg").items():
            times = detect(detector, values, SFREQ)
            mean = 60 / np.diff(times).mean() if len(times) > 1 else np.nan
            row = {"detector": who, "case": kind, "F1 of beats": f1(times, true, WITHIN)}
            row["|error| of rate, 1/min"] = abs(mean - rate)
            if who in LABELS:
                called = detect(LABELS[who], values, SFREQ)
                row["F1 of ectopic"] = f1(called, early, WITHIN) if len(early) else np.nan
                row["called ectopic"] = len(called) / max(len(times), 1)
            rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = made.parse_args()
    data = arguments.data if arguments.data.is_dir() else None
    table = compare(data, 1 if arguments.quick else 2)
    order = table.groupby("detector")["|error| of rate, 1/min"].median().sort_values().index
    some = table[table["case"] != "none"]
    tables = {
        f"{what}": some.pivot_table(index="detector", columns="case", values=what).reindex(order)
        for what in ("F1 of beats", "|error| of rate, 1/min")
    }
    named = table[table["detector"].isin(LABELS)]
    for what in ("F1 of ectopic", "called ectopic"):
        tables[what] = named.pivot_table(index="detector", columns="case", values=what)
    show(tables, arguments.json)


if __name__ == "__main__":
    main()
