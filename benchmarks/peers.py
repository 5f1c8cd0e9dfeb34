"""Shared tasks beside tsflex, mne-features and biosppy (extra ``bench``), and MNE in one call.

Run ``python benchmarks/peers.py``. 10 minutes at 250 Hz, windows of 10 s every 5 s, one thread, CPU
time; all take turns, and ratios are of one turn. A peer that is not there is "not installed".

- statistics: mean, SD, minimum and maximum of each of 8 channels in each window;
- bands: power of five EEG bands of 2 channels in each window. Ours is the whole EEG modality, so
  asymmetries, entropy, edge, slope and Hjorth parameters too, and cleaning and quality;
- beats: R peaks of one ECG. Ours also measures heart rate, its variability and quality.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import (
    SFREQ,
    cpu,
    eight_channels,
    parser,
    repeated,
    show,
    spread,
    take_turns,
    windows_of,
)

import warnings
from itertools import cycle

import mne
import numpy as np
import pandas as pd
from references import BANDS

from physio_vad.dsp.window_stats import sample_spans, span_max, span_mean_sd, span_min
from physio_vad.modalities import ECG, EEG

MINUTES = 10.0


def statistics(stack, starts, stops) -> dict:
    """Ours and tsflex."""
    spans = sample_spans(starts, stops, sfreq=SFREQ, origin=0.0, n_samples=stack.shape[1])
    tasks = {"ours": lambda: [f(stack, *spans) for f in (span_mean_sd, span_min, span_max)]}
    try:
        from tsflex.features import FeatureCollection, MultipleFeatureDescriptors
    except ImportError:
        return tasks | {"tsflex": None}
    table = pd.DataFrame(stack.T, columns=[f"c{i}" for i in range(len(stack))])
    table.index = pd.Timestamp(2026, 1, 1) + pd.to_timedelta(
        np.arange(len(table)) / SFREQ, unit="s"
    )
    described = MultipleFeatureDescriptors(
        [np.mean, np.std, np.min, np.max], list(table.columns), windows="10s", strides="5s"
    )
    collection = FeatureCollection(described)
    return tasks | {"tsflex": lambda: collection.calculate(table, n_jobs=1, return_df=True)}


def bands(recording, starts, stops) -> dict:
    """Ours, MNE on all windows in one call, tsflex, mne-features and biosppy."""
    values = recording.signals["eeg"].values
    length, first = int(10 * SFREQ), (starts * SFREQ).astype(int)
    views = np.lib.stride_tricks.sliding_window_view(values, length, axis=-1)
    epochs = np.ascontiguousarray(views[:, first].swapaxes(0, 1))

    def powers(one, axis=-1):
        psd, freqs = mne.time_frequency.psd_array_welch(
            one, SFREQ, fmax=45, n_fft=500, n_overlap=250, verbose="error"
        )
        return tuple(psd[..., (freqs >= a) & (freqs < b)].sum(axis) / 2 for a, b in BANDS.values())

    return {
        "ours": lambda: EEG().extract(recording, starts, stops),
        "MNE, one call": lambda: powers(views[:, first]),
        "tsflex": tsflex_bands(values, powers),
        "mne-features": mne_features_bands(epochs),
        "biosppy": biosppy_bands(values),
    }


def tsflex_bands(values, powers):
    try:
        from tsflex.features import FeatureCollection, FuncWrapper, MultipleFeatureDescriptors
    except ImportError:
        return None
    table = pd.DataFrame(values.T, columns=["F3", "F4"])
    table.index = pd.Timestamp(2026, 1, 1) + pd.to_timedelta(
        np.arange(len(table)) / SFREQ, unit="s"
    )
    function = FuncWrapper(lambda x: powers(np.asarray(x)), output_names=list(BANDS))
    described = MultipleFeatureDescriptors(
        [function], list(table.columns), windows="10s", strides="5s"
    )
    collection = FeatureCollection(described)
    return lambda: collection.calculate(table, n_jobs=1, return_df=True)


def mne_features_bands(epochs):
    try:
        from mne_features.feature_extraction import extract_features
    except ImportError:
        return None
    edges = {"pow_freq_bands__freq_bands": {name: list(band) for name, band in BANDS.items()}}
    edges["pow_freq_bands__normalize"] = False
    return lambda: extract_features(epochs, SFREQ, ["pow_freq_bands"], edges)


def biosppy_bands(values):
    try:
        from biosppy.signals.eeg import get_power_features
    except ImportError:
        return None
    return lambda: get_power_features(signal=values.T, sampling_rate=SFREQ, size=10.0, overlap=0.5)


def beats(recording, starts, stops) -> dict:
    """Ours and the default R-peak detector of biosppy."""
    # what was found in the samples that came last would be recalled
    turn = cycle([repeated(recording, 1, "anna") for _ in range(2)])
    tasks = {"ours": lambda: ECG().extract(next(turn), starts, stops)}
    try:
        from biosppy.signals.ecg import hamilton_segmenter
        from biosppy.signals.tools import filter_signal
    except ImportError:
        return tasks | {"biosppy": None}
    raw = recording.signals["ecg"].values[0]

    def segment():
        clean, *_ = filter_signal(
            signal=raw,
            ftype="FIR",
            band="bandpass",
            order=int(1.5 * SFREQ),
            frequency=[0.67, 45],
            sampling_rate=SFREQ,
        )
        return hamilton_segmenter(signal=clean, sampling_rate=SFREQ)

    return tasks | {"biosppy": segment}


def compared(tasks: dict, repeats: int) -> pd.DataFrame:
    """CPU milliseconds of each, and how many times as long as ours."""
    turns = take_turns({name: task for name, task in tasks.items() if task}, repeats, cpu)
    table = spread(turns.div(turns["ours"], axis=0)).add_prefix("ratio ")
    table.insert(0, "CPU ms", 1000 * turns.median())
    return table.reindex(list(tasks)).astype(object).where(lambda one: one.notna(), "not installed")


def main() -> None:
    arguments = parser(__doc__).parse_args()
    repeats = 3 if arguments.quick else 9
    recording, (starts, stops) = eight_channels(MINUTES), windows_of(MINUTES)
    stack = np.vstack([one.values for one in recording.signals.values()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shared = {
            "Statistics of 8 channels": statistics(stack, starts, stops),
            "EEG bands": bands(recording, starts, stops),
            "R peaks": beats(recording, starts, stops),
        }
        tables = {title: compared(tasks, repeats) for title, tasks in shared.items()}
    show(tables, arguments.json)


if __name__ == "__main__":
    main()
