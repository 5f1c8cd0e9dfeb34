"""Correlation within people: its p and its sentence, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from physio_vad.evaluation import Evaluation, Rows
from physio_vad.evaluation.shuffling import Shuffler
from physio_vad.evaluation.within import within_sentence


def people(truth, answer, **others) -> Evaluation:
    """One row a person."""
    n_people, n_windows = truth.shape
    table = pd.DataFrame({"subject": np.repeat([f"s{i:03}" for i in range(n_people)], n_windows)})
    table = table.assign(trial="1", window=np.tile(np.arange(n_windows), n_people))
    table = table.assign(start=0.0, stop=1.0, stimulus=None, fold=0, **others)
    table = table.assign(valence=truth.ravel(), valence_predicted=answer.ravel())
    return Evaluation(table, {"targets": ["valence"]})


@pytest.mark.parametrize(
    ("n_people", "n_windows", "n_draws"), [(2, 30, 99), (25, 5, 80), (210, 5, 10)]
)
def test_p_is_that_of_a_normal_sum_of_drawn_shifts(n_people, n_windows, n_draws) -> None:
    rng = np.random.default_rng(n_people)
    truth = rng.normal(size=(n_people, n_windows))
    answer = 0.2 * truth + rng.normal(size=truth.shape)
    evaluation = people(truth, answer)
    table, draws = evaluation.predictions, np.random.default_rng(0)
    names = ("subject", "trial", "window", "start", "stop", "stimulus")
    shuffler = Shuffler(Rows(*(table[name].to_numpy() for name in names)))

    def r(ratings):
        return [np.corrcoef(*pair)[0, 1] for pair in zip(ratings, answer, strict=True)]

    chance = np.array(
        [r(truth.ravel()[shuffler.draw(draws)].reshape(truth.shape)) for _ in range(n_draws)]
    )
    spread = np.sqrt(2 * chance.var(axis=0, ddof=1).sum())
    expected = stats.norm.sf((np.sum(r(truth)) - chance.mean(axis=0).sum()) / spread)
    assert evaluation.within_people().loc["valence", "p"] == pytest.approx(expected, rel=1e-9)


def test_digits_that_a_mean_leaves_are_no_variation() -> None:
    truth = np.array([[0.1, 0.2, 0.4], [0.7, 0.7, 0.7], [1.0, 1 + 1e-9, 1 - 1e-9]])
    assert truth[1].mean() != 0.7
    answer = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [0.7, 0.7, 0.7]])
    row = people(truth, answer).within_people().loc["valence"]
    first = np.corrcoef(truth[0], answer[0])[0, 1]
    assert row["value"] == pytest.approx((first + 0) / 2)  # a constant prediction tells nothing
    answer[2] = [0.0, 1.0, -1.0]
    row = people(truth, answer).within_people().loc["valence"]
    assert row["value"] == pytest.approx((first + 1) / 2)


def test_what_is_not_shown_is_said_at_the_level(make_evaluation) -> None:
    evaluation = make_evaluation(8, 40, seed=3)
    answer = evaluation.predictions["valence_predicted"].to_numpy()
    evaluation.predictions["valence_predicted"] = np.roll(answer, 40)  # of the person before
    p = evaluation.within_people()["p"].iloc[0]
    assert 0.05 < p < 0.95
    said = within_sentence(evaluation, "valence")
    assert said.startswith("That the body follows valence within people is not shown (r ")
    assert said.endswith(f", p {p:.3f}).")
    shown = within_sentence(evaluation, "valence", level=1 - p - 0.01)
    assert shown.startswith("The body follows valence within people (r ")


def test_small_p_is_said_to_be_small(make_evaluation) -> None:
    evaluation = make_evaluation(30, 60)
    assert evaluation.within_people()["p"].iloc[0] < 0.001
    assert ", p below .001), " in within_sentence(evaluation, "valence")
