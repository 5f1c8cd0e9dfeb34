"""Fit on one side, predict the other, for model and baselines alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, cpu_count, delayed, effective_n_jobs, parallel_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from physio_vad.evaluation.baselines import BASELINES, Baseline, Fold, fill_gaps, training_mean
from physio_vad.evaluation.borders import check_split, shared_parts
from physio_vad.evaluation.metrics import METRICS
from physio_vad.evaluation.result import Evaluation
from physio_vad.evaluation.rows import BoolArray, IntArray, Rows
from physio_vad.evaluation.splits import make_splitter
from physio_vad.exceptions import ArgumentError, GroupsError, PhysioVadError, unknown_name
from physio_vad.units import FloatArray

Split = tuple[IntArray, IntArray]


@dataclass(frozen=True, eq=False)
class Plan:
    """Checked input of an evaluation: the tables, who is in which row, and the folds.

    Parameters
    ----------
    X, y : DataFrame
        Features (or raw windows) and ratings, same index.
    rows : Rows
        Identity of the rows.
    splits : list of (train, test)
        Row numbers of each fold.
    cv : str
        What the split is called.
    chronological : bool
        Whether test rows of a subject come after its training rows.
    leaks : tuple of str
        What the sides share and must not, let through on request.
    """

    X: pd.DataFrame
    y: pd.DataFrame
    rows: Rows
    splits: list[Split]
    cv: str
    chronological: bool
    leaks: tuple[str, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """Name of each column of y."""
        return tuple(str(name) for name in self.y.columns)


def evaluate(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    cv: Any = "leave-one-subject-out",
    metrics: Sequence[str] | None = None,
    baselines: Sequence[str] | Mapping[str, Baseline] | None = None,
    allow_leakage: bool = False,
    n_jobs: int | None = None,
    random_state: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Evaluation:
    """Score a pipeline on people (or trials, or times) that it was not fitted on.

    Parameters
    ----------
    pipeline : estimator
        Anything with `fit` and `predict`; each fold fits its own clone.
    X : DataFrame
        Feature table or raw window table, row index ``(subject, trial, window)``.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index; NaN where there are none. ``y.attrs`` of `make_windows` gives the
        scale, the stimuli and the times.
    cv : str, splitter or iterable of (train, test)
        A name in `physio_vad.evaluation.SPLITS`, a scikit-learn splitter (it gets the subjects as
        groups), or row numbers of each fold.
    metrics : sequence of str, optional
        Names in `METRICS`; all by default.
    baselines : sequence of str or mapping of str to Baseline, optional
        Names in `BASELINES`, or your own; all that apply by default.
    allow_leakage : bool
        Go on although a subject, trial or overlapping window stands on both sides. The result is
        marked.
    n_jobs : int, optional
        Folds fitted at the same time, as in joblib, at most one a core. What runs inside a fold
        gets the cores that are left.
    random_state : int, optional
        Seed of splits that draw.
    progress : callable, optional
        Called with folds done and folds in all, after each fold.

    Returns
    -------
    Evaluation
        Predictions of the test sides, and all scores computed from them.

    Raises
    ------
    ArgumentError
        If the tables do not fit each other, no label is known, or a name is unknown.
    GroupsError
        If there are too few subjects, stimuli or times for the split.
    LeakageError
        If the sides of a fold share what they must not.
    PhysioVadError
        If a fold fails; it names fold and subjects, the cause is chained.

    Notes
    -----
    Rows without any rating reach `fit` only where the pipeline has a step named ``normalise``,
    which may learn from a person's unlabelled or rest windows; the models of this package mask
    missing ratings. All test rows reach `predict`; those with a rating are scored.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> index = pd.MultiIndex.from_product(
    ...     [["anna", "ben", "cleo"], ["1", "2"], [0, 1]], names=["subject", "trial", "window"]
    ... )
    >>> X = pd.DataFrame({"scl": np.arange(12.0) % 4}, index=index)
    >>> y = pd.DataFrame({"arousal": 2 * X["scl"] + 1})
    >>> evaluate(Ridge(alpha=1e-6), X, y).summary()["rmse"].round(3)
    target
    arousal    0.0
    Name: rmse, dtype: float64
    """
    metric_names = _names(metrics, METRICS, "metric")
    chosen = _baselines(baselines)
    plan = make_plan(X, y, cv, allow_leakage=allow_leakage, random_state=random_state)
    outputs = predict_folds(pipeline, plan, n_jobs=n_jobs, progress=progress)
    table, applicable = _prediction_table(plan, outputs, chosen, asked=baselines is not None)
    info = {
        "targets": list(plan.targets),
        "metrics": metric_names,
        "baselines": applicable,
        "scale": {name: list(limits) for name, limits in _scale(plan.y).items()},
        "window": dict(plan.y.attrs.get("window", {})),
        "cv": plan.cv,
        "n_folds": len(plan.splits),
        "random_state": random_state,
        "n_features": int(X.shape[1]),
        "pipeline": repr(pipeline),
        "leaks": list(plan.leaks),
    }
    return Evaluation(table, info)


def make_plan(
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    cv: Any,
    *,
    allow_leakage: bool = False,
    random_state: int | None = None,
) -> Plan:
    """Check the tables and draw the folds of an evaluation.

    Parameters
    ----------
    X, y, cv, allow_leakage, random_state
        As in `evaluate`.

    Returns
    -------
    Plan
        Folds whose test side has no rating are left out.
    """
    y = y.to_frame() if isinstance(y, pd.Series) else y
    rows = _check_tables(X, y)
    rated = y.notna().to_numpy()
    splitter = make_splitter(cv, random_state) if isinstance(cv, str) else cv
    shares = {
        name: bool(getattr(splitter, name, False)) for name in ("shares_subjects", "shares_trials")
    }
    splits: list[Split] = []
    leaks: dict[str, None] = {}
    for number, (train, test) in enumerate(_folds(splitter, X, y, rows)):
        if not allow_leakage:
            check_split(rows, train, test, **shares)
        leaks.update(dict.fromkeys(shared_parts(rows, train, test, **shares)))
        if rated[test].any():
            _check_rated(rated[train], rated[test], y, f"fold {number}{_whose(rows, test)}")
            splits.append((train, test))
    if not splits:
        raise ArgumentError("no fold has a rating on its test side: nothing to score")
    return Plan(
        X,
        y,
        rows,
        splits,
        cv if isinstance(cv, str) else _describe(cv),
        bool(getattr(splitter, "chronological", False)),
        tuple(leaks),
    )


def predict_folds(
    pipeline: Any,
    plan: Plan,
    *,
    n_jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[FloatArray]:
    """Fit a clone on the training side of each fold and predict its test side.

    Parameters
    ----------
    pipeline : estimator
        Cloned for each fold.
    plan : Plan
        Tables and folds.
    n_jobs, progress
        As in `evaluate`.

    Returns
    -------
    list of array of shape (n_test, n_targets)
        One a fold.
    """
    n_folds = len(plan.splits)
    cores = cpu_count()
    n_jobs = min(effective_n_jobs(n_jobs), cores, n_folds)
    tasks = (delayed(_predict_fold)(pipeline, plan, number) for number in range(n_folds))
    if n_jobs == 1:
        return _collect((task[0](*task[1], **task[2]) for task in tasks), n_folds, progress)
    with parallel_config("loky", inner_max_num_threads=max(1, cores // n_jobs)):
        outputs = Parallel(n_jobs=n_jobs, return_as="generator")(tasks)
        return _collect(outputs, n_folds, progress)


def _collect(
    outputs: Iterable[FloatArray], n_folds: int, progress: Callable[[int, int], object] | None
) -> list[FloatArray]:
    done = []
    for output in outputs:
        done.append(output)
        if progress is not None:
            progress(len(done), n_folds)
    return done


def _predict_fold(pipeline: Any, plan: Plan, number: int) -> FloatArray:
    train, test = plan.splits[number]
    if not takes_unrated(pipeline):
        train = train[plan.y.iloc[train].notna().any(axis=1).to_numpy()]
    try:
        model = clone(pipeline).fit(plan.X.iloc[train], plan.y.iloc[train])
        output = np.asarray(model.predict(plan.X.iloc[test]), dtype=float)
    except Exception as error:
        kind = type(error) if isinstance(error, PhysioVadError) else PhysioVadError
        raise kind(
            f"fold {number}{_whose(plan.rows, test)} failed: {type(error).__name__}: {error}"
        ) from error
    output = output.reshape(len(test), -1)
    where = f"fold {number}{_whose(plan.rows, test)}"
    if output.shape[1] != len(plan.targets):
        raise ArgumentError(
            f"{where}: the pipeline predicts {output.shape[1]} columns, y has "
            f"{len(plan.targets)} targets {plan.targets!r}"
        )
    if not np.isfinite(output).all():
        raise ArgumentError(f"{where}: the pipeline predicts NaN or Inf; impute missing features")
    return output


def takes_unrated(pipeline: Any) -> bool:
    """Tell whether rows without any rating are of use to a pipeline's `fit`."""
    if not isinstance(pipeline, Pipeline):
        return False
    return pipeline.named_steps.get("normalise") not in (None, "passthrough")


def _prediction_table(
    plan: Plan, outputs: list[FloatArray], baselines: Mapping[str, Baseline], *, asked: bool
) -> tuple[pd.DataFrame, list[str]]:
    rows, tests = plan.rows, [test for _, test in plan.splits]
    ratings = plan.y.to_numpy(dtype=float)
    scale = _scale(plan.y)
    folds = [
        Fold(rows, ratings, train, test, plan.targets, scale, plan.chronological)
        for train, test in plan.splits
    ]
    test = np.concatenate(tests)
    columns: dict[str, Any] = {
        "subject": rows.subjects[test],
        "trial": rows.trials[test],
        "window": rows.windows[test],
        "start": rows.starts[test],
        "stop": rows.stops[test],
        "stimulus": rows.stimuli[test],
        "fold": np.repeat(np.arange(len(tests)), [len(one) for one in tests]),
    }
    prediction = np.concatenate(outputs)
    mean = np.concatenate([training_mean(fold) for fold in folds])
    for column, target in enumerate(plan.targets):
        columns[target] = ratings[test, column]
        columns[f"{target}_predicted"] = prediction[:, column]
    applicable = []
    for name, baseline in baselines.items():
        answer = fill_gaps(np.concatenate([baseline(fold) for fold in folds]), mean)
        if np.isnan(answer).all():
            if asked:
                raise ArgumentError(
                    f"baseline {name!r} does not apply: the split {plan.cv!r} or y.attrs (scale, "
                    "stimulus) give it nothing to say"
                )
            continue
        applicable.append(name)
        for column, target in enumerate(plan.targets):
            columns[f"{target}_{name}"] = answer[:, column]
    table = pd.DataFrame(columns)[~rows.rest[test]]
    for target in plan.targets:
        if table[[f"{target}_{name}" for name in applicable]].isna().all(axis=None):
            raise ArgumentError(f"no baseline applies to {target!r}: add 'training_mean'")
    return table.reset_index(drop=True), applicable


def _check_tables(X: pd.DataFrame, y: pd.DataFrame) -> Rows:
    if not isinstance(X, pd.DataFrame) or not isinstance(y, pd.DataFrame):
        raise ArgumentError(
            "evaluate needs X and y as DataFrames with row index (subject, trial, window), got "
            f"{type(X).__name__} and {type(y).__name__}"
        )
    rows = Rows.of(X, y)
    if len(X) != len(y) or not X.index.equals(y.index):
        raise ArgumentError(_difference(X.index, y.index))
    doubles = X.index[X.index.duplicated()]
    if len(doubles):
        raise ArgumentError(
            f"{len(doubles)} rows of X repeat an index entry, first {tuple(doubles[0])!r}; each "
            "(subject, trial, window) stands once"
        )
    missing = y.isna().to_numpy()
    if missing.all():
        raise ArgumentError(
            f"all {len(y)} labels of {list(y.columns)!r} are missing: nothing to fit or to score"
        )
    return rows


def _difference(left: pd.Index, right: pd.Index) -> str:
    if len(left) != len(right):
        return (
            f"X has {len(left)} rows and y has {len(right)}: select the same rows of both, such "
            "as y = y.loc[X.index]"
        )
    row = next(
        number for number, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]
    )
    return (
        f"X and y must have the same row index in the same order; row {row} is {left[row]!r} in X "
        f"and {right[row]!r} in y: use y = y.loc[X.index]"
    )


def _folds(splitter: Any, X: pd.DataFrame, y: pd.DataFrame, rows: Rows) -> Iterator[Split]:
    if hasattr(splitter, "split"):
        splitter = splitter.split(X, y, rows.subjects)
    try:
        folds = [tuple(_numbers(side) for side in pair) for pair in splitter]
    except TypeError as error:
        raise ArgumentError(
            "cv must be the name of a split, a splitter or a list of (train, test) row numbers, "
            f"got {type(splitter).__name__}"
        ) from error
    for fold in folds:
        if len(fold) != 2:
            raise ArgumentError(f"each fold of cv must be (train, test), got {len(fold)} parts")
        yield fold[0], fold[1]


def _numbers(side: npt.ArrayLike) -> IntArray:
    side = np.asarray(side)
    return np.asarray(np.flatnonzero(side) if side.dtype == bool else side, dtype=np.intp)


def _check_rated(train: BoolArray, test: BoolArray, y: pd.DataFrame, where: str) -> None:
    lacking = [
        str(name)
        for name, asked, known in zip(y.columns, test.any(axis=0), train.any(axis=0), strict=True)
        if asked and not known
    ]
    if lacking:
        raise GroupsError(
            f"{where}: no training row has a rating of {lacking!r}; drop these targets from y, or "
            "take a split with more people on the training side"
        )


def _whose(rows: Rows, test: IntArray) -> str:
    people = [str(name) for name in pd.unique(rows.subjects[test])]
    more = f" and {len(people) - 3} more" if len(people) > 3 else ""
    return f" (subject {', '.join(map(repr, people[:3]))}{more} on the test side)"


def _names(chosen: Sequence[str] | None, known: Mapping[str, object], what: str) -> list[str]:
    if chosen is None:
        return list(known)
    names = [chosen] if isinstance(chosen, str) else list(chosen)
    if not names:
        raise ArgumentError(f"at least one {what} is needed; None takes all")
    for name in names:
        if name not in known:
            raise ArgumentError(unknown_name(what, name, known))
    return names


def _baselines(chosen: Sequence[str] | Mapping[str, Baseline] | None) -> dict[str, Baseline]:
    if isinstance(chosen, Mapping) and chosen:
        return dict(chosen)
    names = _names(list(chosen) if isinstance(chosen, Mapping) else chosen, BASELINES, "baseline")
    return {name: BASELINES[name] for name in names}


def _scale(y: pd.DataFrame) -> dict[str, tuple[float, float]]:
    scale = y.attrs.get("scale", {})
    return {str(name): scale[name] for name in y.columns if name in scale}


def _describe(cv: Any) -> str:
    return repr(cv) if hasattr(cv, "split") else "list of (train, test)"
