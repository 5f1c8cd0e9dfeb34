import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from physio_vad.evaluation import Rows, as_tables, check_leakage, evaluate
from physio_vad.exceptions import ArgumentError


@pytest.fixture
def arrays(make_tables):
    """What a table says, as arrays in another order of rows."""
    X, y = make_tables(5, 4, 3, stimuli=True)
    order = np.random.default_rng(0).permutation(len(X))
    order = order[np.argsort(X.index.get_level_values("window")[order], kind="stable")]
    X, y = X.iloc[order], y.iloc[order]
    subjects, trials, _ = (X.index.get_level_values(k) for k in range(3))
    return X, y, subjects.to_numpy(), trials.to_numpy(), ("film " + trials.str[1:]).to_numpy()


def test_arrays_are_scored_like_the_tables_they_came_from(arrays) -> None:
    X, y, subjects, trials, stimuli = arrays
    tables = as_tables(
        X.to_numpy(),
        y.to_numpy(),
        groups=subjects,
        trials=trials,
        stimuli=stimuli,
        targets=list(y),
        scale=y.attrs["scale"],
    )
    assert tables[1].index.equals(y.index)
    one, two = evaluate(Ridge(), X, y), evaluate(Ridge(), *tables)
    pd.testing.assert_frame_equal(one.baselines, two.baselines)
    pd.testing.assert_series_equal(one.skill, two.skill)
    assert "stimulus_mean" in two.info["baselines"]
    assert [found.check for found in check_leakage(*tables)] == ["repeated_stimuli"]
    split = evaluate(Ridge(), *tables, cv="leave-stimulus-out")
    assert split.info["n_folds"] == 4


def test_a_trial_is_a_stretch_with_one_stimulus() -> None:
    X, y = as_tables(
        np.zeros((6, 1)),
        np.arange(6.0),
        groups=[1, 1, 1, 1, 2, 2],
        stimuli=["a", "a", "b", "a", None, "b"],
    )
    rows = Rows.of(X, y)
    assert rows.trials.tolist() == ["1", "1", "2", "3", "1", "2"]
    assert rows.windows.tolist() == [0, 1, 0, 0, 0, 0]
    assert rows.stimuli.tolist() == ["a", "a", "b", "a", None, "b"]
    assert list(X), list(y) == (["x"], ["target"])


def test_without_stimuli_a_person_is_one_trial() -> None:
    ratings = pd.Series([1.0, 2.0, 3.0], name="arousal", index=[7, 8, 9])
    X, y = as_tables(pd.DataFrame({"hr": [1, 2, 3]}), ratings, groups=["a", "b", "a"])
    assert y.index.tolist() == [("a", "1", 0), ("b", "1", 0), ("a", "1", 1)]
    assert (list(X), list(y)) == (["hr"], ["arousal"])
    assert y.attrs == {}


def test_what_does_not_fit() -> None:
    X, y = np.zeros((3, 2)), np.zeros(3)
    with pytest.raises(ArgumentError, match=r"groups must have one entry .* \(3,\), got \(2,\)"):
        as_tables(X, y, groups=["a", "b"])
    with pytest.raises(ArgumentError, match="groups must not be missing, got none in row 1"):
        as_tables(X, y, groups=["a", None, "b"])
    with pytest.raises(ArgumentError, match="X has 3 rows and y has 2"):
        as_tables(X, y[:2], groups=["a", "b", "c"])
    with pytest.raises(ArgumentError, match="trial a/1 has 2 stimuli, first 'sea' and 'storm'"):
        as_tables(X, y, groups=list("aab"), trials=[1, 1, 1], stimuli=["sea", "storm", "sea"])
    with pytest.raises(ArgumentError, match=r"as_tables\(X, y, groups=subjects\)"):
        evaluate(Ridge(), X, y)
