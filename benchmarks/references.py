"""The same features from light NeuroKit2 and MNE calls, as a person would write them.

Every signal is cleaned once with the light ``*_clean``, ``*_phasic`` and ``*_findpeaks`` calls (no
``*_process``), EDA at 10 Hz. EEG goes through ``mne.time_frequency.psd_array_welch`` for all
windows at once. Events are summed up for all windows by ``searchsorted``: the per-window part is
counted, and it is vectorised as here.

Left out, though the library does it: gaps, flat and clipped stretches, quality, local thresholds
and templates, polarity; of EEG asymmetries, spectral edge, peak and slope; of EOG saccades and the
shape of blinks; of EDA slope, rise and recovery times and sympathetic power; of temperature slow
waves; of the heart spectra, entropy and arrival time; of breathing ``rvt`` and the ratio. So each
ratio compares more features with fewer, against the library.
"""

from __future__ import annotations

import mne
import neurokit2 as nk
import numpy as np

BANDS = {"delta": (0.5, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 30), "gamma": (30, 45)}


def mean_sd(values, first, last):
    """Mean and SD of each span."""
    centred = values - values.mean() if len(values) else values
    total = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    number = np.maximum(last - first, 1)
    mean = (total[last] - total[first]) / number
    variance = (squares[last] - squares[first]) / number - mean**2
    return mean, np.sqrt(np.maximum(variance, 0))


def of_samples(values, starts, stops, sfreq):
    """Mean and SD of the samples of each window."""
    first = np.round(starts * sfreq).astype(int)
    last = np.minimum(np.round(stops * sfreq).astype(int), len(values))
    return mean_sd(values, first, last)


def of_events(times, starts, stops, *properties):
    """Rate of events, and mean and SD of their properties, in each window."""
    first, last = np.searchsorted(times, starts), np.searchsorted(times, stops)
    rows = [6.0 * (last - first)]
    return rows + [mean_sd(np.nan_to_num(one), first, last) for one in properties]


def of_beats(peaks, starts, stops, sfreq):
    """Mean, SD and RMSSD of the intervals in each window."""
    times = peaks / sfreq
    intervals = np.diff(times, prepend=times[:1])
    steps = np.diff(intervals, prepend=intervals[:1])
    return of_events(times, starts, stops, intervals, steps**2)


def eeg(values, starts, stops, sfreq):
    """Powers of five bands, Hjorth parameters, spectral entropy."""
    first = np.round(starts * sfreq).astype(int)
    length = int((stops[0] - starts[0]) * sfreq)
    windows = np.stack([values[:, i : i + length] for i in first])
    power, freqs = mne.time_frequency.psd_array_welch(
        windows, sfreq, fmin=0.5, fmax=45, n_fft=500, n_overlap=250, verbose="error"
    )
    rows = [power[..., (freqs >= a) & (freqs < b)].sum(-1) / 2 for a, b in BANDS.values()]
    share = power / power.sum(-1, keepdims=True)
    slopes = np.diff(windows, axis=-1)
    mobility = np.sqrt(slopes.var(-1) / windows.var(-1))
    complexity = np.sqrt(np.diff(slopes, axis=-1).var(-1) / slopes.var(-1)) / mobility
    return [*rows, mobility, complexity, -(share * np.log(share)).sum(-1)]


def eog(values, starts, stops, sfreq):
    """Rate and height of blinks."""
    clean = nk.eog_clean(values[0], sampling_rate=sfreq)
    peaks = nk.eog_findpeaks(clean, sampling_rate=sfreq, method="mne")
    return of_events(peaks / sfreq, starts, stops, clean[peaks])


def eda(values, starts, stops, sfreq):
    """Tonic and phasic part, rate and height of responses, of 10 samples a second."""
    factor = max(int(sfreq / 10), 1)
    low = values[:, : values.shape[1] // factor * factor].reshape(len(values), -1, factor)
    values, sfreq = low.mean(axis=-1), sfreq / factor
    parts = nk.eda_phasic(values[0], sampling_rate=sfreq)
    info = nk.eda_findpeaks(parts["EDA_Phasic"].to_numpy(), sampling_rate=sfreq)
    levels = [of_samples(parts[name].to_numpy(), starts, stops, sfreq) for name in parts]
    return levels + of_events(info["SCR_Peaks"] / sfreq, starts, stops, info["SCR_Height"])


def temperature(values, starts, stops, sfreq):
    """Mean and SD."""
    return of_samples(nk.signal_filter(values[0], sfreq, highcut=1.0), starts, stops, sfreq)


def ppg(values, starts, stops, sfreq):
    """Heart rate, its variability, height of pulses."""
    clean = nk.ppg_clean(values[0], sampling_rate=sfreq)
    peaks = nk.ppg_findpeaks(clean, sampling_rate=sfreq)["PPG_Peaks"]
    heights = of_events(peaks / sfreq, starts, stops, clean[peaks])
    return of_beats(peaks, starts, stops, sfreq) + heights


def ecg(values, starts, stops, sfreq):
    """Heart rate and its variability."""
    clean = nk.ecg_clean(values[0], sampling_rate=sfreq)
    peaks = nk.ecg_findpeaks(clean, sampling_rate=sfreq)["ECG_R_Peaks"]
    return of_beats(peaks, starts, stops, sfreq)


def respiration(values, starts, stops, sfreq):
    """Rate and depth of breaths."""
    clean = nk.rsp_clean(values[0], sampling_rate=sfreq)
    info = nk.rsp_findpeaks(clean, sampling_rate=sfreq)
    peaks, troughs = info["RSP_Peaks"], info["RSP_Troughs"]
    number = min(len(peaks), len(troughs))
    heights = clean[peaks[:number]] - clean[troughs[:number]]
    depths = of_events(peaks[:number] / sfreq, starts, stops, heights)
    return of_beats(peaks, starts, stops, sfreq) + depths


REFERENCES = {
    "eeg": eeg,
    "eog": eog,
    "eda": eda,
    "temperature": temperature,
    "ppg": ppg,
    "ecg": ecg,
    "respiration": respiration,
}

LOOK_BACK = {"eda": 30.0, "respiration": 30.0}
"""Seconds that the loop gives a window, where 10 are too few for anything to be found."""


def loop(name, values, stops, sfreq):
    """Call the reference on the samples of each window alone."""
    for stop in stops:
        begin = max(stop - LOOK_BACK.get(name, 10.0), 0.0)
        piece = values[:, int(begin * sfreq) : int(stop * sfreq)]
        ends = np.array([0.0]), np.array([stop - begin])
        try:
            REFERENCES[name](piece, *ends, sfreq)
        except (ValueError, IndexError, ZeroDivisionError):  # too few events in a short window
            continue
