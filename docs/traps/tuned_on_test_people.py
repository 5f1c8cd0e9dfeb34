"""
Tuning on the test people
=========================

Try two hundred settings, leave one person out for each, and report the best score. Every single
score is honest. The best of them is not: it was chosen by the people it is reported for.

The tables are noise again: 10 people, 30 features, **nothing to find**. A setting is a choice of
three features, as somebody makes it who looks for "the markers that work". To see more than one
lucky draw, the whole study is repeated ten times.
"""

import numpy as np
import pandas as pd

PEOPLE, ROWS, FEATURES, SETTINGS = 10, 12, 30, 200


def predictions(X, y, settings, train, test):
    """Least squares on some people, for another one: (rows, settings), all settings at once."""
    known, rated = X[train].reshape(-1, FEATURES + 1), y[train].ravel()
    square, product = known.T @ known, known.T @ rated
    square = square[settings[:, :, None], settings[:, None, :]]
    coef = np.linalg.solve(square, product[settings][:, :, None])[:, :, 0]
    return (X[test][:, settings] * coef).sum(axis=-1)


def r(rated, predicted):
    """Correlation of the rating with each column of predictions."""
    rated, predicted = rated - rated.mean(), predicted - predicted.mean(axis=0)
    return rated @ predicted / np.sqrt((rated**2).sum() * (predicted**2).sum(axis=0))


def left_out(X, y, settings, people):
    """Mean over people of r between rating and prediction, each predicted from the others."""
    scores = []
    for person in people:
        others = [one for one in people if one != person]
        predicted = predictions(X, y, settings, others, person)
        scores.append(r(y[person], predicted))
    return np.mean(scores, axis=0)


def study(seed):
    """One study on noise: a setting on average, the best of all, and an honest search."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(PEOPLE, ROWS, FEATURES + 1)), rng.normal(size=(PEOPLE, ROWS))
    X[:, :, 0] = 1.0  # the intercept
    settings = [[0, *(1 + rng.choice(FEATURES, 3, replace=False))] for _ in range(SETTINGS)]
    settings, people = np.array(settings), list(range(PEOPLE))
    scores = left_out(X, y, settings, people)

    honest = []
    for person in people:  # looked at once, at the end; the search knows the others only
        others = [one for one in people if one != person]
        best = settings[[np.argmax(left_out(X, y, settings, others))]]
        predicted = predictions(X, y, best, others, person)
        honest.append(r(y[person], predicted)[0])
    return scores.mean(), scores.max(), np.mean(honest)


names = ["a setting, on average", "wrong: best of 200 settings", "honest: search inside each fold"]
studies = pd.DataFrame([study(seed) for seed in range(10)], columns=names)
studies.agg(["mean", "min", "max"]).T.round(2)

# %%
# Mean, smallest and largest of ten studies, each on its own noise. The best setting looks like a
# finding every time. Nobody peeked at a test label on purpose.
#
# What to do
# ----------
# A search is part of training. `nested_search` puts it there: it makes a pipeline that searches
# inside each fold, by person, and `evaluate` and `compare_models` give the score of people that
# no search has seen. ``physio-vad tune`` does the same from the shell and does not print the
# other number at all.
