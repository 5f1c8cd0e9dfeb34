"""Saving fitted pipelines with what is needed to use them, and loading them with checks.

A model file is a plain joblib file with a note in JSON behind it, and the SHA-256 of both. All are
checked before anything is unpickled, so a file that is no model, is damaged or was made by other
versions is refused without running any of its code. A joblib file is a pickle all the same, and a
digest is no signature: **load only files from people you trust**.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from physio_vad._arrays import FloatArray
from physio_vad.atomic import replacing
from physio_vad.exceptions import ArgumentError, MissingExtraError, ModelFileError, PhysioVadWarning
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.inputs import Input, inputs_of_columns
from physio_vad.features.quality import SUFFIX, check_min_quality, row_quality
from physio_vad.model_bodies import Format, dump_body, load_body
from physio_vad.model_file import current_versions, join_parts, read_parts, version_differences
from physio_vad.recording.ratings import Scale, clip_to_scale
from physio_vad.validation import check_scale


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted pipeline and what it was trained on.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted pipeline.
    targets : tuple of str
        Names of the predicted columns.
    scale : mapping of str to (low, high)
        Declared range of each target, where there is one.
    columns : tuple of str
        Columns of the feature table in training.
    recipe : mapping
        The recipe that made it, as tables; empty if it was made by hand.
    versions : mapping of str to str
        Versions of Python and of the packages it was made with.
    window_length : float, optional
        Length of the windows of the training in seconds, where it is known.
    inputs : tuple of Input
        Sensors that the model takes: unit, channels and, where known, rate.
    half_widths : mapping of str to mapping of str to float
        By coverage (``"0.8"``) and target: half the width of the interval about a prediction.
    """

    pipeline: Pipeline
    targets: tuple[str, ...]
    scale: Scale = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    window_length: float | None = None
    inputs: tuple[Input, ...] = ()
    half_widths: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def predict(
        self,
        X: pd.DataFrame,
        *,
        interval: float | None = None,
        min_quality: float | None = None,
    ) -> pd.DataFrame:
        """Predict each target for each row.

        Parameters
        ----------
        X : DataFrame of shape (n_windows, n_features)
            Feature table with the training columns in any order; others are ignored. Or a window
            table, if the pipeline starts with an extractor.
        interval : float, optional
            Coverage of intervals, one of `half_widths`: adds ``<target>_low`` and
            ``<target>_high``, cut at the scale.
        min_quality : float, optional
            From 0 to 1: rows of a lower quality (`row_quality`) are withheld, NaN.

        Returns
        -------
        DataFrame of shape (n_windows, n_targets)
            Predictions on the native scale, with the index of `X`; those of a target with a
            declared scale are clipped to it. With `interval` or `min_quality` also `quality`, and
            `withheld`: why a row is withheld, else empty.

        Raises
        ------
        ArgumentError
            If `X` is no table, columns of the training are missing, or the model has no such
            interval.

        Warns
        -----
        PhysioVadWarning
            If windows have another length than those of the training. Of a feature table it is
            known by its ``attrs["window"]``, which a CSV file does not keep.
        MissingSensorWarning
            Once, if somebody lacks a sensor of the training, with what that costs.
        SignalWarning
            Once per recording, if windows are of one that lacks channels of the training.
        """
        pipeline = self.pipeline
        with_extractor = hasattr(pipeline.steps[0][1], "columns_")
        if not isinstance(X, pd.DataFrame):
            table = "windows: windows, _ = make_windows(read_recordings(...))"
            if not with_extractor:
                table = "a feature table: extract_features(windows)"
            raise ArgumentError(f"predict takes {table}; got {type(X).__name__}")
        if "recording" in X.columns and not with_extractor:
            raise ArgumentError(
                "this model takes feature tables and got a window table; extract the features "
                "first, or save deploy(pipeline, FeatureExtractor()) to predict from windows"
            )
        if "recording" not in X.columns:
            missing = [column for column in self.columns if column not in X.columns]
            if missing:
                raise ArgumentError(
                    f"{len(missing)} of the model's {len(self.columns)} columns are missing, the "
                    f"first {missing[:3]}; extract features with the modalities of its training, "
                    "and give columns that a recording lacks as NaN"
                )
            X = X[list(self.columns)]
            pipeline = pipeline[1:] if with_extractor else pipeline
        if interval is None and min_quality is None:
            return self._answers(pipeline, X)
        check_min_quality(min_quality)
        widths = None if interval is None else self.half_widths_of(interval)
        if "recording" in X.columns:
            X, pipeline = pipeline[0].transform(X), pipeline[1:]
        return self.graded(self._answers(pipeline, X), X, widths, min_quality)

    def _answers(self, pipeline: Pipeline, X: pd.DataFrame) -> pd.DataFrame:
        predicted = np.asarray(pipeline.predict(X)).reshape(len(X), len(self.targets))
        predicted = clip_to_scale(predicted, self.targets, self.scale)
        return pd.DataFrame(predicted, index=X.index, columns=list(self.targets))

    def half_widths_of(self, interval: float) -> Mapping[str, float]:
        """Look up the half-widths of a coverage.

        Parameters
        ----------
        interval : float
            Coverage, in (0, 1).

        Returns
        -------
        mapping of str to float
            By target.

        Raises
        ------
        ArgumentError
            If the model has no such interval.
        """
        found = self.half_widths.get(f"{interval:g}")
        if found is None:
            raise ArgumentError(
                f"the model has no intervals for interval={interval!r}, it has "
                f"{', '.join(self.half_widths) or 'none'}; save it with save_model(..., "
                "half_widths={0.8: conformal_intervals(evaluation, 0.8).half_widths})"
            )
        return found

    def graded(
        self,
        predicted: pd.DataFrame,
        features: pd.DataFrame,
        widths: Mapping[str, float] | None,
        min_quality: float | None,
    ) -> pd.DataFrame:
        """Put intervals and quality beside predictions, and withhold those of poor signal.

        Parameters
        ----------
        predicted : DataFrame of shape (n_windows, n_targets)
            Predictions.
        features : DataFrame of shape (n_windows, n_features)
            Feature table of the same rows.
        widths : mapping of str to float, optional
            Half-width by target.
        min_quality : float, optional
            Lowest quality of a prediction.

        Returns
        -------
        DataFrame
            As of `predict`.
        """
        table = predicted.copy()
        for target, half in (widths or {}).items():
            low, high = self.scale.get(target, (-np.inf, np.inf))
            table[f"{target}_low"] = (predicted[target] - half).clip(low, high)
            table[f"{target}_high"] = (predicted[target] + half).clip(low, high)
        quality = row_quality(features)
        poor = quality < (0.0 if min_quality is None else min_quality)
        table.loc[poor] = np.nan
        table["quality"] = quality
        table["withheld"] = np.where(poor, _why_withheld(features, quality, min_quality), "")
        return table


def save_model(
    path: str | os.PathLike[str],
    pipeline: Pipeline,
    *,
    targets: Sequence[str] | None = None,
    scale: Any = None,
    recipe: Mapping[str, Any] | None = None,
    inputs: Iterable[Input] | None = None,
    half_widths: Mapping[float, Mapping[str, float]] | None = None,
    format: Format = "joblib",  # noqa: A002  as skops and joblib users look for it
) -> Model:
    """Save a fitted pipeline with its targets, columns, recipe and package versions.

    Parameters
    ----------
    path : path
        File to write, usually ``*.joblib``; plain ``joblib.load`` can read it too. It is written
        to a temporary name and renamed.
    pipeline : Pipeline
        Fitted pipeline of `build_pipeline`.
    targets : sequence of str, optional
        Names of the predicted columns, in order; by default those that the model was fitted with.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of all targets or of each; by default what ``y.attrs["scale"]`` said when the
        model was fitted. Predictions stay within it.
    recipe : mapping, optional
        What `physio-vad predict` reads new recordings with: the tables of a recipe, such as
        ``load_recipe("pipelines/deap.toml").to_tables()``, or by hand ``{"layout": {"name":
        "eleven-column"}, "windows": {"length": 10, "step": 5}}``. Without it the file serves
        `load_model`, and on the command line it needs ``--recipe FILE``.
    inputs : iterable of Input, optional
        Sensors of the training, as `inputs_of` describes them; by default what the columns say,
        without rates.
    half_widths : mapping of float to mapping of str to float, optional
        By coverage: half-width by target, as ``conformal_intervals(evaluation, 0.8).half_widths``.
    format : {"joblib", "skops"}
        ``"skops"`` is the way to give a model to others: loading it runs no code of the file. It
        needs the extra ``[skops]`` here and there.

    Returns
    -------
    Model
        What `load_model` will give.

    Raises
    ------
    NotFittedError
        If the pipeline is not fitted.
    ArgumentError
        If `recipe` is no mapping, `targets` are not those of the model in their order, or `scale`
        names another.
    """
    check_is_fitted(pipeline)
    names = _target_names(pipeline, targets)
    declared = getattr(pipeline.steps[-1][1], "declared_scale_", {})
    if not isinstance(recipe, Mapping | None):
        raise ArgumentError(
            "recipe must be the tables of a recipe, load_recipe(file).to_tables(), got "
            f"{type(recipe).__name__}"
        )
    model = Model(
        pipeline,
        names,
        check_scale(declared if scale is None else scale, names),
        _training_columns(pipeline),
        dict(recipe or {}),
        current_versions(),
        _window_length(pipeline),
        inputs_of_columns(_training_columns(pipeline)) if inputs is None else tuple(inputs),
        _texts_of_widths(half_widths or {}),
    )
    note = {name: value for name, value in vars(model).items() if name != "pipeline"}
    note["inputs"] = [asdict(one) for one in model.inputs]
    note["half_widths"] = {
        coverage: {name: half if np.isfinite(half) else None for name, half in widths.items()}
        for coverage, widths in model.half_widths.items()
    }
    content = join_parts(dump_body(pipeline, format), json.dumps(note, default=str).encode())
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return model


def load_model(
    path: str | os.PathLike[str],
    *,
    on_mismatch: Literal["raise", "warn"] = "raise",
    trusted: Sequence[str] | None = None,
) -> Model:
    """Load a model file after checking that it fits the installed packages.

    Loading a file of the default format runs code from it: load only files from people you trust.
    One saved with ``format="skops"`` makes only types that are trusted.

    Parameters
    ----------
    path : path
        File that `save_model` wrote.
    on_mismatch : {"raise", "warn"}
        What to do when a package has another major or minor version than in training.
    trusted : sequence of str, optional
        Names of types that may be made beside those of this package's models
        (`physio_vad.model_bodies.TRUSTED`) and of skops; given, even empty, it refuses a pickle.

    Returns
    -------
    Model
        The fitted pipeline and what it was trained on; predictions equal those before saving to
        the last bit.

    Raises
    ------
    ModelFileError
        If the file is missing, no model file, damaged, or made by other versions.
    """
    if on_mismatch not in ("raise", "warn"):
        raise ArgumentError(f"on_mismatch must be 'raise' or 'warn', got {on_mismatch!r}")
    path = Path(path)
    body, note = read_parts(path)
    _check_versions(path, note["versions"], on_mismatch)
    try:
        with warnings.catch_warnings():
            if on_mismatch == "warn":  # said above, for all packages at once
                warnings.simplefilter("ignore")
            pipeline = load_body(body, trusted)
            first = pipeline.steps[0][1]
    except MissingExtraError:
        raise
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from None
    except Exception as error:
        raise ModelFileError(
            f"{path}: the model cannot be loaded ({error}); {_remedy(error)}"
        ) from error
    if isinstance(first, FeatureExtractor):
        first.in_use_ = True
    return _with_note(pipeline, note)


def _check_versions(path: Path, made: Mapping[str, str], on_mismatch: str) -> None:
    """Refuse, or warn of, other versions than those that a model was made with."""
    differences = version_differences(made)
    if differences:
        text = (
            f"{path}: made with other versions than the installed ones: {'; '.join(differences)}. "
            "Install those versions, or train again"
        )
        if on_mismatch == "raise":
            raise ModelFileError(text + '; on_mismatch="warn" loads it nevertheless')
        warnings.warn(text, PhysioVadWarning, stacklevel=3)


def _with_note(pipeline: Pipeline, note: Mapping[str, Any]) -> Model:
    """Put a pipeline and the note behind it together."""
    return Model(
        pipeline,
        tuple(note["targets"]),
        {name: (low, high) for name, (low, high) in note["scale"].items()},
        tuple(note["columns"]),
        note["recipe"],
        note["versions"],
        note.get("window_length"),
        tuple(Input(**one | {"channels": tuple(one["channels"])}) for one in note["inputs"]),
        {
            coverage: {name: np.inf if half is None else half for name, half in widths.items()}
            for coverage, widths in note["half_widths"].items()
        },
    )


def _texts_of_widths(
    half_widths: Mapping[float, Mapping[str, float]],
) -> dict[str, dict[str, float]]:
    return {
        f"{coverage:g}": {str(name): float(half) for name, half in widths.items()}
        for coverage, widths in half_widths.items()
    }


def _why_withheld(features: pd.DataFrame, quality: FloatArray, floor: float | None) -> list[str]:
    """Say for each row how good its sensors are."""
    columns = [name for name in features if str(name).endswith(SUFFIX)]
    names = [str(name).removesuffix(SUFFIX) for name in columns]
    return (
        [
            f"quality {whole:.2f} is below {floor:g} ("
            + ", ".join(
                f"{name} {'missing' if np.isnan(one) else f'{one:.2f}'}"
                for name, one in zip(names, row, strict=True)
            )
            + ")"
            for whole, row in zip(quality, features[columns].to_numpy(), strict=True)
        ]
        if floor is not None
        else [""] * len(features)
    )


def _remedy(error: Exception) -> str:
    """Say what to do about a model that cannot be unpickled."""
    if isinstance(error, ModuleNotFoundError):
        return (
            f"it holds something that the module {error.name!r} defines: make that importable (put "
            "its folder on PYTHONPATH, or start from there); if it is lost, train again"
        )
    if isinstance(error, AttributeError) and "__main__" in str(error):
        return (
            "it holds something that the script which made it defines: load it from that script, "
            "or move the definition into a module, import that, and train again"
        )
    return "train again"


def _training_columns(pipeline: Pipeline) -> tuple[str, ...]:
    """Columns of the feature table, whether the pipeline starts with an extractor or not."""
    for _, step in pipeline.steps:
        for attribute in ("columns_", "feature_names_in_"):
            if hasattr(step, attribute):
                return tuple(map(str, getattr(step, attribute)))
    return ()


def _target_names(pipeline: Pipeline, given: Sequence[str] | None) -> tuple[str, ...]:
    """Name what the model predicts, as it was fitted or as it is said."""
    if not hasattr(pipeline, "steps"):
        raise ArgumentError(
            f"save_model takes a fitted Pipeline of build_pipeline, got {type(pipeline).__name__}; "
            "of a search give best_estimator_"
        )
    fitted = getattr(pipeline.steps[-1][1], "target_names_", None)
    if fitted is None and given is None:
        raise ArgumentError("the model does not know what it predicts: give targets=[names]")
    names = tuple(fitted or ()) if given is None else tuple(map(str, given))
    if fitted and not _same_places(names, fitted):
        raise ArgumentError(
            f"the model was fitted to predict {list(fitted)}, in this order; got targets="
            f"{list(names)}"
        )
    return names


def _same_places(names: Sequence[str], fitted: Sequence[str]) -> bool:
    """Say whether names can be those of the fitted targets: none stands where another was."""
    if len(names) != len(fitted):
        return False
    return all(one == own or one not in fitted for one, own in zip(names, fitted, strict=True))


def _window_length(pipeline: Pipeline) -> float | None:
    """Length of the windows of the training, from the extractor or else from the model."""
    found = (getattr(step, "window_length_", None) for _, step in pipeline.steps)
    return next((float(one) for one in found if one is not None), None)
