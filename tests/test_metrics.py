import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from physio_vad.exceptions import ArgumentError
from physio_vad.metrics import METRICS, Moments

TRUTH = np.array([1.0, 2.0, 3.0, 6.0])
ANSWER = np.array([2.0, 2.0, 5.0, 5.0])


def test_by_hand() -> None:
    # errors 1, 0, 2, -1; means 3 and 3.5; var 3.5 and 2.25; covariance (3+1.5+0+4.5)/4 = 2.25
    expected = {
        "rmse": np.sqrt(1.5),
        "mae": 1.0,
        "mse": 1.5,
        "r": 2.25 / np.sqrt(3.5 * 2.25),
        "ccc": 2 * 2.25 / (3.5 + 2.25 + 0.25),
        "r2": 1 - 1.5 / 3.5,
    }
    assert list(METRICS) == list(expected), "work it out by hand here"
    for name, value in expected.items():
        assert METRICS[name](TRUTH, ANSWER) == pytest.approx(value, abs=1e-15)


def test_agrees_with_others() -> None:
    rng = np.random.default_rng(0)
    truth, answer = rng.normal(5, 2, 500), rng.normal(4, 3, 500)
    assert METRICS["r"](truth, answer) == pytest.approx(stats.pearsonr(truth, answer)[0])
    assert METRICS["mse"](truth, answer) == pytest.approx(mean_squared_error(truth, answer))
    assert METRICS["mae"](truth, answer) == pytest.approx(mean_absolute_error(truth, answer))
    assert METRICS["r2"](truth, answer) == pytest.approx(r2_score(truth, answer))


@pytest.mark.parametrize("constant", [0.0, 5.1, -1e6])
def test_a_constant_has_neither_r_nor_ccc(constant: float) -> None:
    answer = np.full(4, constant)
    assert METRICS["r"](TRUTH, answer) == 0
    assert METRICS["ccc"](TRUTH, answer) == 0
    assert METRICS["ccc"](answer, TRUTH) == 0
    assert METRICS["ccc"](answer, answer) == 0
    assert np.isnan(METRICS["r"](answer, TRUTH))
    assert np.isnan(METRICS["r2"](answer, TRUTH))


def test_missing_truth_is_left_out() -> None:
    truth = np.append(TRUTH, [np.nan, np.nan])
    answer = np.append(ANSWER, [100.0, -100.0])
    for metric in METRICS.values():
        assert metric(truth, answer) == metric(TRUTH, ANSWER)
        assert np.isnan(metric(truth[-2:], answer[-2:]))


def test_columns_are_scored_each() -> None:
    truth = np.column_stack([TRUTH, TRUTH[::-1]])
    truth[0, 1] = np.nan
    answer = np.column_stack([ANSWER, ANSWER])
    for metric in METRICS.values():
        alone = [metric(truth[:, column], answer[:, column]) for column in (0, 1)]
        np.testing.assert_array_equal(metric(truth, answer), alone)


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"same shape .* \(4,\) and \(3,\)"):
        METRICS["rmse"](TRUTH, ANSWER[:3])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1e4, 1e4))
def test_parts_pool_to_the_whole(seed: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=60) + offset
    answer = rng.normal(size=60) + 0.5 * truth
    truth[rng.random(60) < 0.2] = np.nan
    parts = rng.integers(0, 5, 60)
    moments = Moments.of(truth, answer, parts, 6)
    counts = rng.integers(0, 3, (1, 6))
    counts[0, parts[0]] = 1
    rows = np.concatenate(
        [np.flatnonzero(parts == part) for part in np.repeat(range(6), counts[0])]
    )
    for name, metric in METRICS.items():
        whole = float(metric.formula(moments.pool())[0])
        assert whole == pytest.approx(metric(truth, answer), rel=1e-6, abs=1e-8), name
        drawn = float(metric.formula(moments.pool(counts))[0])
        assert drawn == pytest.approx(
            metric(truth[rows], answer[rows]), rel=1e-6, abs=1e-8, nan_ok=True
        ), name


def test_no_truth_at_all_is_nan() -> None:
    moments = Moments.of(np.full(3, np.nan), np.zeros(3)).pool()
    assert all(np.isnan(metric.formula(moments)).all() for metric in METRICS.values())


@pytest.mark.parametrize("name", METRICS)
def test_a_weight_of_two_is_the_row_twice(name):
    weight = np.array([1, 2, 1, 2])
    twice = np.repeat(np.arange(4), weight)
    whole = METRICS[name](np.asarray(TRUTH)[twice], np.asarray(ANSWER)[twice])
    assert METRICS[name](TRUTH, ANSWER, weight) == pytest.approx(whole, abs=1e-12)
