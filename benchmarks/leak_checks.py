"""Leak checks: how often they accuse honest studies, and how often they name leaks.

``python benchmarks/leak_checks.py`` prints, in about three minutes of one core,

* the share of honest studies that get an error or a warning, by check: simulated recordings as the
  README starts (3 people, 2 minutes), and tables of 3 to 20 people with what honest tables hold:
  slow signals, outliers, counts, shares, gaps, columns known in three rows or constant in a person
  or a trial, the time of day, ratings by trial, by joystick or by block;
* the share of leaky twins of such tables that the check of that leak names, by people.

Stimuli that people share, and a column standardised by subject, are facts and no false alarms.
"""

import argparse
from collections import Counter

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from physio_vad import check_leakage, extract_features, make_windows, simulate_recordings


def recorded(seed, coupling=None):
    """Three people, two minutes, two sensors; half of the body at most follows the ratings."""
    coupling = seed % 3 / 4 if coupling is None else coupling
    recordings = simulate_recordings(n_subjects=3, minutes=2.2, seed=seed, coupling=coupling)
    windows, y = make_windows([one.crop(0, 120) for one in recordings], length=10, step=5)
    return extract_features(windows, ["ppg", "eda"]), y


def pure(seed):
    """Three people whose bodies do nothing but follow their ratings, as in no real study."""
    return recorded(seed, coupling=1.0)


def tables(seed, n_people=None, *, coupling=None):
    """Draw an honest study of 3 to 20 people: who, how long, which ratings, which columns."""
    rng = np.random.default_rng(seed)
    n_people = n_people or int(rng.integers(3, 21))
    n_trials = int(rng.choice([1, 2, 4, 8, 12]))
    n_windows = int(rng.integers(4, 12)) if n_trials > 1 else int(rng.integers(12, 60))
    index = pd.MultiIndex.from_product(
        [[f"s{i}" for i in range(n_people)], [f"t{i}" for i in range(n_trials)], range(n_windows)],
        names=["subject", "trial", "window"],
    )
    shape = (n_people, n_trials, n_windows)
    kind = ["trial", "joystick", "block"][seed % 3] if n_trials > 1 else "joystick"
    y = ratings(rng, shape, kind)
    coupling = rng.choice([0, 0.3, 1]) if coupling is None else coupling
    X = columns(rng, shape, (y - y.mean(axis=0)) @ np.ones(2) * coupling, int(rng.integers(4, 60)))
    y = pd.DataFrame(np.clip(y, 1, 9), index, ["valence", "arousal"])
    y.attrs = {"scale": dict.fromkeys(y, (1.0, 9.0)), "window": {"length": 10.0, "step": 10.0}}
    if seed % 2:
        films = {f"t{i}": f"film {i}" for i in range(n_trials)}
        y.attrs["stimulus"] = {f"s{i}": films for i in range(n_people)}
    return X.set_axis(index), y


def ratings(rng, shape, kind):
    """Two related ratings: whole numbers by trial, slow by joystick, or 1 to 3 block by block."""
    n_people, n_trials, n_windows = shape
    level = 5 + 0.8 * rng.normal(size=(n_people, 1, 1, 1))
    if kind == "joystick":
        noise = rng.normal(size=(n_people, n_trials * n_windows, 2))
        slow = lfilter([0.4], [1, -0.92], noise, axis=1).reshape(*shape, 2)
    elif kind == "block":
        slow = np.tile(np.arange(n_trials) % 3, (n_people, 1))[:, :, None, None] * np.ones(2)
    else:
        slow = 1.5 * rng.normal(size=(n_people, n_trials, 1, 2))
        level = np.round(level)
    mixed = slow if kind == "block" else slow @ np.array([[1, 0.5], [0, 0.9]])
    mixed = np.round(mixed) if kind == "trial" else mixed
    return np.broadcast_to(level + mixed, (*shape, 2)).reshape(-1, 2).copy()


def columns(rng, shape, drive, n_plain):
    """Make what honest tables hold; a third of the plain columns follow `drive`."""
    n_people, n_trials, n_windows = shape
    n = n_people * n_trials * n_windows
    memory = rng.choice([0, 0.6, 0.95])
    noise = lfilter(
        [1], [1, -memory], rng.normal(size=(n_people, n_trials * n_windows, n_plain)), axis=1
    )
    plain = 3 * noise.reshape(n, n_plain) + np.repeat(
        rng.normal(size=(n_people, n_plain)), n // n_people, 0
    )
    plain[:, ::3] += drive[:, None]
    X = pd.DataFrame(plain, columns=[f"eda__a{i}" for i in range(n_plain)])
    X["eda__outliers"] = rng.standard_t(1, n)
    X["eda__rounded"] = np.round(rng.normal(size=n), 1)
    X["ppg__lf"] = np.where(np.arange(n) % (n // 3) == 1, rng.normal(size=n), np.nan)
    X["eog__blinks"] = rng.choice([0, 0, 0, 1, 1.0], n)
    X["eda__peaks"] = rng.poisson(1.5, n)
    X["eeg__share"] = rng.beta(1, 1, n).round(3)
    X["eda__quality"] = (rng.uniform(size=n) > 0.05).astype(float)
    X["ppg__gaps"] = np.where(rng.uniform(size=n) < 0.3, np.nan, rng.normal(size=n))
    lost = np.repeat(rng.uniform(size=n_people * n_trials) < 0.2, n_windows)
    X["ecg__lost"] = np.where(lost, np.nan, rng.normal(size=n))
    X["age"] = np.repeat(rng.integers(18, 60, n_people), n // n_people)
    X["ecg__lf_of_trial"] = np.repeat(rng.normal(size=n_people * n_trials), n_windows)
    X["session_time"] = np.tile(10.0 * np.arange(n // n_people), n_people)
    X["room"] = np.repeat(rng.integers(0, 3, n_people * n_trials), n_windows)
    own = rng.normal(size=(n_people, n // n_people))
    own = (own - own.mean(axis=1, keepdims=True)) / own.std(axis=1, keepdims=True)
    if rng.uniform() < 0.2:
        X["eda__of_person"] = own.ravel()
    return X


def noisy(X, y, rng, r=0.95):
    """Add the rating with noise, which correlates with it by r."""
    spread = y["valence"].std() * np.sqrt(1 / r**2 - 1)
    return X.assign(gsr=y["valence"] + spread * rng.normal(size=len(y))), y


def same(X, y, rng):
    return X.assign(gsr=3 * y["valence"] + 0.01 * rng.normal(size=len(y))), y


def bent(X, y, _):
    return X.assign(gsr=np.exp(2 * y["valence"])), y


def personal(X, y, rng):
    people = X.index.get_level_values("subject")
    gain = pd.Series(rng.lognormal(0, 0.5, len(people.unique())), people.unique())
    offset = pd.Series(10 * rng.normal(size=len(gain)), gain.index)
    gsr = y["valence"].to_numpy() * gain[people].to_numpy() + offset[people].to_numpy()
    return X.assign(gsr=gsr), y


def halved(X, y, _):
    return X.assign(flag=(y["valence"] > y["valence"].median()).astype(float)), y


def gappy(X, y, rng):
    return X.assign(eda__gsr=rng.normal(size=len(y))).assign(
        eda__gsr=lambda one: one["eda__gsr"].where(y["valence"] <= y["valence"].quantile(0.7))
    ), y


def other(X, y, _):
    return X.assign(arousal=y["arousal"]), y[["valence"]]


def renamed(X, y, _):
    return X.assign(q2=(10 * y["arousal"]).round() // 10), y[["valence"]]


def numbered(X, y, _):
    order = np.argsort(y["valence"].to_numpy(), kind="stable")
    return X.iloc[order].assign(row=np.arange(len(y))), y.iloc[order]


def copied(X, y, rng):
    """Copy one person to another with noise of 2 % of the spread on all that is no count."""
    people, X = X.index.unique("subject"), X.copy()
    noise = 0.02 * X.std().to_numpy() * (X.nunique() > len(X) / 2).to_numpy()
    first = X.loc[people[0]].to_numpy()
    X.loc[people[1]] = first + noise * rng.normal(size=first.shape)
    return X, y


def repeated(X, y, _):
    people = X.index.unique("subject")
    X = X.copy()
    X.loc[people[1]] = X.loc[people[0]].to_numpy()
    return X, y


def selected(X, y, rng):
    noise = pd.DataFrame(rng.normal(size=(len(X), 2000)), X.index).add_prefix("eeg__")
    r = noise.corrwith(y["valence"]).abs()
    return noise[r.nlargest(20).index], y


def scaled(X, y, _):
    return (X - X.mean()) / X.std(), y


def encoded(X, y, _):
    return X.assign(person=y["valence"].groupby(level="subject").transform("mean")), y


def film(X, y, _):
    return X.assign(film=X.index.get_level_values("trial").str[1:].astype(float)), y


LEAKS = {
    "label_among_features": [same, noisy],
    "monotone_label": [bent],
    "personal_label": [personal],
    "binarised_label": [halved],
    "telling_gaps": [gappy],
    "row_number": [numbered],
    "other_rating": [other, renamed],
    "near_duplicates": [copied],
    "duplicate_rows": [repeated],
    "selected_columns": [selected],
    "fitted_outside": [scaled],
    "subject_encoding": [encoded],
    "stimulus_identity": [film],
}


def false_alarms(make, seeds):
    """Share of studies with an error, with a warning, and how often each check speaks."""
    found = Counter()
    for seed in seeds:
        X, y = make(seed)
        facts = {"repeated_stimuli"} | ({"fitted_outside"} if "eda__of_person" in X else set())
        findings = [
            one for one in check_leakage(X, y) if one.level != "warning" or one.check not in facts
        ]
        found.update({f"any {one.level}" for one in findings})
        found.update({f"{one.level} {one.check}" for one in findings})
    return {name: f"{count} of {len(seeds)}" for name, count in sorted(found.items())}


def hits(check, leak, n_people, seeds):
    """Share of leaky twins that the check names."""
    named = 0
    for seed in seeds:
        X, y = leak(*tables(seed, n_people), np.random.default_rng(seed))
        named += any(one.check == check for one in check_leakage(X, y))
    return named / len(seeds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--recorded", type=int, default=40)
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--twins", type=int, default=30)
    arguments = parser.parse_args()
    print("findings on honest studies (seeds from 0)")
    for name, make, count in (
        ("recordings", recorded, arguments.recorded),
        ("recordings of bodies that do nothing but follow the ratings", pure, arguments.recorded),
        ("tables", tables, arguments.tables),
    ):
        print(f"  {name}: {false_alarms(make, range(count)) or f'none in {count}'}")
    print(f"\nshare of {arguments.twins} leaky twins named, by people")
    for check, leaks in LEAKS.items():
        for leak in leaks:
            shares = [
                f"{n}: {hits(check, leak, n, range(1000, 1000 + arguments.twins)):.2f}"
                for n in (3, 6, 20)
            ]
            print(f"  {check:22} {leak.__name__:9} " + ", ".join(shares), flush=True)


if __name__ == "__main__":
    main()
