"""Inner folds tell the truth about people never seen; those of shuffled rows do not."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from physio_vad.pipeline import build_pipeline
from physio_vad.regressors import MODELS, MultiOutput, SharedNetwork, Stack, make_estimator
from physio_vad.regressors.groups import resolve_groups

N_ROWS = 40


def simulated_people(seed, n_subjects, *, n_features=12, targets="va", habit=0.6, gain=0.0):
    """Ratings with a strong habit of each person; features with offsets that give them away."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"s{i:03}" for i in range(n_subjects)], ["1"], range(N_ROWS)],
        names=["subject", "trial", "window"],
    )
    subject = np.repeat(np.arange(n_subjects), N_ROWS)
    latent = rng.normal(size=(len(index), len(targets)))
    gains = np.exp(gain * rng.normal(size=(n_subjects, n_features)))[subject] if gain else 1.0
    X = gains * (latent @ rng.normal(size=(len(targets), n_features)))
    X += rng.normal(size=(len(index), n_features))
    X += 1.5 * rng.normal(size=(n_subjects, n_features))[subject]
    Y = 0.5 * latent + habit * rng.normal(size=(n_subjects, len(targets)))[subject]
    Y += 0.2 * rng.normal(size=Y.shape)
    names = [f"f{i}" for i in range(n_features)]
    y = pd.DataFrame(Y, index=index, columns=list(targets))
    return pd.DataFrame(X, index=index, columns=names), y


def squares(X, y, train, test):
    """Squared error of the model and of the training mean."""
    trees = make_estimator("lightgbm").set_params(n_estimators=25, learning_rate=0.2)
    guess = MultiOutput(trees, random_state=0).fit(X[train], y[train]).predict(X[test])
    return np.array([((y[test] - one) ** 2).to_numpy().sum() for one in (guess, y[train].mean())])


def out_of_fold(X, y, folds):
    return sum(squares(X, y, folds != k, folds == k) for k in np.unique(folds))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("habit", "gain", "n_features"),
    [
        pytest.param(0.6, 0.0, 12, id="offsets"),
        pytest.param(0.6, 0.3, 24, id="offsets and gains"),
    ],
)
def test_inner_folds_agree_with_people_held_out(habit, gain, n_features):
    """Out-of-fold R2 inside the training sides of five outer folds, and that of the test sides.

    Where habits are so strong that hardly any R2 is left (1.0), the largest difference of eight
    seeds is .13.
    """
    off_by_subject, off_by_row = [], []
    for seed in range(8):
        X, y = simulated_people(seed, 20, habit=habit, gain=gain, n_features=n_features)
        outer = resolve_groups(X, len(X), "subject").folds(5, seed)
        held, by_subject, by_row = np.zeros((3, 2))
        for k in range(5):
            train = outer != k
            inner_X, inner_y = X[train], y[train]
            held += squares(X, y, train, ~train)
            people = resolve_groups(inner_X, len(inner_X), "subject").folds(4, seed)
            rows = resolve_groups(inner_X.to_numpy(), len(inner_X)).folds(4, seed)
            by_subject += out_of_fold(inner_X, inner_y, people)
            by_row += out_of_fold(inner_X, inner_y, rows)
        truth, inside, rows_inside = (1 - a / b for a, b in (held, by_subject, by_row))
        off_by_subject.append(abs(inside - truth))
        off_by_row.append(rows_inside - truth)
    assert np.mean(off_by_subject) <= 0.06
    assert np.max(off_by_subject) <= 0.12
    assert np.min(off_by_row) > 0.2


SMALL = {
    "stack": Stack(("lightgbm", "ridge"), cv=3, groups="subject", random_state=0),
    "shared": SharedNetwork((16,), max_epochs=30, cv=3, groups="subject", random_state=0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MODELS))
def test_permuted_ratings_give_no_skill(name):
    skills = []
    for seed in range(20):
        X, y = simulated_people(seed, n_subjects=15)
        order = np.random.default_rng(seed).permutation(15)
        blocks = y.to_numpy().reshape(15, N_ROWS, -1)[order]
        shuffled = np.random.default_rng(seed).permuted(blocks, axis=1).reshape(len(y), -1)
        y = pd.DataFrame(shuffled, index=y.index, columns=y.columns)
        new = X.index.get_level_values("subject") >= "s010"
        model = SMALL.get(name) or build_pipeline(name, random_state=0)
        guess = model.fit(X[~new], y[~new]).predict(X[new])
        error = ((y[new] - guess) ** 2).to_numpy().mean()
        skills.append(1 - np.sqrt(error / ((y[new] - y[~new].mean()) ** 2).to_numpy().mean()))
    assert ttest_1samp(skills, 0, alternative="greater").pvalue > 0.01
