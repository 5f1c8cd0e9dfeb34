"""Cost of feature extraction beside light NeuroKit2 and MNE calls, and beside two floors.

Run ``python benchmarks/extraction.py``. A simulated recording of 10 minutes, 8 channels at 250 Hz
(2 EEG, EOG, GSR, temperature, PPG, ECG, respiration), windows of 10 s every 5 s, one thread, CPU
time. All contenders take turns; ratios are of one turn, with their spread over the turns.

Ours is the whole catalogue with its quality. The references are in ``benchmarks/references.py``,
which says what they leave out: *once* calls them once per recording, *loop* once per window (every
eighth window, scaled up). Most of their time goes into peaks of EDA at 250 Hz, so a second total
counts it averaged to 10 Hz first (in *once* only). The floors are reading the array once (its sum)
and one real FFT of all windows of all channels. *Essential* are the modalities EEG, EDA,
temperature, PPG and respiration.
"""

from __future__ import annotations

# ruff: noqa: I001 - sets the number of threads, before numpy
from common import (
    ESSENTIAL,
    SFREQ,
    cpu,
    eight_channels,
    parser,
    show,
    spread,
    take_turns,
    windows_of,
)

import numpy as np
import pandas as pd
from references import REFERENCES, eda_at_10_hz, loop
from scipy.fft import rfft

from physio_vad.modalities import MODALITIES

EVERY = 8


def modality_turns(minutes: float, repeats: int) -> dict[str, pd.DataFrame]:
    """Time every modality and its references; milliseconds per minute, one row a turn."""
    recording, (starts, stops) = eight_channels(minutes), windows_of(minutes)
    few = stops[::EVERY]
    tasks = {}
    for name, reference in REFERENCES.items():
        values, modality = recording.signals[name].values, MODALITIES[name]()
        tasks["ours", name] = lambda m=modality: m.extract(recording, starts, stops)
        tasks["once", name] = lambda f=reference, x=values: f(x, starts, stops, SFREQ)
        tasks["loop", name] = lambda n=name, x=values: loop(n, x, few, SFREQ)
    eda = recording.signals["eda"].values
    tasks["once", "eda at 10 Hz"] = lambda: eda_at_10_hz(eda, starts, stops, SFREQ)
    stack = np.vstack([one.values for one in recording.signals.values()])
    tasks["floor", "read"] = stack.sum
    tasks["floor", "rfft"] = lambda: rfft_of_windows(stack, starts)
    turns = 1000 / minutes * take_turns(tasks, repeats, cpu)
    turns.columns = pd.MultiIndex.from_tuples(turns.columns)
    turns["loop"] = turns["loop"] * (len(starts) / len(few))
    return {kind: turns[kind].copy() for kind in ("ours", "once", "loop", "floor")}


def rfft_of_windows(stack: np.ndarray, starts: np.ndarray) -> np.ndarray:
    views = np.lib.stride_tricks.sliding_window_view(stack, int(10 * SFREQ), axis=-1)
    return rfft(views[:, (starts * SFREQ).astype(int)], axis=-1)


def main() -> None:
    arguments = parser(__doc__).parse_args()
    turns = modality_turns(10.0, 3 if arguments.quick else 9)
    ours, once, loop_, floor = (turns[kind] for kind in ("ours", "once", "loop", "floor"))
    at_10_hz = once.pop("eda at 10 Hz")
    for table in (ours, once, loop_):
        table["total"] = table.sum(axis=1)
    for table in (ours, once, loop_):  # what dominates the total of the others is EDA
        table["total, their EDA at 10 Hz"] = table["total"]
    once["total, their EDA at 10 Hz"] += at_10_hz - once["eda"]
    columns = {"ours": ours.median(), "once": once.median(), "loop": loop_.median()}
    for kind in ("once", "loop"):
        ratios = spread(turns[kind] / ours)
        columns |= {f"{kind} / ours": ratios["median"]} | {
            f"{kind} {end}": ratios[end] for end in ("least", "most")
        }
    essential = ours[list(ESSENTIAL)].sum(axis=1)
    ratios = pd.DataFrame(
        {
            "whole catalogue / one rfft": ours["total"] / floor["rfft"],
            "essential / one rfft": essential / floor["rfft"],
            "whole catalogue / essential": ours["total"] / essential,
            "whole catalogue / reading once": ours["total"] / floor["read"],
        }
    )
    show(
        {
            "Extraction, CPU ms per minute of recording, and ratios": pd.DataFrame(columns),
            "Beside the floors": spread(ratios),
        },
        arguments.json,
    )


if __name__ == "__main__":
    main()
