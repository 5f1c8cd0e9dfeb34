"""From the feature table, or raw windows, to every target: one scikit-learn pipeline."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from physio_vad.conditions import EncodeConditions
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.quality import quality_weights
from physio_vad.filling import FillMissing
from physio_vad.preprocessing import (
    OnlineScaler,
    SelectFeatures,
    SubjectScaler,
    TableScaler,
    check_select,
)
from physio_vad.regressors import MODELS, make_estimator
from physio_vad.regressors.base import MultiTargetRegressor

STEPS = ("features", "encode", "normalise", "impute", "scale", "select", "model")
"""Names of the steps of every pipeline, in their order."""

NORMALISE = {"subject": "session", "baseline": "baseline", "online": "the rows so far"}
"""Names for `normalise` and the rows that they take mean and standard deviation from."""


def build_pipeline(
    model: Any = "multioutput",
    *,
    estimator: Any = "blend",
    features: Any = None,
    normalise: Any = None,
    select: Any = None,
    targets: Sequence[str] | None = None,
    groups: str | None = "subject",
    weights: str | None = None,
    random_state: Any = None,
    n_jobs: int | None = None,
) -> Pipeline:
    """Put a plain scikit-learn pipeline together.

    Parameters
    ----------
    model : str or regressor
        A name in `MODELS`, such as "multioutput", "chain" or "stack", or any regressor for
        several targets.
    estimator : str or regressor
        What the model is made of: "blend", "lightgbm", "extra_trees", "ridge", "kernel_ridge",
        "svr", "elastic_net", or any scikit-learn regressor. Only for a named model that takes one.
    features : FeatureExtractor, optional
        Opens the raw door: X is then the window table. By default X is the feature table.
    normalise : {"subject", "baseline", "online"} or transformer, optional
        Standardise each feature within each subject: over the whole session ("subject"; needs it
        before the first prediction), over the rest period ("baseline"), or over the person's rows
        so far, beginning with the training people ("online", which can run live). Where
        people differ more than their windows do, as in most real recordings, and a person's whole
        recording is there, try "subject" first.
    select : int, float or transformer, optional
        Number or share of features that are kept.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order. By default all columns of y, in theirs:
        valence, arousal and dominance, or whatever was rated.
    groups : str or None
        Index level that holds the subject, for models with inner folds. For plain arrays give
        ``pipeline.fit(X, y, model__groups=...)``. None says that rows are independent.
    weights : {"quality"}, optional
        Fit the model with each row's quality as its weight (`QualityPipeline`). By default all
        rows count the same.
    random_state : int, optional
        Makes everything reproducible.
    n_jobs : int, optional
        Fits of the model that run side by side.

    Returns
    -------
    Pipeline
        Steps ``features, encode, normalise, impute, scale, select, model``.

    Raises
    ------
    ArgumentError
        If a name is unknown or a step is of the wrong kind.

    Notes
    -----
    Every pipeline has the same steps in the same order; one that is not used is
    ``"passthrough"``, so that grids and ``set_params`` never depend on options:

    ``features``
        the window table becomes the feature table;
    ``encode``
        columns of words of your own, such as a condition, become columns of 0 and 1
        (`EncodeConditions`);
    ``normalise``
        differences between people are taken out (`SubjectScaler`);
    ``impute``
        missing features become what the others let expect (`FillMissing`); left out before the
        models of this package, which do so themselves and know what it costs;
    ``scale``
        features get mean 0 and standard deviation 1 (`TableScaler`); left out before trees, or
        whatever takes NaN by its scikit-learn tag;
    ``select``
        the features that go best with any target (`SelectFeatures`);
    ``model``
        see `physio_vad.regressors`.

    All steps hand on DataFrames, and with them the row index that says who is who. A step that is
    swapped in later with ``set_params`` needs ``set_output(transform="pandas")`` for that.

    Examples
    --------
    >>> pipeline = build_pipeline("chain", estimator="ridge", random_state=0)
    >>> list(pipeline.named_steps)
    ['features', 'encode', 'normalise', 'impute', 'scale', 'select', 'model']
    >>> build_pipeline(estimator="lightgbm").named_steps["scale"]
    'passthrough'
    """
    regressor = _model(model, estimator, targets, groups, random_state, n_jobs)
    ours = isinstance(regressor, MultiTargetRegressor)
    scaled = regressor.wants_scaled if ours else not get_tags(regressor).input_tags.allow_nan
    level = "subject" if groups is None else groups
    steps = {
        "features": _transformer("features", features, "a FeatureExtractor"),
        "encode": EncodeConditions(),
        "normalise": _normaliser(normalise, level),
        "impute": "passthrough" if ours else FillMissing(),
        "scale": TableScaler() if scaled else "passthrough",
        "select": _selector(select, targets),
        "model": regressor,
    }
    if weights not in (None, *WEIGHTS):
        raise ArgumentError(unknown_name("weights", weights, WEIGHTS))
    kind = Pipeline if weights is None else WEIGHTS[weights]
    return kind([(name, steps[name]) for name in STEPS]).set_output(transform="pandas")


class QualityPipeline(Pipeline):  # type: ignore[misc]
    """A pipeline that fits its model with the quality of each row as its weight.

    The quality is that of the feature table, before any step changes it. Weights of one's own,
    ``fit(X, y, model__sample_weight=...)``, take its place.
    """

    def fit(self, X: Any, y: Any = None, **params: Any) -> QualityPipeline:
        """Fit every step.

        Parameters
        ----------
        X : DataFrame
            Feature table with its quality columns, or window table if there is an extractor.
        y : DataFrame of shape (n_rows, n_targets)
            Ratings.
        **params : dict
            Parameters of steps, as for `Pipeline`.
        """
        if "model__sample_weight" not in params:
            first = self.steps[0][1]
            table = X if first in ("passthrough", None) else first.fit_transform(X)
            params["model__sample_weight"] = quality_weights(table)
        super().fit(X, y, **params)
        return self


WEIGHTS: dict[str, type[Pipeline]] = {"quality": QualityPipeline}
"""Names for `weights` and the pipelines that make them."""


def deploy(
    pipeline: Pipeline, extractor: FeatureExtractor, *, length: float | None = None
) -> Pipeline:
    """Let a pipeline that was fitted on a feature table take raw windows, without a new fit.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, made by `build_pipeline`.
    extractor : FeatureExtractor
        Computes the features with the settings that made the table.
    length : float, optional
        Length of the windows of the training in seconds; windows of another length are warned
        about when predicting. By default what ``y.attrs["window"]`` said in training, which the
        models of `MODELS` remember.

    Returns
    -------
    Pipeline
        A copy whose first step is the extractor, fixed to the columns of the fitted table. Where
        a new recording lacks a sensor its columns are NaN and are filled in from the others; a
        `MissingSensorWarning` says which and what that costs.

    Raises
    ------
    ArgumentError
        If the pipeline already takes windows, was fitted on an array without column names, or on
        columns that the extractor does not know.
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    """
    check_is_fitted(pipeline)
    if pipeline.steps[0][0] != "features" or pipeline.steps[0][1] not in ("passthrough", None):
        raise ArgumentError(
            "deploy takes a pipeline of build_pipeline that was fitted on a feature table; the "
            f"first step of this one is {pipeline.steps[0]!r}"
        )
    columns = _fitted_columns(pipeline)
    known = list(extractor.made())
    unknown = [column for column in columns if column.split("__")[0] not in known]
    if unknown:
        raise ArgumentError(
            f"the pipeline was fitted on {len(unknown)} columns that the extractor does not give, "
            f"such as {unknown[0]!r}; its modalities are {', '.join(known)}"
        )
    raw = clone(extractor).set_params(columns=columns)
    raw.columns_ = raw.trained_columns_ = columns  # with the length all that fitting would find out
    raw.in_use_ = True
    trained = getattr(pipeline.steps[-1][1], "window_length_", None)
    raw.window_length_ = trained if length is None else float(length)
    raw.set_output(transform="pandas")
    steps = copy.deepcopy(pipeline.steps[1:])
    return Pipeline([("features", raw), *steps], memory=pipeline.memory, verbose=pipeline.verbose)


def _fitted_columns(pipeline: Pipeline) -> list[str]:
    for _, step in pipeline.steps:
        names = getattr(step, "feature_names_in_", None)
        if names is not None:
            return [str(name) for name in names]
    raise ArgumentError(
        "the pipeline was fitted on an array without column names; fit it on the feature table, a "
        "DataFrame, so that deploy knows which features it wants"
    )


def _model(
    model: Any,
    estimator: Any,
    targets: Sequence[str] | None,
    groups: str | None,
    random_state: Any,
    n_jobs: int | None,
) -> Any:
    if not isinstance(model, str):
        return make_estimator(model)
    regressor = MODELS.find(model)()
    takes = regressor.get_params(deep=False)
    if "estimator" in takes:
        regressor.set_params(estimator=make_estimator(estimator))
    elif not (isinstance(estimator, str) and estimator == "blend"):
        raise ArgumentError(
            f"model={model!r} is not made of a single estimator, got estimator={estimator!r}"
        )
    wanted = {
        "targets": None if targets is None else list(targets),
        "groups": groups,
        "random_state": random_state,
        "n_jobs": n_jobs,
    }
    return regressor.set_params(**{name: v for name, v in wanted.items() if name in takes})


def _normaliser(normalise: Any, level: str) -> Any:
    if isinstance(normalise, str) and normalise != "passthrough":
        if normalise not in NORMALISE:
            raise ArgumentError(unknown_name("normalise", normalise, NORMALISE))
        if normalise == "online":
            return OnlineScaler(groups=level)
        return SubjectScaler(NORMALISE[normalise], groups=level)
    return _transformer("normalise", normalise, "'subject', 'baseline', 'online' or a transformer")


def _selector(select: Any, targets: Sequence[str] | None) -> Any:
    if isinstance(select, int | float) and not isinstance(select, bool):
        check_select(select, "select")
        return SelectFeatures(select, targets=None if targets is None else list(targets))
    return _transformer("select", select, "a number, a share of the features or a transformer")


def _transformer(name: str, step: Any, kind: str) -> Any:
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return "passthrough"
    if isinstance(step, type) or not hasattr(step, "transform"):
        raise ArgumentError(f"{name} must be {kind}, or None, got {step!r}")
    return step
