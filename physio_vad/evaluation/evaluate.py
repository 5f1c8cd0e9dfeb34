"""Fit on one side, predict the other, for model and baselines alike."""

from __future__ import annotations

import contextlib
import json
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray, Progress
from physio_vad.column_names import columns_by_modality
from physio_vad.evaluation.baselines import BASELINES, Baseline, Fold, fill_gaps, training_mean
from physio_vad.evaluation.design import Design, Limits, make_design
from physio_vad.evaluation.findings import prediction_notes, share_clipped
from physio_vad.evaluation.folds import predict_folds
from physio_vad.evaluation.leakage import Evidence, Finding, run_checks
from physio_vad.evaluation.levels import level_notes
from physio_vad.evaluation.model_names import made_of, model_name, seeds_of
from physio_vad.evaluation.movement import movement
from physio_vad.evaluation.result import Evaluation
from physio_vad.exceptions import ArgumentError
from physio_vad.metrics import METRICS
from physio_vad.modalities import MODALITIES
from physio_vad.registry import Registry

LIBRARIES = (
    "physio_vad",
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "lightgbm",
    "mne",
    "neurokit2",
)
"""Their versions are kept with every evaluation."""


def evaluate(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    cv: Any = "leave-one-subject-out",
    metrics: Sequence[str] | None = None,
    baselines: Sequence[str] | Mapping[str, Baseline] | None = None,
    scale: Limits | Mapping[str, Limits] | None = None,
    as_live: pd.DataFrame | Sequence[pd.DataFrame] | None = None,
    allow_leakage: bool = False,
    n_jobs: int | None = None,
    random_state: int | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Score a pipeline on people (or trials, or times) that it was not fitted on.

    Parameters
    ----------
    pipeline : estimator
        Anything with `fit` and `predict`; each fold fits its own clone.
    X : DataFrame
        Feature table or raw window table, row index ``(subject, trial, window)``, or
        ``(subject, trial)`` where a row is a trial.
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
    scale : (low, high) or mapping of str to (low, high), optional
        Range of all targets, or of each, where ``y.attrs["scale"]`` does not say it: a table that
        went through a CSV file has lost it. Without a scale its midpoint is no baseline, which a
        finding says.
    as_live : DataFrame or sequence of DataFrame, optional
        Features of the same rows as a stream computes them, without what comes after
        (`live_features`). Models learn from `X` and the test sides are predicted from these rows,
        so that the score is that of the application; of several delays the first one is scored.
        ``info["live"]`` holds the scores from `X` as ``whole``, and for each delay ``scores`` and
        how far features move (`movement`).
    allow_leakage : bool
        Go on although a subject, trial or overlapping window stands on both sides. The result is
        marked.
    n_jobs : int, optional
        Folds fitted at the same time, as in joblib, at most one a core. What runs inside a fold
        gets the cores that are left.
    random_state : int, optional
        Seed of splits that draw.
    progress : callable, optional
        Called as ``progress("folds", done, total)``.

    Returns
    -------
    Evaluation
        Predictions of the test sides, and all scores computed from them; `findings` are what the
        leak checks saw, and notes on predictions off the scale or all alike.

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
    Predictions are clipped to the scale of each target that declares one; ``info["clipped"]`` holds
    the share that lay outside, and a finding gives the score without clipping where they are many.

    Plain arrays, with the subject, trial and stimulus of each row, become tables by `as_tables`.

    Rows without any rating reach `fit` only where the pipeline has a step named ``normalise``,
    which may learn from a person's unlabelled or rest windows; the models of this package mask
    missing ratings. All test rows reach `predict`; those with a rating are scored.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> index = pd.MultiIndex.from_product(
    ...     [["anna", "ben", "cleo"], ["1", "2"], [0, 1]], names=["subject", "trial", "window"]
    ... )
    >>> X = pd.DataFrame({"scl": np.arange(12.0) * 5 % 7}, index=index)
    >>> y = pd.DataFrame({"arousal": 2 * X["scl"] + 1})
    >>> evaluate(Ridge(alpha=1e-6), X, y).summary()["rmse"].round(3)
    target
    arousal    0.0
    Name: rmse, dtype: float64
    """
    design = make_design(
        X,
        y,
        cv,
        allow_leakage=allow_leakage,
        random_state=random_state,
        scale=scale,
        as_live=as_live,
    )
    return evaluate_plan(
        pipeline, design, metrics=metrics, baselines=baselines, n_jobs=n_jobs, progress=progress
    )


def evaluate_plan(
    pipeline: Any,
    design: Design,
    *,
    metrics: Sequence[str] | None = None,
    baselines: Sequence[str] | Mapping[str, Baseline] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    check: bool = True,
) -> Evaluation:
    """Score a pipeline on folds that are drawn and checked.

    Parameters
    ----------
    pipeline : estimator
        Cloned for each fold.
    design : Design
        Tables and folds.
    metrics : sequence of str, optional
        As in `evaluate`.
    baselines : sequence of str or mapping of str to Baseline, optional
        As in `evaluate`.
    n_jobs : int, optional
        As in `evaluate`.
    progress : callable, optional
        As in `evaluate`.
    check : bool
        Whether to run the leak checks.

    Returns
    -------
    Evaluation
        Predictions and scores.
    """
    metric_names = _names(metrics, METRICS)
    chosen = _baselines(baselines)
    begin = perf_counter()
    runs = predict_folds(pipeline, design, n_jobs=n_jobs, progress=progress)
    outputs = [run.output for run in runs]
    seconds = {
        "fit": float(np.mean([run.fit for run in runs])),
        "predict": float(np.mean([run.predict for run in runs])),
        "all": perf_counter() - begin,
    }
    table, applicable = _prediction_table(design, outputs, chosen, asked=baselines is not None)
    evidence = Evidence(design, table)
    findings = run_checks(evidence) if check else []
    if check:
        findings += prediction_notes(design, [run.unbounded for run in runs])
        findings += level_notes(pipeline, evidence)
    if check and baselines is None:
        findings += _undeclared(design)
    info = {
        "targets": list(design.targets),
        "metrics": metric_names,
        "baselines": applicable,
        "scale": {name: list(limits) for name, limits in design.scale.items()},
        "clipped": share_clipped(design, [run.unbounded for run in runs]),
        "window": dict(design.y.attrs.get("window", {})),
        "level": "window" if "window" in design.X.index.names else "trial",
        "cv": design.cv,
        "n_folds": len(design.splits),
        "new_people": design.tests_new_people,
        "random_state": design.random_state,
        "seeds": seeds_of(pipeline),
        "seconds": seconds,
        "versions": dict(_versions()),
        "n_features": int(design.X.shape[1]),
        "pipeline": repr(pipeline),
        "model": model_name(pipeline),
        "estimator": made_of(pipeline),
        "sensors": sorted(set(columns_by_modality(design.X.columns)) & set(MODALITIES)),
        "findings": [finding.as_dict() for finding in findings],
    }
    evaluation = Evaluation(table, info)
    if design.as_live:
        beside = [
            _prediction_table(design, list(outputs), chosen, asked=baselines is not None)[0]
            for outputs in zip(*(run.beside for run in runs), strict=True)
        ]
        whole, *others = (Evaluation(one, dict(info)) for one in beside)
        info["live"] = _live_note(design, whole, [evaluation, *others])
    return evaluation


def _live_note(design: Design, whole: Evaluation, live: list[Evaluation]) -> dict[str, Any]:
    """Say how rows were computed, what they and those of whole recordings score, what moved."""
    delays = [
        {
            **rows.attrs.get("live", {}),
            "scores": _plain(one.summary()),
            "movement": _plain(movement(design.X, rows)),
        }
        for rows, one in zip(design.as_live, live, strict=True)
    ]
    return {"whole": _plain(whole.summary()), "delays": delays}


def _plain(table: pd.DataFrame) -> Any:
    return json.loads(table.to_json(orient="index", double_precision=15))


def predict_plan(
    pipeline: Any,
    design: Design,
    *,
    baselines: Sequence[str] | Mapping[str, Baseline] | None = None,
    n_jobs: int | None = None,
) -> Evaluation:
    """Predict as `evaluate_plan` does, and nothing else: no checks, no notes.

    Parameters
    ----------
    pipeline, design, baselines, n_jobs : object
        As in `evaluate_plan`.

    Returns
    -------
    Evaluation
        Predictions of model and baselines.
    """
    outputs = [run.output for run in predict_folds(pipeline, design, n_jobs=n_jobs)]
    table, applicable = _prediction_table(
        design, outputs, _baselines(baselines), asked=baselines is not None
    )
    return Evaluation(table, {"targets": list(design.targets), "baselines": applicable})


def _undeclared(design: Design) -> list[Finding]:
    """Note the targets whose scale nobody declared, for one baseline is missing then."""
    lacking = [name for name in design.targets if name not in design.scale]
    if not lacking:
        return []
    return [
        Finding(
            "note",
            "no_scale",
            f"no scale is declared for {', '.join(lacking)}",
            "The scale's midpoint is not among the baselines.",
            "Give evaluate scale=(low, high), or set y.attrs['scale']; a CSV file loses the "
            "attributes of y (scale, times, stimuli), a parquet file keeps them.",
        )
    ]


@cache  # read from files, ten times as slow as scoring a small table
def _versions() -> dict[str, str]:
    """Name the versions that can change a number."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _prediction_table(
    design: Design, outputs: list[FloatArray], baselines: Mapping[str, Baseline], *, asked: bool
) -> tuple[pd.DataFrame, list[str]]:
    rows, tests = design.rows, design.splits.tests
    ratings = design.y.to_numpy(dtype=float)
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
    mean, answers = _baseline_answers(design, baselines)
    for column, target in enumerate(design.targets):
        columns[target] = ratings[test, column]
        columns[f"{target}_predicted"] = prediction[:, column]
    applicable = []
    for name in baselines:
        answer = fill_gaps(answers[name], mean)
        if np.isnan(answer).all():
            if asked:
                raise ArgumentError(
                    f"baseline {name!r} does not apply: the split {design.cv!r} or y.attrs (scale, "
                    "stimulus) give it nothing to say"
                )
            continue
        applicable.append(name)
        for column, target in enumerate(design.targets):
            columns[f"{target}_{name}"] = answer[:, column]
    table = pd.DataFrame(columns)[~rows.rest[test]]
    for target in design.targets:
        if table[[f"{target}_{name}" for name in applicable]].isna().all(axis=None):
            raise ArgumentError(f"no baseline applies to {target!r}: add 'training_mean'")
    return table.reset_index(drop=True), applicable


def _baseline_answers(
    design: Design, baselines: Mapping[str, Baseline]
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Ask all baselines about fold after fold; the training mean fills their gaps."""
    ratings, means = design.y.to_numpy(dtype=float), []
    answers: dict[str, list[FloatArray]] = {name: [] for name in baselines}
    for train, test in design.splits:
        fold = Fold(
            design.rows, ratings, train, test, design.targets, design.scale, design.chronological
        )
        means.append(training_mean(fold))
        for name, baseline in baselines.items():
            answers[name].append(baseline(fold))
    return np.concatenate(means), {name: np.concatenate(one) for name, one in answers.items()}


def _names(chosen: Sequence[str] | None, known: Registry[Any]) -> list[str]:
    if chosen is None:
        return list(known)
    names = [chosen] if isinstance(chosen, str) else list(chosen)
    if not names:
        raise ArgumentError(f"at least one {known.what} is needed; None takes all")
    for name in names:
        known.find(name)
    return names


def _baselines(chosen: Sequence[str] | Mapping[str, Baseline] | None) -> dict[str, Baseline]:
    if isinstance(chosen, Mapping) and chosen:
        return dict(chosen)
    names = _names(list(chosen) if isinstance(chosen, Mapping) else chosen, BASELINES)
    return {name: BASELINES[name] for name in names}
