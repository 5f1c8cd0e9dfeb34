"""Cost of feature extraction beside light NeuroKit2 and MNE calls, and beside two floors.

Run ``python benchmarks/extraction.py``. A simulated recording of 10 minutes, 8 channels at 250 Hz
(2 EEG, EOG, GSR, temperature, PPG, ECG, respiration), and the same played for an hour; windows of
10 s every 5 s, one thread, CPU time. Each contender works in a process of its own, as it does for
whoever uses it, and they take turns; ratios are of one turn, with their spread over the turns. In
one process for all, memory that one gives back to the system is what the next must ask for again.
Two recordings alternate, as the library remembers what it found in the one that came last. In a
turn the modalities share what they share in use: the time of respiration holds the breaths that PPG
and ECG take from the belt, that of PPG the beats of the ECG. *PPG alone* is of a recording without
an ECG and a belt, and not part of the total.

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

import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import cycle
from multiprocessing import get_context

import numpy as np
import pandas as pd
from references import REFERENCES, loop
from scipy.fft import rfft

from physio_vad import Recording
from physio_vad.modalities import MODALITIES

EVERY = 8
IN_CACHE = 16
"""Windows of 10 s that are transformed at once: 320 kB."""
GOALS = {10: (2.5, 7.0), 60: (4.0, 5.0)}
"""By minutes: least once / ours, and largest whole catalogue / rfft."""
ALONE = "ppg alone"
ORDER = (*sorted(REFERENCES, key=("ppg", "ecg").__contains__), ALONE)
"""The heart comes last, as it uses what the others find."""
TASKS = {"ours": ORDER, "once": ORDER, "loop": ORDER, "floor": ("read", "rfft")}


def modality_turns(minutes: int, repeats: int) -> dict[str, pd.DataFrame]:
    """Time every modality and its references; milliseconds per minute, one row a turn."""
    kinds = [kind for kind in TASKS if kind != "loop" or minutes == 10]
    spawn = get_context("spawn")
    workers = {kind: ProcessPoolExecutor(1, mp_context=spawn) for kind in kinds}
    names = [(kind, name) for kind in kinds for name in TASKS[kind]]
    tasks = {one: lambda one=one: workers[one[0]].submit(seconds, minutes, *one) for one in names}
    turns = 1000 / minutes * take_turns(tasks, repeats, lambda task: task().result())
    for worker in workers.values():
        worker.shutdown()
    turns.columns = pd.MultiIndex.from_tuples(names)
    parts = {kind: turns[kind].copy() for kind in kinds}
    for kind in set(kinds) - {"floor"}:
        total = parts[kind][list(REFERENCES)].sum(axis=1)
        parts[kind] = parts[kind][[*REFERENCES, ALONE]]
        parts[kind]["ppg and ecg"] = parts[kind][["ppg", "ecg"]].sum(axis=1)
        parts[kind]["total"] = total
    if "loop" in parts:
        parts["loop"] *= len(windows_of(minutes)[0]) / len(windows_of(minutes)[0][::EVERY])
    return parts


def seconds(minutes: int, kind: str, name: str) -> float:
    """CPU seconds of one task, in the process of its contender."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cpu(tasks_of(minutes, kind)[name])


@lru_cache
def tasks_of(minutes: int, kind: str) -> dict[str, Callable[[], object]]:
    """Make the tasks of one contender."""
    ten, (starts, stops) = eight_channels(10.0), windows_of(minutes)
    four = [repeated(ten, minutes // 10, "anna") for _ in range(4)]
    recordings, lone = four[:2], [Recording("anna", {"ppg": r.signals["ppg"]}) for r in four[2:]]
    signals = recordings[0].signals
    if kind == "floor":
        stack = np.vstack([one.values for one in signals.values()])
        return {"read": stack.sum, "rfft": lambda: rfft_of_windows(stack, starts)}
    tasks = {}
    for name in ORDER:
        modality = name.split()[0]
        if kind == "ours":
            one = MODALITIES[modality]()
            turn = cycle(lone if name == ALONE else recordings)
            tasks[name] = lambda m=one, t=turn: m.extract(next(t), starts, stops)
        elif kind == "once":
            call, values = REFERENCES[modality], signals[modality].values
            tasks[name] = lambda f=call, x=values: f(x, starts, stops, SFREQ)
        else:
            values = signals[modality].values
            tasks[name] = lambda n=modality, x=values: loop(n, x, stops[::EVERY], SFREQ)
    return tasks


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
