"""What folds keep in memory, and that nothing of it changes what a model or a baseline is given."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from physio_vad import evaluate
from physio_vad.evaluation.fold_rows import FoldRows
from physio_vad.evaluation.rows import Rows
from physio_vad.evaluation.training_table import TrainingTable

FOLDS = {
    "one person left out": ([0, 1, 4, 5], [2, 3]),
    "some rows in neither": ([0, 1, 4, 5], [2]),
    "few rows": ([0], [2, 3]),
    "not in order": ([5, 1, 4, 0], [2, 3]),
    "rows repeated": ([0, 1, 1, 4, 5], [2, 3]),
    "from the end": ([-6, -5, -2, -1], [2, 3]),
    "one row on both sides": ([0, 1, 2, 4, 5], [2, 3]),
}


@pytest.mark.parametrize("name", FOLDS)
def test_rows_come_back_as_given(name):
    train, test = map(np.array, FOLDS[name])
    folds = FoldRows(6, [(train, test), (test, train)])
    assert [side.tolist() for pair in folds for side in pair] == [
        side.tolist() for side in (train, test, test, train)
    ]
    assert [side.tolist() for side in folds.tests] == [test.tolist(), train.tolist()]
    assert folds.n_train == [len(train), len(test)]
    values = np.arange(12.0).reshape(6, 2) ** 2
    np.testing.assert_allclose(folds.training_sums(values)[0], values[train].sum(axis=0))


def test_memory_does_not_grow_with_people_times_rows():
    rows = np.arange(2000)
    folds = FoldRows(2000, ((np.delete(rows, slice(i, i + 2)), rows[i : i + 2]) for i in rows[::2]))
    kept = sum(kept.nbytes for kept, _, _ in folds._folds)
    assert kept == 2000 * rows.itemsize
    np.testing.assert_array_equal(folds[3][0], np.delete(rows, [6, 7]))


def table_of(layout, sizes=(3, 3, 2, 5)):
    index = pd.MultiIndex.from_tuples(
        [(f"S{who}", "1", window) for who, n in enumerate(sizes) for window in range(n)],
        names=["subject", "trial", "window"],
    )
    values = np.random.default_rng(0).normal(size=(len(index), 3))
    table = pd.DataFrame(np.array(values, order=layout), index, columns=["a", "b", "c"])
    table.attrs = {"window": {"length": 10.0, "step": 10.0}}
    return table


def sides(table):
    who = table.index.get_level_values("subject")
    return [np.flatnonzero(who != name) for name in who.unique()]


@pytest.mark.parametrize("kind", ["C", "F", "mixed", "no columns"])
def test_training_rows_are_those_of_the_table(kind):
    table = table_of(kind if kind in "CF" else "C")
    if kind == "mixed":
        table["n"] = 1
    if kind == "no columns":
        table = table[[]]
    place = TrainingTable(table)
    for rows in [*sides(table), np.array([4, 4, 0]), np.array([1])]:
        taken = place.take(rows)
        pd.testing.assert_frame_equal(taken, table.iloc[rows])
        assert taken.attrs == table.attrs
        assert taken.to_numpy().flags.c_contiguous == table.iloc[rows].to_numpy().flags.c_contiguous
        del taken


@pytest.mark.parametrize("layout", ["C", "F"])
def test_people_alike_in_size_share_one_place(layout):
    table = table_of(layout, sizes=(4, 4, 4, 4))
    place = TrainingTable(table)
    addresses = {place.take(rows).to_numpy().ctypes.data for rows in sides(table)}
    assert len(addresses) == 1


@pytest.mark.parametrize("hold", [lambda X: X, lambda X: X.to_numpy(), lambda X: X["b"]])
def test_what_somebody_holds_is_never_overwritten(hold):
    table = table_of("C", sizes=(4, 4, 4))
    place, held = TrainingTable(table), []
    for rows in sides(table):
        held.append((hold(place.take(rows)), hold(table.iloc[rows])))
    for one, wanted in held:
        np.testing.assert_array_equal(np.asarray(one), np.asarray(wanted))


def test_a_model_may_change_its_features():
    table = table_of("C", sizes=(4, 4, 4))
    before, place = table.copy(), TrainingTable(table)
    for rows in sides(table):
        taken = place.take(rows)
        pd.testing.assert_frame_equal(taken, before.iloc[rows])
        taken.iloc[:, 0] = 99.0
        taken.loc[:, "b"] = 99.0
        taken *= 2
        del taken
    pd.testing.assert_frame_equal(table, before)


class Hoarder(RegressorMixin, BaseEstimator):
    """A model that keeps what it was given, as nearest neighbours do, and shows it outside."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y):
        """Keep all."""
        self.seen.append((X, np.asarray(X)))
        return self

    def predict(self, X):
        """Answer something."""
        return np.zeros((len(X), 1))


def test_evaluate_gives_each_fold_its_own_rows():
    table = table_of("C", sizes=(4, 4, 4))
    Hoarder.seen.clear()
    evaluate(Hoarder(), table, table[["a"]].rename(columns={"a": "valence"}))
    assert len(Hoarder.seen) == 3
    for (frame, values), rows in zip(Hoarder.seen, sides(table), strict=True):
        pd.testing.assert_frame_equal(frame, table.iloc[rows])
        np.testing.assert_array_equal(values, table.iloc[rows].to_numpy())


def test_groups_are_those_of_the_keys_not_of_their_names():
    unknown = np.full(4, np.nan)
    labels = np.array(["a", "a", "b", None], dtype=object)
    rows = Rows(labels, labels.copy(), np.arange(4), unknown, unknown, labels.copy())
    for key in (rows.subjects, rows.stimuli, np.array([7, 8, 7, 8]), rows.subjects):
        codes, n_groups = rows.group_codes((key,))
        wanted = pd.factorize(key)[0]
        assert codes.tolist() == [n_groups if one < 0 else one for one in wanted]
    mine = np.array([7, 8, 7, 8])
    assert rows.group_codes((rows.starts, mine))[0].tolist() == [0, 0, 0, 0]
    assert rows.group_codes((rows.subjects, mine))[0].tolist() == [0, 1, 2, 3]
    assert rows.group_codes((rows.windows, rows.subjects))[0].tolist() == [0, 1, 2, 3]
