"""A sensor that is missing at prediction, for every model."""

import numpy as np
import pandas as pd
import pytest

from physio_vad import build_pipeline
from physio_vad.exceptions import MissingSensorWarning
from physio_vad.regressors import MODELS
from physio_vad.regressors.models import takes_estimator
from physio_vad.regressors.sensors import INTERCEPT, PENALTIES, sensor_errors

SENSORS = {"eda": 2, "ppg": 2, "temperature": 1}


@pytest.fixture(scope="module")
def people():
    """Skin and pulse follow the rating, the pulse more; temperature follows the skin."""
    random = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([[f"s{i}" for i in range(10)], [0], range(24)])
    index.names = ["subject", "trial", "window"]
    course = random.normal(size=len(index))
    names = [f"{name}__{i}" for name, n in SENSORS.items() for i in range(n)]
    X = pd.DataFrame(random.normal(size=(len(index), len(names))), index, names)
    X[["eda__0", "ppg__0"]] += np.outer(course, [1.0, 2.0])
    X["temperature__0"] = 33 + 0.5 * X["eda__0"] + 0.1 * X["temperature__0"]
    y = pd.DataFrame({"valence": course, "arousal": 5 - course}, index)
    return X, y + 0.3 * random.normal(size=y.shape)


def rmse(predicted, y):
    return np.sqrt(((np.asarray(predicted) - y.to_numpy()) ** 2).mean(axis=0))


QUICK = {
    "stack": {"members": ("ridge", "extra_trees_joint")},
    "shared": {"max_epochs": 60},
}


def estimators_of(name, cls):
    """What a model is tried with; those that choose none are asked with the default."""
    return ("lightgbm", "ridge") if name in QUICK or takes_estimator(cls) else ("blend",)


CASES = [
    *((name, estimator) for name, cls in MODELS.items() for estimator in estimators_of(name, cls)),
    ("multioutput", "blend"),
    ("multioutput", "extra_trees"),
]


@pytest.mark.filterwarnings("ignore::physio_vad.exceptions.MissingSensorWarning")
@pytest.mark.parametrize(
    ("model", "estimator"), [one for one in CASES if one[0] not in QUICK or one[1] == "ridge"]
)
def test_it_is_as_if_the_model_had_never_known_the_sensor(people, model, estimator):
    X, y = people
    made = (
        MODELS[model](groups="subject", random_state=0, **QUICK[model])
        if model in QUICK
        else build_pipeline(model, estimator=estimator, random_state=0)
    )
    train = X.index.get_level_values("subject") < "s6"
    seen, test = X[~train], y[~train]
    without = made.fit(X[train].drop(columns=["ppg__0", "ppg__1"]), y[train])
    best = rmse(without.predict(seen.drop(columns=["ppg__0", "ppg__1"])), test)
    fitted = made.fit(X[train], y[train])
    complete, mean = rmse(fitted.predict(seen), test), rmse(y[train].mean(), test)
    filled = rmse(fitted.predict(seen.assign(ppg__0=np.nan, ppg__1=np.nan)), test)
    assert (complete < 0.9 * best).all()  # the sensor matters
    assert (filled < 1.1 * best).all()
    assert (filled < mean).all()
    nothing = fitted.predict(seen * np.nan)
    np.testing.assert_allclose(nothing, [y[train].mean()] * len(seen))


@pytest.mark.parametrize("estimator", ["lightgbm", "blend"])
def test_a_single_missing_value_is_not_read_as_0(people, estimator):
    X, y = people
    fitted = build_pipeline(estimator=estimator, random_state=0).fit(X, y)
    there = fitted.predict(X)
    some = np.arange(len(X)) % 3 == 0
    holed = fitted.predict(X.assign(temperature__0=X["temperature__0"].mask(some)))
    as_0 = fitted.predict(X.assign(temperature__0=X["temperature__0"].mask(some, 0.0)))
    np.testing.assert_array_equal(holed[~some], there[~some])
    assert (np.abs(holed - there).mean(axis=0) < 0.5 * np.abs(as_0 - there).mean(axis=0)).all()


def test_one_warning_says_which_sensor_and_what_it_costs(people):
    X, y = people
    fitted = build_pipeline(random_state=0).fit(X, y)
    person = X.loc[["s3", "s4"]]
    person.loc["s3", ["ppg__0", "ppg__1"]] = np.nan
    with pytest.warns(MissingSensorWarning) as caught:
        fitted.predict(person)
    assert len(caught) == 1
    said = str(caught[0].message)
    errors = fitted[-1]._missing.errors
    assert "no ppg of s3; it is filled in from what is there (eda, temperature)" in said
    expected = f"without ppg valence {errors.without['ppg'][0]:.3g} (with it {errors.full[0]:.3g}, "
    assert expected + f"training mean {errors.mean[0]:.3g}), arousal" in said
    assert errors.full[0] < errors.without["ppg"][0] < errors.mean[0]


def test_the_worth_of_a_sensor_is_the_error_of_a_ridge_without_it():
    random = np.random.default_rng(1)
    Z, folds, weight = random.normal(size=(90, 5)), np.arange(90) % 3, random.uniform(1, 2, 90)
    Y = np.column_stack([Z[:, 0] + Z[:, 3], Z[:, 4]]) + random.normal(size=(90, 2))
    Y[:20, 1] = np.nan
    found = sensor_errors(Z, Y, weight, folds, {"a": [0, 1], "b": [3]}, ["x", "y"])
    for target, column in enumerate(Y.T):
        used = ~np.isnan(column)
        for block, error in (
            ([], found.full),
            ([0, 1], found.without["a"]),
            ([3], found.without["b"]),
        ):
            kept = [place for place in range(5) if place not in block]
            D = np.column_stack([Z[:, kept], np.full(90, INTERCEPT)])
            losses = []
            for penalty in PENALTIES:
                loss = 0.0
                for fold in range(3):
                    a, b = used & (folds != fold), used & (folds == fold)
                    gram = (D[a].T * weight[a]) @ D[a]
                    gram += penalty * weight[used].sum() * np.eye(len(gram))
                    coef = np.linalg.solve(gram, (D[a].T * weight[a]) @ column[a])
                    loss += (weight[b] * (column[b] - D[b] @ coef) ** 2).sum()
                losses.append(loss)
            expected = np.sqrt(min(losses) / weight[used].sum())
            assert error[target] == pytest.approx(expected, rel=1e-6)


def test_a_target_of_one_fold_has_no_error():
    Z, folds = np.eye(4), np.array([0, 0, 1, 1])
    Y = np.array([[1.0, 1.0], [2.0, 3.0], [3.0, np.nan], [5.0, np.nan]])
    found = sensor_errors(Z, Y, None, folds, {"a": [0], "b": [1]}, ["x", "y"])
    assert np.isfinite(found.full[0])
    assert np.isnan(found.full[1])
    assert "y" not in found.cost_of(["a"])
    assert "without a x" in found.cost_of(["a"])


@pytest.mark.parametrize("model", MODELS)
def test_a_row_that_lacks_one_rating_teaches_the_other(people, model):
    X, y = people
    y = y.mask(np.random.default_rng(1).random(y.shape) < [0.0, 0.5])
    rated = y.notna().all(axis=1)
    made = (
        MODELS[model](groups="subject", random_state=0, **QUICK[model])
        if model in QUICK
        else build_pipeline(model, estimator="ridge" if takes_estimator(MODELS[model]) else "blend")
    )
    whole = made.fit(X, y).predict(X)[:, 0]
    assert np.abs(whole - made.fit(X[rated], y[rated]).predict(X)[:, 0]).max() > 1e-3
