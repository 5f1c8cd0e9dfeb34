"""Cost of feature extraction beside light NeuroKit2 and MNE calls, and beside two floors.

Run ``python benchmarks/extraction.py``. A simulated recording of 10 minutes, 8 channels at 250 Hz
(2 EEG, EOG, GSR, temperature, PPG, ECG, respiration), and the same played for an hour; windows of
10 s every 5 s, one thread, CPU time. All contenders take turns; ratios are of one turn, with their
spread over the turns. Two recordings alternate, as the library remembers what it found in the one
that came last. In a turn the modalities share what they share in use: the time of respiration holds
the breaths that PPG and ECG take from the belt, that of PPG the beats of the ECG.

Ours is the whole catalogue with its quality. The references are in ``benchmarks/references.py``,
which says what they leave out: *once* calls them once per recording, *loop* once per window (every
eighth window, scaled up; in the 10 minutes). EDA is brought to 10 Hz first for both, as ours is:
NeuroKit2 finds peaks of EDA at 250 Hz a hundred times slower. The floors are reading the array once
(its sum) and one real FFT of all windows of all channels, 16 windows at a time, so that they stay
in the cache. *Essential* are the modalities EEG, EDA, temperature, PPG and respiration.
"""

from __future__ import annotations

# ruff: noqa: I001 - sets the number of threads, before numpy
from common import (
    ESSENTIAL,
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

from itertools import cycle

import numpy as np
import pandas as pd
from references import REFERENCES, loop
from scipy.fft import rfft

from physio_vad.modalities import MODALITIES

EVERY = 8
IN_CACHE = 16
"""Windows of 10 s that are transformed at once: 320 kB."""
GOALS = {10: (2.5, 7.0), 60: (4.0, 5.0)}
"""By minutes: least once / ours, and largest whole catalogue / rfft."""


def modality_turns(minutes: int, repeats: int) -> dict[str, pd.DataFrame]:
    """Time every modality and its references; milliseconds per minute, one row a turn."""
    ten, (starts, stops) = eight_channels(10.0), windows_of(minutes)
    recordings = [repeated(ten, minutes // 10, "anna") for _ in range(2)]
    few = stops[::EVERY]
    tasks = {}
    for name in sorted(REFERENCES, key=("ppg", "ecg").__contains__):  # last, as they use others
        turn, modality = cycle(recordings), MODALITIES[name]()
        values, reference = recordings[0].signals[name].values, REFERENCES[name]
        tasks["ours", name] = lambda m=modality, t=turn: m.extract(next(t), starts, stops)
        tasks["once", name] = lambda f=reference, x=values: f(x, starts, stops, SFREQ)
        if minutes == 10:
            tasks["loop", name] = lambda n=name, x=values: loop(n, x, few, SFREQ)
    stack = np.vstack([one.values for one in recordings[0].signals.values()])
    tasks["floor", "read"] = stack.sum
    tasks["floor", "rfft"] = lambda: rfft_of_windows(stack, starts)
    turns = 1000 / minutes * take_turns(tasks, repeats, cpu)
    turns.columns = pd.MultiIndex.from_tuples(turns.columns)
    parts = {kind: turns[kind].copy() for kind in turns.columns.levels[0]}
    for kind in set(parts) - {"floor"}:
        parts[kind] = parts[kind][list(REFERENCES)]
        total = parts[kind].sum(axis=1)
        parts[kind]["ppg and ecg"] = parts[kind][["ppg", "ecg"]].sum(axis=1)
        parts[kind]["total"] = total
    if "loop" in parts:
        parts["loop"] *= len(starts) / len(few)
    return parts


def rfft_of_windows(stack: np.ndarray, starts: np.ndarray) -> None:
    first = (starts * SFREQ).astype(int)
    for channel in stack:
        windows = np.lib.stride_tricks.sliding_window_view(channel, int(10 * SFREQ))
        for begin in range(0, len(first), IN_CACHE):
            rfft(windows[first[begin : begin + IN_CACHE]], axis=-1)


def by_modality(turns: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Milliseconds of each contender, and their ratios to ours."""
    contenders = [kind for kind in ("ours", "once", "loop") if kind in turns]
    columns = {kind: turns[kind].median() for kind in contenders}
    for kind in contenders[1:]:
        ratios = spread(turns[kind] / turns["ours"])
        columns |= {f"{kind} / ours": ratios["median"]} | {
            f"{kind} {end}": ratios[end] for end in ("least", "most")
        }
    return pd.DataFrame(columns)


def beside_floors(minutes: int, turns: dict[str, pd.DataFrame]) -> pd.DataFrame:
    ours, floor = turns["ours"], turns["floor"]
    essential = ours[list(ESSENTIAL)].sum(axis=1)
    ratios = spread(
        pd.DataFrame(
            {
                "once / whole catalogue": turns["once"]["total"] / ours["total"],
                "whole catalogue / rfft": ours["total"] / floor["rfft"],
                "essential / rfft": essential / floor["rfft"],
                "whole catalogue / essential": ours["total"] / essential,
                "whole catalogue / reading once": ours["total"] / floor["read"],
            }
        )
    )
    least, most = GOALS[minutes]
    ratios["goal"] = [f">= {least:g}", f"<= {most:g}", "", "", ""]
    return ratios.rename(index=lambda name: f"{name}, {minutes} min")


def main() -> None:
    arguments = parser(__doc__).parse_args()
    repeats = 3 if arguments.quick else 9
    turns = {minutes: modality_turns(minutes, repeats) for minutes in GOALS}
    tables = {
        f"Extraction of {minutes} minutes, CPU ms per minute of recording, and ratios": by_modality(
            one
        )
        for minutes, one in turns.items()
    }
    tables["Ratios, and what is aimed at"] = pd.concat(
        [beside_floors(*one) for one in turns.items()]
    )
    show(tables, arguments.json)


if __name__ == "__main__":
    main()
