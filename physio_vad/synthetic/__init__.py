"""Simulated recordings with known truth, to try and to test with.

A simulation: its links between feeling and body are put in by hand, so scores reached on it say
nothing about emotion. Pulses, blinks and responses are made of shapes of their own, of which no
detector of this package knows; so detectors can be tested on them.
"""

from physio_vad.synthetic.body import PULSE_DELAY, Truth
from physio_vad.synthetic.events import renewal_times
from physio_vad.synthetic.head import simulate_eeg, simulate_eog
from physio_vad.synthetic.heart import simulate_beats, simulate_ecg, simulate_ppg
from physio_vad.synthetic.noise import band_noise, coloured_noise, pink_noise
from physio_vad.synthetic.people import LINKS, Link
from physio_vad.synthetic.recordings import simulate_recordings
from physio_vad.synthetic.skin import scr_peak_delay, simulate_eda, simulate_temperature
from physio_vad.synthetic.trunk import simulate_emg, simulate_respiration

__all__ = [
    "LINKS",
    "PULSE_DELAY",
    "Link",
    "Truth",
    "band_noise",
    "coloured_noise",
    "pink_noise",
    "renewal_times",
    "scr_peak_delay",
    "simulate_beats",
    "simulate_ecg",
    "simulate_eda",
    "simulate_eeg",
    "simulate_emg",
    "simulate_eog",
    "simulate_ppg",
    "simulate_recordings",
    "simulate_respiration",
    "simulate_temperature",
]
