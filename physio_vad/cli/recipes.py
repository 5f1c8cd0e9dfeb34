"""The recipe that a command line asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from physio_vad.regressors import ESTIMATORS, MODELS
from physio_vad.study.recipe import Recipe, load_recipe
from physio_vad.study.recognise import recognise


def asked_recipe(
    path: Path | None, model: str | None = None, estimator: str | None = None
) -> Recipe:
    """Read the recipe, or take the usual one, with the model that is asked for."""
    return changed(Recipe() if path is None else load_recipe(path), model, estimator=estimator)


def changed(
    recipe: Recipe,
    model: str | None = None,
    cv: str | None = None,
    estimator: str | None = None,
) -> Recipe:
    """Put what the command line asks for in place of what the recipe says."""
    if model is not None:
        MODELS.find(model)
        recipe = replace(
            recipe,
            model=replace(recipe.model, name=model),
            evaluation=replace(recipe.evaluation, models=None),
        )
    if estimator is not None:
        ESTIMATORS.find(estimator)
        recipe = replace(recipe, model=replace(recipe.model, estimator=estimator))
    if cv is not None:
        recipe = replace(recipe, evaluation=replace(recipe.evaluation, cv=cv))
    return recipe


def other_layout(data: Path) -> str:
    """Say which layout files have that are not in the usual one."""
    reader = recognise(data) if data.exists() else None
    if reader is None:
        return ""
    return (
        f". This looks like {reader.name}: give --layout {reader.name}, or write a recipe with "
        f"`physio-vad init {data}` and give it as --recipe; in Python "
        f"read_recordings({str(data)!r}, {reader.name!r})"
    )
