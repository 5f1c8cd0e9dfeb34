"""Detectors of heart beats that others wrote, called alike: what is not installed is left out.

NeuroKit2, BioSPPy and ``wfdb`` are in the extra ``bench``; ``sleepecg``, ``py-ecg-detectors`` and
``heartpy`` are taken where they are installed.
"""

from __future__ import annotations

import importlib.util
import warnings
from functools import partial

import neurokit2 as nk
import numpy as np

from physio_vad.dsp.beat_shapes import BEAT_SHAPES
from physio_vad.dsp.beats import detect_raw
from physio_vad.dsp.pulses import measure_pulses

NEUROKIT_ECG = (
    "neurokit",
    "pantompkins1985",
    "hamilton2002",
    "christov2004",
    "elgendi2010",
    "engzeemod2012",
    "rodrigues2021",
    "nabian2018",
)
NEUROKIT_PPG = ("elgendi", "bishop", "charlton")


def ours(kind, values, sfreq):
    """R peaks or systolic peaks of this library."""
    beats = detect_raw(values, sfreq, BEAT_SHAPES[kind])
    return measure_pulses(beats).peaks if kind == "ppg" else beats.times


def neurokit_ecg(method, values, sfreq):
    cleaning = method if method in {"neurokit", "pantompkins1985", "elgendi2010"} else "neurokit"
    clean = nk.ecg_clean(values, sampling_rate=int(sfreq), method=cleaning)
    return nk.ecg_peaks(clean, sampling_rate=int(sfreq), method=method)[1]["ECG_R_Peaks"] / sfreq


def neurokit_ppg(method, values, sfreq):
    factor = 1
    if method == "bishop":  # its time grows with the square of the samples
        factor = max(int(sfreq / 50), 1)
        values = values[: len(values) // factor * factor].reshape(-1, factor).mean(axis=1)
    rate = sfreq / factor
    clean = nk.ppg_clean(values, sampling_rate=round(rate))
    peaks = nk.ppg_peaks(clean, sampling_rate=round(rate), method=method)[1]["PPG_Peaks"]
    return peaks / rate + (factor - 1) / 2 / sfreq


def biosppy_ecg(method, values, sfreq):
    from biosppy.signals import ecg

    clean = nk.ecg_clean(values, sampling_rate=int(sfreq), method="biosppy")
    return getattr(ecg, f"{method}_segmenter")(signal=clean, sampling_rate=sfreq)["rpeaks"] / sfreq


def biosppy_ppg(values, sfreq):
    from biosppy.signals import ppg

    clean = nk.ppg_clean(values, sampling_rate=int(sfreq))
    return ppg.find_onsets_elgendi2013(signal=clean, sampling_rate=sfreq)["onsets"] / sfreq


def wfdb_ecg(method, values, sfreq):
    from wfdb import processing

    if method == "xqrs":
        return processing.xqrs_detect(values, fs=sfreq, verbose=False) / sfreq
    return processing.gqrs_detect(values, fs=sfreq) / sfreq


def sleepecg_ecg(values, sfreq):
    import sleepecg

    return sleepecg.detect_heartbeats(values, sfreq) / sfreq


def ecgdetectors_ecg(method, values, sfreq):
    from ecgdetectors import Detectors

    return np.asarray(getattr(Detectors(sfreq), f"{method}_detector")(values)) / sfreq


def heartpy_ppg(values, sfreq):
    import heartpy

    clean = heartpy.filter_signal(values, [0.7, 3.5], sample_rate=sfreq, filtertype="bandpass")
    working, _ = heartpy.process(heartpy.scale_data(clean), sample_rate=sfreq)
    return np.asarray(working["peaklist"]) / sfreq


def detectors(kind):
    """Name and detector of all that are installed, this library first."""
    found = {"physio_vad": partial(ours, kind)}
    if kind == "ecg":
        found |= {f"neurokit2 {one}": partial(neurokit_ecg, one) for one in NEUROKIT_ECG}
    else:
        found |= {f"neurokit2 {one}": partial(neurokit_ppg, one) for one in NEUROKIT_PPG}
    others = {
        "ecg": {
            "biosppy": {f"biosppy {m}": partial(biosppy_ecg, m) for m in ("hamilton", "christov")},
            "wfdb": {f"wfdb {m}": partial(wfdb_ecg, m) for m in ("xqrs", "gqrs")},
            "sleepecg": {"sleepecg": sleepecg_ecg},
            "ecgdetectors": {
                f"ecgdetectors {m}": partial(ecgdetectors_ecg, m) for m in ("two_average", "swt")
            },
        },
        "ppg": {
            "biosppy": {"biosppy elgendi2013": biosppy_ppg},
            "heartpy": {"heartpy": heartpy_ppg},
        },
    }
    for package, some in others[kind].items():
        if importlib.util.find_spec(package) is not None:
            found |= some
    return found


def detect(detector, values, sfreq):
    """Find beats; none where a detector gives up."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            times = np.asarray(detector(values, sfreq), dtype=float)
        except Exception:  # whatever it is, it found nothing
            return np.empty(0)
    return np.sort(times[np.isfinite(times)])


def lag_of(found, true, reach=0.15):
    """Median distance of what was found from the nearest true beat; 0 if nothing is near."""
    if len(found) == 0 or len(true) == 0:
        return 0.0
    place = np.clip(np.searchsorted(true, found), 1, max(len(true) - 1, 1))
    near = np.where(found - true[place - 1] < true[place % len(true)] - found, place - 1, place)
    apart = found - true[np.minimum(near, len(true) - 1)]
    apart = apart[np.abs(apart) <= reach]
    return float(np.median(apart)) if len(apart) else 0.0


def f1(found, true, tolerance=0.05):
    """F1 of events matched one to one in order of time."""
    hits, i, j = 0, 0, 0
    while i < len(found) and j < len(true):
        apart = found[i] - true[j]
        hits += abs(apart) <= tolerance
        i, j = i + (apart <= tolerance), j + (apart >= -tolerance)
    return 2 * hits / max(len(found) + len(true), 1)
