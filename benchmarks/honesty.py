"""What the evaluation promises, measured on simulated people: nulls, intervals, labelled minutes.

``python benchmarks/honesty.py`` prints, in about five minutes of one core,

* the share of p-values at or below .05 where there is nothing to find, by whole trials, by circular
  shift, and for a twin that permutes rows;
* the power of `permutation_test(statistic="r_subject")`, and of the p beside each evaluation, where
  20 people see the same 8 films and the body follows what they feel by r = .35 within them, and the
  share of nulls that they call something (``interval_coverage.py`` does intervals over people);
* how often conformal intervals from 20 people hold on 100 fresh ones, over 20 sets;
* the mean RMSE of calibrated predictions as a share of the plain one, over 20 sets of 20 people,
  with the share of people made worse.

Errors last and differ in size from person to person; people have offsets and gains, or not.
"""

import argparse
from unittest import mock

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from sklearn.base import BaseEstimator, RegressorMixin

from physio_vad.evaluation import (
    Evaluation,
    GroupedKFold,
    as_tables,
    calibrate,
    conformal_intervals,
    evaluate,
    permutation,
    permutation_test,
)

WORLDS = {
    "no offsets, no gains": {},
    "errors that last long": {"memory": 0.97},
    "gains of SD 0.5": {"gain": 0.5},
    "offsets of SD 1.2": {"offset": 1.2},
    "offsets, errors that last long": {"offset": 1.2, "memory": 0.97},
}


class Line(RegressorMixin, BaseEstimator):
    """Ridge without the checks that take most of its time on small tables."""

    def fit(self, X, y):
        """Solve for the coefficients."""
        X, y = X.to_numpy(), y.to_numpy()
        self.mean_, self.centre_ = X.mean(axis=0), y.mean(axis=0)
        X = X - self.mean_
        penalty = 0.1 * len(X) * np.eye(X.shape[1])
        self.coef_ = np.linalg.solve(X.T @ X + penalty, X.T @ (y - self.centre_))
        return self

    def predict(self, X):
        """Predict."""
        return (X.to_numpy() - self.mean_) @ self.coef_ + self.centre_


class RowShuffler(permutation.Shuffler):
    """The twin that is wrong: rows change places within people, trials or not."""

    def draw(self, rng):
        """Draw the row whose ratings each row gets."""
        source = np.arange(self.n_rows)
        for trials in self.people.values():
            rows = np.concatenate(trials)
            source[rows] = rng.permutation(rows)
        return source


def whole_trials(seed):
    """Four people, five trials of six windows; each trial has its ratings and its body."""
    rng = np.random.default_rng(seed)
    body = np.repeat(rng.normal(size=(20, 2)), 6, axis=0) + 0.3 * rng.normal(size=(120, 2))
    y = np.repeat(rng.normal(size=(20, 10)), 6, axis=0)
    trials = np.tile(np.repeat(np.arange(5), 6), 4)
    return as_tables(body, y, groups=np.repeat(list("abcd"), 30), trials=trials)


def one_trial(seed):
    """Five people with one trial of 40 windows; ratings and body drift, each for itself."""
    noise = np.random.default_rng(seed).normal(size=(5, 40, 12))
    walk = lfilter([1], [1, -0.8], noise, axis=1).reshape(200, 12)
    return as_tables(walk[:, :2], walk[:, 2:], groups=np.repeat(list("abcde"), 40))


def share_significant(make, n_tables):
    p = [
        permutation_test(
            Line(),
            *make(seed),
            cv=GroupedKFold(2, random_state=0),
            baselines=["training_mean"],
            n_permutations=19,
            random_state=seed,
        ).p_values
        for seed in range(n_tables)
    ]
    return float((np.array(p) <= 0.05).mean())


def films(seed, r, n_people=20, n_trials=8):
    """Twenty people, eight films; the body follows what each feels, within people by r."""
    rng = np.random.default_rng(seed)
    felt = rng.normal(size=n_trials) + rng.normal(size=(n_people, n_trials))
    within = felt - felt.mean(axis=1, keepdims=True)
    within /= within.std(axis=1, keepdims=True)
    body = r * within + np.sqrt(1 - r**2) * rng.normal(size=felt.shape)
    X = np.column_stack([body.ravel(), rng.normal(size=(felt.size, 2))])
    trials = np.tile([f"film {number}" for number in range(n_trials)], n_people)
    people = np.repeat([f"s{number:02d}" for number in range(n_people)], n_trials)
    return as_tables(X, felt.ravel(), groups=people, trials=trials, stimuli=trials)


def found_within_people(r, n_studies):
    """Share of studies with p at or below .05: r_subject, skill, and beside an evaluation."""
    cv, p = GroupedKFold(5, random_state=0), []
    for seed in range(n_studies):
        X, y = films(seed, r)
        tests = [
            permutation_test(
                Line(), X, y, cv=cv, statistic=one, n_permutations=19, random_state=seed
            ).p_values.iloc[0]
            for one in ("r_subject", "skill")
        ]
        p.append([*tests, evaluate(Line(), X, y, cv=cv).within_people()["p"].iloc[0]])
    return (np.array(p) <= 0.05).mean(axis=0)


def simulate(n_people, n_windows, seed, *, offset=0.0, gain=0.0, uneven=0.0, memory=0.8):
    """Predict continuous ratings of windows of 10 s every 5 s with errors of SD about 1."""
    rng = np.random.default_rng(seed)
    shape = (n_people, n_windows)

    def lasting(memory):
        return lfilter([np.sqrt(1 - memory**2)], [1, -memory], rng.normal(size=shape), axis=1)

    answer = 5 + 0.7 * lasting(0.95)
    own = offset * rng.normal(size=(n_people, 1))
    own = own + (answer - 5) * gain * rng.normal(size=(n_people, 1))
    error = np.exp(uneven * rng.normal(size=(n_people, 1))) * lasting(memory)
    start = np.tile(5.0 * np.arange(n_windows), n_people)
    predictions = pd.DataFrame(
        {
            "subject": np.repeat([f"s{number:03d}" for number in range(n_people)], n_windows),
            "trial": "1",
            "window": np.tile(np.arange(n_windows), n_people),
            "start": start,
            "stop": start + 10,
            "stimulus": None,
            "fold": np.repeat(np.arange(n_people), n_windows),
            "valence": (answer + own + error).ravel(),
            "valence_predicted": answer.ravel(),
            "valence_training_mean": 5.0,
        }
    )
    info = {"targets": ["valence"], "metrics": ["rmse"], "baselines": ["training_mean"]}
    return Evaluation(predictions, {**info, "scale": {}, "cv": "leave-one-subject-out"})


def coverage(asked, *, correct, n_sets):
    """Cover 100 fresh people by the residuals of 20; by window, and the share far below."""
    shares = []
    for seed in range(n_sets):
        known = simulate(20, 60, seed, offset=0.7, uneven=0.4)
        half = conformal_intervals(known, asked, correct=correct).half_widths["valence"]
        fresh = simulate(100, 60, 1000 + seed, offset=0.7, uneven=0.4).predictions
        inside = (fresh["valence"] - fresh["valence_predicted"]).abs() <= half
        shares.append(inside.groupby(fresh["subject"]).mean())
    people = pd.concat(shares)
    return people.mean(), (people < asked - 0.1).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tables", type=int, default=25, help="ten ratings each")
    parser.add_argument("--nulls", type=int, default=200)
    parser.add_argument("--sets", type=int, default=20)
    arguments = parser.parse_args()
    print(f"share of {10 * arguments.tables} p-values at or below .05, nothing to find")
    for name, make in (("whole trials", whole_trials), ("circular shift", one_trial)):
        print(f"  {name:16} {share_significant(make, arguments.tables):.3f}")
    with mock.patch.object(permutation, "Shuffler", RowShuffler):
        print(f"  {'rows (wrong)':16} {share_significant(whole_trials, arguments.tables):.3f}")
    print("\nfound at .05 within 20 people and 8 films: r_subject, skill, p beside an evaluation")
    for r, count in ((0.35, arguments.nulls // 4), (0.0, arguments.nulls)):
        shares = found_within_people(r, count)
        print(f"  r {r:.2f}, {count} studies: " + ", ".join(f"{one:.3f}" for one in shares))
    print(f"\ncoverage of 100 fresh people by 20, {arguments.sets} sets")
    for asked in (0.8, 0.9):
        for name, correct in (("pooled", False), ("corrected", True)):
            share, below = coverage(asked, correct=correct, n_sets=arguments.sets)
            print(
                f"  {asked:.0%} asked, {name:9} {share:.1%}, {below:.1%} of people more than 10 "
                "points below"
            )
    print(f"\nRMSE after labelled minutes, share of the plain one, {arguments.sets} sets of 20")
    for name, world in WORLDS.items():
        curves = [
            calibrate(simulate(20, 119, seed, **world)).curve for seed in range(arguments.sets)
        ]
        means = pd.concat(curves).groupby(level="minutes")[["ratio", "worse"]].mean()
        cells = [
            f"{k:g} min {row.ratio:.3f} ({row.worse:.0%} worse)" for k, row in means.iterrows()
        ]
        print(f"  {name}: " + ", ".join(cells))


if __name__ == "__main__":
    main()
