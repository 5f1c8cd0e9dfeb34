"""How often a sensor in another unit, at another rate or in another column is told of.

Each person in turn is held against some of the others, as recorded and with a fault in the signals.
With ``--tables`` feature tables of real people are looked at too, as recorded. The last number is
of a stream that has given six windows (of a table, every second row of somebody's first twelve).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import Recording, extract_features, make_windows, simulate_recordings
from physio_vad.live.likeness import FIRST
from physio_vad.unlike import People, unlike

SEEN = (3, 5, 10)
"""People that each is held against."""

Fault = Callable[[Recording], Recording]


def gain(modality: str, factor: float) -> Fault:
    """Multiply a signal."""

    def change(one: Recording) -> Recording:
        signal = one.signals[modality]
        changed = replace(signal, values=signal.values * factor)
        return replace(one, signals={**one.signals, modality: changed})

    return change


def swap(first: str, second: str) -> Fault:
    """Put the columns of two sensors in each other's place."""

    def change(one: Recording) -> Recording:
        a, b = one.signals[first], one.signals[second]
        n = min(len(a.values), len(b.values))
        left, right = a.values.copy(), b.values.copy()
        left[:n], right[:n] = b.values[:n], a.values[:n]
        swapped = {first: replace(a, values=left), second: replace(b, values=right)}
        return replace(one, signals={**one.signals, **swapped})

    return change


def rate(factor: float) -> Fault:
    """Declare another rate than the recorded one."""

    def change(one: Recording) -> Recording:
        signals = {n: replace(s, sfreq=s.sfreq * factor) for n, s in one.signals.items()}
        return replace(one, signals=signals)

    return change


def resistance(one: Recording) -> Recording:
    """Give skin resistance in megohm for conductance in microsiemens."""
    skin = one.signals["eda"]
    return replace(one, signals={**one.signals, "eda": replace(skin, values=1 / skin.values)})


FAULTS: dict[str, Fault] = {
    "EEG x 3": gain("eeg", 3),
    "EEG in mV": gain("eeg", 1e-3),
    "EMG in mV": gain("emg", 1e-3),
    "EOG in mV": gain("eog", 1e-3),
    "PPG x 10": gain("ppg", 10),
    "PPG x 1000": gain("ppg", 1000),
    "respiration x 100": gain("respiration", 100),
    "EDA x 2": gain("eda", 2),
    "EDA as Mohm": resistance,
    "EEG and PPG swapped": swap("eeg", "ppg"),
    "EDA and PPG swapped": swap("eda", "ppg"),
    "EOG and EMG swapped": swap("eog", "emg"),
    "EEG and EOG swapped": swap("eeg", "eog"),
    "twice the rate": rate(2),
    "half the rate": rate(0.5),
}


def features(recordings: list[Recording]) -> pd.DataFrame:
    """Make the feature table."""
    return extract_features(make_windows(recordings, length=10, step=10)[0])


def share_told(honest: pd.DataFrame, looked_at: pd.DataFrame, n_seen: int, draws: int) -> float:
    """Share of people, each held against a few others, of whom something is told."""
    base, others = People.of(looked_at), People.of(honest)
    assert base is not None
    assert others is not None
    told = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        for place in range(len(base.names)):
            rest = rng.permutation(np.delete(np.arange(len(base.names)), place))[:n_seen]
            low, high = np.fmin.reduce(others.low[rest]), np.fmax.reduce(others.high[rest])
            one = replace(base, names=base.names[place : place + 1], median=base.median[[place]])
            told.append(bool(unlike(one, low, high, len(rest), "the others")))
    return float(np.mean(told))


def first_windows(table: pd.DataFrame, every: int) -> pd.DataFrame:
    """Rows of each person that a stream is first judged by."""
    number = table.groupby(level="subject", sort=False).cumcount()
    return table[(number % every == 0) & (number < every * FIRST)]


def main() -> None:
    """Print a row a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=14)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--tables", type=Path, nargs="*", default=[], help="features.parquet")
    parser.add_argument("--draws", type=int, default=4)
    given = parser.parse_args()
    print(f"share told of, against {', '.join(map(str, SEEN))} people; a stream against {SEEN[-1]}")
    for path in given.tables:
        real = pd.read_parquet(path)
        shares = [share_told(real, real, n, given.draws) for n in SEEN]
        shares += [share_told(real, first_windows(real, 2), SEEN[-1], given.draws)]
        print(f"{path.parent.name}, as recorded", *(f"{one:.3f}" for one in shares))
    people = simulate_recordings(n_subjects=given.people, minutes=given.minutes, sfreq=128, seed=77)
    honest = features(people)
    for name, fault in {"as recorded": lambda one: one, **FAULTS}.items():
        table = features([fault(one) for one in people])
        shares = [share_told(honest, table, n, given.draws) for n in SEEN]
        shares += [share_told(honest, first_windows(table, 1), SEEN[-1], given.draws)]
        print(name, *(f"{one:.3f}" for one in shares), flush=True)


if __name__ == "__main__":
    main()
