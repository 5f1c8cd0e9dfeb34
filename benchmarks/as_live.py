"""How far features move where a stream computes them, by modality and delay.

Run ``python benchmarks/as_live.py``. People are simulated; every window of 10 s, from the fourth
minute on, is computed from the whole recording and as a stream does, with less and less signal
after it. Shares are of each feature's range over all windows.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import eight_channels, parser, show

import warnings

import numpy as np
import pandas as pd

from physio_vad import Recording, Signal, extract_features, make_windows
from physio_vad.evaluation.movement import movement
from physio_vad.live.as_live import live_features
from physio_vad.recording.recording import Events
from physio_vad.synthetic import simulate_recordings

MINUTES = 8.0


def person(seed: int) -> Recording:
    """Simulate every modality there is."""
    recording = eight_channels(MINUTES, seed=seed, subject=f"S{seed}")
    rng = np.random.default_rng(seed)
    n_samples = int(MINUTES * 60 * 32)
    turning = np.cumsum(rng.normal(0, 0.004, (3, n_samples)), axis=1)
    beats = np.cumsum(0.8 + 0.05 * np.sin(np.arange(MINUTES * 74) / 4) + rng.normal(0, 0.02, 592))
    beats = beats[beats < MINUTES * 60]
    emg = simulate_recordings(1, minutes=MINUTES, sfreq=500.0, seed=seed)[0].signals["emg"]
    more = {
        "emg": emg,
        "acceleration": Signal(
            turning + np.array([[0.0], [0.0], [1.0]]), 32.0, "g", ("x", "y", "z")
        ),
        "ibi": Events(beats[1:], np.diff(beats), "s"),
    }
    return Recording(f"S{seed}", {**recording.signals, **more})


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = parser(__doc__).parse_args()
    windows, _ = make_windows(
        [person(seed) for seed in range(1 if arguments.quick else 4)], length=10, step=10
    )
    late = windows[windows["start"] >= 200.0]
    batch = extract_features(late)
    tables = {}
    for delay in (0.0, 1.0, 5.0, 20.0, "settling"):
        moved = movement(batch, live_features(late, delay=delay))
        for name in ("median", "q95", "largest", "lost"):
            tables[name, str(delay)] = moved[name]
    table = pd.DataFrame(tables)
    titles = {"median": "Median", "q95": "95 %", "largest": "Largest", "lost": "NaN on one side"}
    show(
        {f"{title} share of the range": table[name] for name, title in titles.items()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
