"""Cost of feature extraction beside light NeuroKit2 calls and batched MNE.

Run ``python benchmarks/extraction.py``. A simulated recording of 10 minutes, 8 channels at 250 Hz
(2 EEG, EOG, GSR, temperature, PPG, ECG, respiration), windows of 10 s every 5 s, one thread, CPU
time; all contenders take turns within a run.

The reference does what is quick with public functions: every signal is cleaned once with the light
``*_clean``, ``*_phasic`` and ``*_findpeaks`` calls (no ``*_process``), EEG goes through
``mne.time_frequency.psd_array_welch`` for all windows at once, and events are summed up by
``searchsorted`` as here. It leaves out what ours does besides: gaps, flat and clipped stretches,
quality, local thresholds and templates, polarity, saccades, spectra and sample entropy of heart
rate, and the features ``rvt``, ``eda_sympathetic`` and the aperiodic slope.
"""

from __future__ import annotations

import argparse
import os
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy is loaded

# ruff: noqa: E402
import mne
import neurokit2 as nk
import numpy as np
import pandas as pd

from physio_vad import Recording, Signal, simulate_recordings
from physio_vad.modalities import MODALITIES
from physio_vad.synthetic import simulate_beats, simulate_ecg

SFREQ, MINUTES = 250, 10.0
STARTS = np.arange(0.0, 60 * MINUTES - 9.9, 5.0)
STOPS = STARTS + 10.0
BANDS = {"delta": (0.5, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 30), "gamma": (30, 45)}


def simulated() -> Recording:
    """Simulate all eight channels."""
    signals = dict(simulate_recordings(1, minutes=MINUTES, sfreq=SFREQ, seed=0)[0].signals)
    beats = simulate_beats(70.0, 60 * MINUTES)
    signals["ecg"] = Signal(simulate_ecg(beats, SFREQ, 60 * MINUTES), SFREQ, "mV")
    del signals["emg"]
    return Recording("anna", signals)


def spans(times):
    return np.searchsorted(times, STARTS), np.searchsorted(times, STOPS)


def mean_sd(values, first, last):
    """Mean and SD of each span."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    squares = np.concatenate([[0.0], np.cumsum((values - values.mean()) ** 2)])
    number = np.maximum(last - first, 1)
    mean = (total[last] - total[first]) / number
    variance = (squares[last] - squares[first]) / number - (mean - values.mean()) ** 2
    return mean, np.sqrt(np.maximum(variance, 0))


def of_samples(values, sfreq=SFREQ):
    first = np.round(STARTS * sfreq).astype(int)
    last = np.minimum(np.round(STOPS * sfreq).astype(int), len(values))
    return mean_sd(values, first, last)


def events(times, *properties):
    first, last = spans(times)
    return [6.0 * (last - first), *(mean_sd(np.nan_to_num(one), first, last) for one in properties)]


def reference_eeg(values):
    first = np.round(STARTS * SFREQ).astype(int)
    windows = np.stack([values[:, i : i + 10 * SFREQ] for i in first])
    power, freqs = mne.time_frequency.psd_array_welch(
        windows, SFREQ, fmin=0.5, fmax=45, n_fft=500, n_overlap=250, verbose="error"
    )
    rows = [power[..., (freqs >= a) & (freqs < b)].sum(-1) / 2 for a, b in BANDS.values()]
    share = power / power.sum(-1, keepdims=True)
    slopes = np.diff(windows, axis=-1)
    mobility = np.sqrt(slopes.var(-1) / windows.var(-1))
    complexity = np.sqrt(np.diff(slopes, axis=-1).var(-1) / slopes.var(-1)) / mobility
    entropy = -(share * np.log(share)).sum(-1)
    return [*rows, mobility, complexity, entropy]


def reference_eog(values):
    clean = nk.eog_clean(values[0], sampling_rate=SFREQ)
    peaks = nk.eog_findpeaks(clean, sampling_rate=SFREQ, method="mne")
    return events(peaks / SFREQ, clean[peaks])


def reference_eda(values):
    parts = nk.eda_phasic(values[0], sampling_rate=SFREQ)
    info = nk.eda_findpeaks(parts["EDA_Phasic"].to_numpy(), sampling_rate=SFREQ)
    tonic = of_samples(parts["EDA_Tonic"].to_numpy())
    phasic = of_samples(parts["EDA_Phasic"].to_numpy())
    names = ("SCR_Height",)
    return [tonic, phasic, events(info["SCR_Peaks"] / SFREQ, *(info[name] for name in names))]


def reference_temperature(values):
    return [of_samples(nk.signal_filter(values[0], SFREQ, highcut=1.0))]


def of_beats(peaks):
    nn = np.diff(peaks) / SFREQ
    times = peaks[1:] / SFREQ
    first, last = spans(times)
    return [mean_sd(nn, first, last), mean_sd(np.diff(nn, prepend=nn[0]) ** 2, first, last)]


def reference_ppg(values):
    clean = nk.ppg_clean(values[0], sampling_rate=SFREQ)
    peaks = nk.ppg_findpeaks(clean, sampling_rate=SFREQ)["PPG_Peaks"]
    return [of_beats(peaks), events(peaks / SFREQ, clean[peaks])]


def reference_ecg(values):
    clean = nk.ecg_clean(values[0], sampling_rate=SFREQ)
    return of_beats(nk.ecg_findpeaks(clean, sampling_rate=SFREQ)["ECG_R_Peaks"])


def reference_respiration(values):
    clean = nk.rsp_clean(values[0], sampling_rate=SFREQ)
    info = nk.rsp_findpeaks(clean, sampling_rate=SFREQ)
    peaks, troughs = info["RSP_Peaks"], info["RSP_Troughs"]
    number = min(len(peaks), len(troughs))
    heights = clean[peaks[:number]] - clean[troughs[:number]]
    return [of_beats(peaks), events(peaks[:number] / SFREQ, heights)]


REFERENCES = {
    "eeg": reference_eeg,
    "eog": reference_eog,
    "eda": reference_eda,
    "temperature": reference_temperature,
    "ppg": reference_ppg,
    "ecg": reference_ecg,
    "respiration": reference_respiration,
}


def seconds(task) -> float:
    begin = time.process_time()
    task()
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    recording = simulated()
    ours, theirs = {}, {}
    for repeat in range(arguments.repeats + 1):  # the first one warms up
        for name, reference in REFERENCES.items():
            values = recording.signals[name].values
            modality = MODALITIES[name]()
            a = seconds(lambda m=modality: m.extract(recording, STARTS, STOPS))
            b = seconds(lambda f=reference, x=values: f(x))
            if repeat:
                ours.setdefault(name, []).append(1000 * a / MINUTES)
                theirs.setdefault(name, []).append(1000 * b / MINUTES)
    mine, other = pd.DataFrame(ours), pd.DataFrame(theirs)
    mine["total"], other["total"] = mine.sum(axis=1), other.sum(axis=1)
    ratio = other / mine
    table = pd.DataFrame(
        {
            "light calls": other.median(),
            "ours": mine.median(),
            "ratio": ratio.median(),
            "least": ratio.min(),
            "most": ratio.max(),
        }
    )
    print("CPU ms per minute of recording, medians; ratio with its spread over the repeats")
    print(table.round(2).to_string())


if __name__ == "__main__":
    main()
