"""What stands behind a score: which signals there were, and which of them the model uses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from physio_vad._arrays import Progress
from physio_vad.evaluation.design import make_design
from physio_vad.evaluation.result import Evaluation
from physio_vad.evaluation.saved import FORMAT as SAVED
from physio_vad.evaluation.saved import check_saved
from physio_vad.exceptions import ReadError
from physio_vad.explain.importance import (
    ablate,
    by_modality,
    fit_folds,
    resolve_groups,
    shuffled_predictions,
)
from physio_vad.explain.shap import shap_by_group
from physio_vad.integrity import read_json, read_table, write_json, write_table
from physio_vad.schema import are_names

CV = "grouped-k-fold"
N_FOLDS = 5
PARTS = ("signals", "modality", "family", "moves")
SHEET = "explanation.json"
FORMAT = "physio_vad explanation 1"
"""Name and version of the saved form."""
KEPT = "kept.parquet"
_REMEDY = "explain the model again, as `physio-vad evaluate` does"
FEWEST_PEOPLE = 3
FITS = 80
"""Fits that finding out what a model looks at may take,"""
LARGE = 5000
"""unless the table has more rows than this."""
"""Times as long as predicting, roughly."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Signals of each person, and what the model loses without them, as rows to recompute from.

    Parameters
    ----------
    signals : DataFrame
        What `signal_quality` returned.
    modality, family : DataFrame or None
        What `shuffled_predictions` returned, columns shuffled by modality and by feature.
    moves : DataFrame or None
        What `shap_by_group` returned, by modality.
    kept : mapping of str to Evaluation
        What `ablate` returned.
    left_out : tuple of str
        What was not computed, and why.
    """

    signals: pd.DataFrame
    modality: pd.DataFrame | None = None
    family: pd.DataFrame | None = None
    moves: pd.DataFrame | None = None
    kept: Mapping[str, Evaluation] | None = None
    left_out: tuple[str, ...] = ()

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write one Parquet file a part, and ``explanation.json``, beside a saved evaluation.

        Parameters
        ----------
        folder : path
            Folder of the evaluation.

        Returns
        -------
        Path
            The folder.
        """
        folder = Path(folder)
        tables = {name: getattr(self, name) for name in self._parts()}
        files = {
            name: write_table(folder / f"{name}.parquet", table, index=False)
            for name, table in tables.items()
        }
        sheet: dict[str, Any] = {
            "format": FORMAT,
            "left_out": self.left_out,
            "parts": list(tables),
        }
        if self.kept:
            rows = pd.concat(
                {name: one.predictions for name, one in self.kept.items()}, names=["kept", "row"]
            )
            files["kept"] = write_table(folder / KEPT, rows.reset_index("kept"))
            sheet["kept"] = {name: dict(one.info) for name, one in self.kept.items()}
        write_json(folder / SHEET, {**sheet, "files": files})
        return folder

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Explanation | None:
        """Read what `save` wrote.

        Parameters
        ----------
        folder : path
            Folder of the evaluation.

        Returns
        -------
        Explanation or None
            None where nothing was saved.

        Raises
        ------
        ReadError
            If a file is missing or broken.
        """
        folder = Path(folder)
        if not (folder / SHEET).exists():
            return None
        try:
            sheet = read_json(folder / SHEET, remedy=_REMEDY)
            if sheet.get("format") != FORMAT:
                raise ReadError(
                    f"{folder / SHEET}: 'format' must be {FORMAT!r}, got {sheet.get('format')!r}; "
                    + _REMEDY
                )
            files = sheet["files"]
            parts = {
                name: read_table(folder / f"{name}.parquet", files[name], remedy=_REMEDY)
                for name in sheet["parts"]
            }
            kept = None
            if "kept" in sheet:
                table = read_table(folder / KEPT, files["kept"], remedy=_REMEDY)
                kept = {
                    name: Evaluation(_of_kept(table, name), info)
                    for name, info in sheet["kept"].items()
                }
                for one in kept.values():
                    check_saved(folder, {"format": SAVED, **one.info}, one.predictions)
            if not set(parts) <= set(PARTS) or not are_names(sheet["left_out"]):
                raise ValueError("it names parts that do not exist")
            return cls(**parts, kept=kept, left_out=tuple(sheet["left_out"]))
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, ReadError):
                raise
            raise ReadError(f"{folder}: {SHEET} and its tables cannot be read: {error}") from error

    def _parts(self) -> list[str]:
        return [name for name in PARTS if getattr(self, name) is not None]


def explain(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame,
    evaluation: Evaluation,
    *,
    fits: int | None = None,
    n_repeats: int = 3,
    n_jobs: int | None = None,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Explanation:
    """Find out what a model that was evaluated looks at, within a number of fits.

    Parameters
    ----------
    pipeline : estimator
        The one that was evaluated.
    X : DataFrame
        Feature table.
    y : DataFrame of shape (n_rows, n_targets)
        Ratings, same index.
    evaluation : Evaluation
        Says who was tested.
    fits : int, optional
        Parts that would take more fits of the pipeline in all are left out, so that what there is
        does not depend on the machine; by default `FITS`, or on tables of more than `LARGE` rows
        those of the importance only.
    n_repeats : int
        Shuffles of each modality and fold; features are shuffled once.
    n_jobs : int, optional
        As in `evaluate`, for the parts that fit anew.
    random_state : int
        Seed of folds and shuffles.
    progress : callable, optional
        Called as ``progress("parts", done, total)``.

    Returns
    -------
    Explanation
        Importance by modality and feature, SHAP values where the model has them, and evaluations
        without each modality and with each alone, all by 5 folds of people.
    """
    modalities, families = resolve_groups(X, "modality"), resolve_groups(X, "family")
    costs = {"modality": N_FOLDS, "moves": 0, "family": 0}  # these take the models of the first
    costs["kept"] = (2 * len(modalities) + 1) * N_FOLDS
    usual = FITS if len(X) <= LARGE else N_FOLDS
    chosen, left_out = _affordable(costs, usual if fits is None else fits)
    if len(evaluation.subjects) < FEWEST_PEOPLE:
        left_out = [f"importance needs at least {FEWEST_PEOPLE} people to hold some out"]
        chosen = []
    parts: dict[str, Any] = {}
    told = _counting(progress, len(chosen))
    if "modality" in chosen:
        design = make_design(X, y, CV, random_state=random_state)
        models = fit_folds(pipeline, design)
        options: dict[str, Any] = {"random_state": random_state}
        parts["modality"] = shuffled_predictions(
            models, design, modalities, n_repeats=n_repeats, **options
        )
        next(told)
        if "moves" in chosen:
            parts["moves"] = shap_by_group(models, design, modalities)
            if parts["moves"] is None:
                left_out.append("SHAP values, as the last step is not made of LightGBM alone")
            next(told)
        if "family" in chosen:
            parts["family"] = shuffled_predictions(models, design, families, n_repeats=1, **options)
            next(told)
    if "kept" in chosen:
        parts["kept"] = ablate(
            pipeline, X, y, modalities, cv=CV, n_jobs=n_jobs, random_state=random_state
        )
        next(told)
    return Explanation(signal_quality(X), **parts, left_out=tuple(left_out))


def signal_quality(X: pd.DataFrame) -> pd.DataFrame:
    """Describe what was measured of each person.

    Parameters
    ----------
    X : DataFrame
        Feature table; columns ``<modality>__quality`` hold the quality of each window in [0, 1].

    Returns
    -------
    DataFrame
        One row a person and modality: `subject`, `modality`, `windows`, `missing` (share of the
        feature cells that are undefined) and `quality` (mean, NaN where there is none).

    Examples
    --------
    >>> index = pd.MultiIndex.from_product(
    ...     [["anna"], ["1"], range(2)], names=["subject", "trial", "window"]
    ... )
    >>> X = pd.DataFrame({"eda__scl_mean": [1.0, None], "eda__quality": [0.9, 0.5]}, index)
    >>> signal_quality(X).to_dict("records")
    [{'subject': 'anna', 'modality': 'eda', 'windows': 2, 'missing': 0.5, 'quality': 0.7}]
    """
    subjects = X.index.get_level_values("subject")
    parts = []
    for modality, columns in by_modality(list(X.columns)).items():
        measured = [name for name in columns if not name.endswith("__quality")]
        quality = [name for name in columns if name.endswith("__quality")]
        table = pd.DataFrame({"windows": 1, "missing": X[measured].isna().mean(axis=1)})
        table["quality"] = X[quality].mean(axis=1) if quality else float("nan")
        people = table.groupby(subjects, sort=False)
        part = people.agg({"windows": "sum", "missing": "mean", "quality": "mean"})
        part = part.rename_axis("subject").reset_index()
        part.insert(1, "modality", modality)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _affordable(costs: Mapping[str, int], fits: int) -> tuple[list[str], list[str]]:
    """Choose parts in their order as long as there are fits left."""
    names = {
        "modality": "importance by modality and feature",
        "moves": "SHAP values",
        "family": "importance by feature",
        "kept": "scores without each modality and with each alone",
    }
    chosen, left_out = [], []
    for name, cost in costs.items():
        if name in {"moves", "family"} and "modality" not in chosen:
            continue
        if cost <= fits:
            chosen.append(name)
            fits -= cost
        else:
            left_out.append(f"{names[name]}: takes {cost} fits, {fits} are left of those allowed")
    return chosen, left_out


def _counting(progress: Progress | None, n_parts: int) -> Iterator[None]:
    for done in range(1, n_parts + 1):
        if progress is not None:
            progress("parts", done, n_parts)
        yield


def _of_kept(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["kept"] == name].drop(columns="kept").reset_index(drop=True)
