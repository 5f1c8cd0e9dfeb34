"""Breathing rate from ECG and PPG, and what says that it can be trusted, beside NeuroKit2.

Run ``python benchmarks/breathing.py --csv FILE:RATE ...`` with tables of one recording each that
have a belt (a column RSP or RESP) beside ECG (ECG, II) or PPG (PPG, PLETH): those figures in the
docs are of ``bio_resting_5min_100hz.csv``, ``bio_resting_8min_100hz.csv`` and
``bio_eventrelated_100hz.csv`` of NeuroKit2 and of ``bidmc_01_Signals.csv`` of BIDMC (125 Hz).
``--data`` has the BIOPAC recording. Windows of 30 s every 5 s; the belt's rate is that of its
breaths in them. NeuroKit2: `ecg_rsp`, rate of the breaths in what it gives. Then noise: beats
whose height, level and distance vary by flat, 1/f and 1/f^2 noise, where no rate is right.

What was chosen on what: weights and form of the spectra on these recordings (they were looked at
after each of some versions) and on PhysioKit; the threshold of the quality on noise alone.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import neurokit2 as nk
import numpy as np
import pandas as pd
from common import parser, show

from physio_vad import Recording, Signal, find_breaths
from physio_vad.dsp.breathing_rate import breathing_rate
from physio_vad.modalities import MODALITIES

LENGTH, STEP, NEAR = 30.0, 5.0, 2.0
COLUMNS = {"ecg": ("ECG", "II"), "ppg": ("PPG", "PLETH"), "belt": ("RSP", "RESP")}
UNITS = {"ecg": "mV", "ppg": "a.u."}
NEUROKIT = ("vangent2019", "sarkar2015", "charlton2016", "soni2019")


def recordings(files, data):
    """Yield what it is, and each signal with its rate."""
    for one in files:
        path, rate = one.rsplit(":", 1)
        table = pd.read_csv(path, skipinitialspace=True)
        found = {
            kind: (table[name].to_numpy(float), float(rate))
            for kind, names in COLUMNS.items()
            for name in names
            if name in table
        }
        yield Path(path).stem, found
    if data is not None:
        import bioread

        file = bioread.read_file(str(data / "biopac_acq" / "physio-4.4.0-c.acq"))
        named = {"ecg": "EKG", "belt": "RESP"}
        yield (
            "biopac",
            {
                kind: (np.asarray(channel.data, float), float(channel.samples_per_second))
                for kind, name in named.items()
                for channel in file.channels
                if name in channel.name.upper()
            },
        )


def belt_rates(values, sfreq, stops):
    breaths = find_breaths(values, sfreq)
    inside = [
        breaths[(breaths["onset"] >= stop - LENGTH) & (breaths["end"] <= stop)] for stop in stops
    ]
    enough = [len(one) >= 3 and one["period"].sum() > 0.6 * LENGTH for one in inside]
    return np.array(
        [
            60 / one["period"].mean() if ok else np.nan
            for one, ok in zip(inside, enough, strict=True)
        ]
    )


def our_rates(kind, values, sfreq, stops):
    signal = Signal(values, sfreq, UNITS[kind])
    block = MODALITIES[kind]().extract(Recording("one", {kind: signal}), stops - 10, stops)
    return block.values[:, block.columns.index(f"{kind}__resp_rate")]


def neurokit_rates(method, values, sfreq, stops):
    clean = nk.ecg_clean(values, sampling_rate=int(sfreq))
    peaks = nk.ecg_peaks(clean, sampling_rate=int(sfreq))[1]["ECG_R_Peaks"]
    heart = nk.signal_rate(peaks, sampling_rate=int(sfreq), desired_length=len(clean))
    breath = nk.ecg_rsp(heart, sampling_rate=int(sfreq), method=method)
    return belt_rates(breath, sfreq, stops)


def compare(files, data):
    rows = []
    for name, signals in recordings(files, data):
        belt, belt_sfreq = signals.pop("belt")
        for kind, (values, sfreq) in signals.items():
            stops = np.arange(LENGTH, min(len(values) / sfreq, len(belt) / belt_sfreq), STEP)
            truth = belt_rates(belt, belt_sfreq, stops)
            found = {"physio_vad": our_rates(kind, values, sfreq, stops)}
            if kind == "ecg":
                found |= {
                    f"neurokit2 {m}": neurokit_rates(m, values, sfreq, stops) for m in NEUROKIT
                }
            for who, rates in found.items():
                error = np.abs(rates - truth)[np.isfinite(truth)]
                given = np.isfinite(error)
                rows.append(
                    {
                        "from": kind,
                        "detector": who,
                        "recording": name,
                        "given": given.mean(),
                        f"within {NEAR:g}/min": (error[given] <= NEAR).mean(),
                        "median error, 1/min": np.median(error[given]),
                    }
                )
    return pd.DataFrame(rows).set_index(["from", "detector", "recording"]).sort_index()


def of_noise(number=400):
    """Share of windows of noise that are given a rate."""
    rng, given = np.random.default_rng(0), {}
    for exponent in (0, 1, 2):
        rates = []
        for _ in range(number):
            times = np.cumsum(0.8 + 0.02 * rng.standard_normal(200))
            spectra = np.fft.rfft(rng.standard_normal((3, 200)))
            spectra[:, 1:] /= np.arange(1, spectra.shape[1]) ** (exponent / 2)
            noise = np.fft.irfft(spectra, 200)
            noise *= 0.1 / noise.std(axis=1, keepdims=True)
            noise += np.array([[1.0], [0.0], [0.8]])
            rates.append(
                breathing_rate(times, noise, np.arange(40.0, 150, 30), LENGTH)["resp_rate"]
            )
        given[f"1/f^{exponent}"] = np.isfinite(rates).mean()
    return pd.DataFrame({"given": given})


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--data", type=Path, default=Path("../shared/data"))
    made.add_argument("--csv", nargs="*", default=[])
    arguments = made.parse_args()
    data = arguments.data if arguments.data.is_dir() else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = {"Beside the belt": compare(arguments.csv, data)}
    show(tables | {"Windows of noise": of_noise()}, arguments.json)


if __name__ == "__main__":
    main()
