"""Recipes: a whole study in one TOML file, from layout to evaluation.

Every table of a recipe is one of the classes below, every key one of its fields. Only registered
names are allowed (layouts, modalities, models, splits), never import paths, so a recipe from a
stranger can run nothing that is not in this package.
"""

from __future__ import annotations

import inspect
import os
import reprlib
import sys
import tomllib
import types
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from sklearn.pipeline import Pipeline

from physio_vad.evaluation import SPLITS
from physio_vad.exceptions import ArgumentError, RecipeError, unknown_name
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.quality import check_min_quality
from physio_vad.io import READERS, Reader
from physio_vad.modalities import MODALITIES, make_modalities
from physio_vad.modalities.base import AnyModality
from physio_vad.pipeline import WEIGHTS, build_pipeline
from physio_vad.regressors import ESTIMATORS, MODELS
from physio_vad.validation import reserved_names

Names = Callable[[], Collection[str]]


def _one_of(names: Names) -> dict[str, Names]:
    """Metadata of a field whose value must be a registered name."""
    return {"names": names}


@dataclass(frozen=True)
class RecipeTable:
    """``[recipe]``: what the recipe is called and for."""

    name: str = ""
    text: str = ""


@dataclass(frozen=True)
class LayoutTable:
    """``[layout]``: how the files are laid out; further keys are options of that reader."""

    name: str = field(default="eleven-column", metadata=_one_of(lambda: READERS))
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WindowsTable:
    """``[windows]``: arguments of `make_windows`, in seconds."""

    length: float = 10.0
    step: float = 5.0
    label_lag: float = 0.0
    min_coverage: float = 0.5


@dataclass(frozen=True)
class FeaturesTable:
    """``[features]``: which modalities; ``[features.eda]`` and so on hold their parameters."""

    modalities: list[str] | None = None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelTable:
    """``[model]``: arguments of `build_pipeline`.

    Rows with a quality below `min_quality` are left out of the feature table.
    """

    name: str = field(default="multioutput", metadata=_one_of(lambda: MODELS))
    estimator: str = field(default="blend", metadata=_one_of(lambda: ESTIMATORS))
    normalise: str | None = field(
        default=None, metadata=_one_of(lambda: ("subject", "baseline", "online"))
    )
    select: int | float | None = None
    targets: list[str] | None = None
    weights: str | None = field(default=None, metadata=_one_of(lambda: WEIGHTS))
    min_quality: float | None = None
    random_state: int = 0


@dataclass(frozen=True)
class EvaluationTable:
    """``[evaluation]``: how people are split, and which models stand beside each other."""

    cv: str = field(default="leave-one-subject-out", metadata=_one_of(lambda: SPLITS))
    models: list[str] | None = field(default=None, metadata=_one_of(lambda: MODELS))


@dataclass(frozen=True)
class Recipe:
    """A checked recipe.

    Parameters
    ----------
    recipe, layout, windows, features, model, evaluation : object
        One object a table of the file, with defaults for what was left out.
    """

    recipe: RecipeTable = field(default_factory=RecipeTable)
    layout: LayoutTable = field(default_factory=LayoutTable)
    windows: WindowsTable = field(default_factory=WindowsTable)
    features: FeaturesTable = field(default_factory=FeaturesTable)
    model: ModelTable = field(default_factory=ModelTable)
    evaluation: EvaluationTable = field(default_factory=EvaluationTable)

    def reader(self) -> Reader:
        """Make the reader of the layout."""
        return READERS[self.layout.name](**self.layout.options)

    def modalities(self) -> list[AnyModality]:
        """Make the modalities with their parameters."""
        names = list(make_modalities(self.features.modalities))
        return [MODALITIES[name](**self.features.parameters.get(name, {})) for name in names]

    def extractor(self) -> FeatureExtractor:
        """Make the transformer from windows to features."""
        return FeatureExtractor(self.modalities())

    def pipeline(self, model: str | None = None) -> Pipeline:
        """Make the pipeline, of the recipe's model or another.

        Parameters
        ----------
        model : str, optional
            Name of a model instead of the recipe's own.
        """
        arguments = asdict(self.model)
        name = model or arguments["name"]
        del arguments["name"]
        check_min_quality(arguments.pop("min_quality"))
        if arguments["targets"] is None:
            del arguments["targets"]
        return build_pipeline(name, **arguments)

    @property
    def models(self) -> list[str]:
        """Names of the models to evaluate: the recipe's own first."""
        return list(dict.fromkeys([self.model.name, *(self.evaluation.models or [])]))

    def to_tables(self) -> dict[str, Any]:
        """Return plain tables from which `make_recipe` makes the same recipe."""
        tables = asdict(self)
        tables["layout"] |= tables["layout"].pop("options")
        tables["features"] |= tables["features"].pop("parameters")
        return {name: _without_none(table) for name, table in tables.items()}


def load_recipe(path: str | os.PathLike[str]) -> Recipe:
    """Read and check a recipe file.

    Parameters
    ----------
    path : path
        TOML file.

    Returns
    -------
    Recipe
        With defaults for what the file leaves out.

    Raises
    ------
    RecipeError
        If the file cannot be read or breaks the schema; names file, table, key and value.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RecipeError(f"{path}: is not UTF-8 text, so no recipe") from None
    except ValueError as error:  # also an integer of thousands of digits
        raise RecipeError(f"{path}: is no valid TOML: {error}") from None
    except RecursionError:
        raise RecipeError(f"{path}: tables or lists are nested too deep for a recipe") from None
    return make_recipe(tables, where=str(path))


def make_recipe(tables: Mapping[str, Any], where: str = "recipe") -> Recipe:
    """Check tables and make a recipe of them.

    Parameters
    ----------
    tables : mapping
        As a TOML file gives them.
    where : str
        Name of the file, for errors.

    Raises
    ------
    RecipeError
        If a table or key is unknown, or a value has the wrong type or names nothing registered.

    Examples
    --------
    >>> make_recipe({"windows": {"lengtt": 30}})
    Traceback (most recent call last):
    ...
    physio_vad.exceptions.RecipeError: recipe: [windows]: unknown key 'lengtt'; did you mean
    'length'? Known: 'length', 'step', 'label_lag', 'min_coverage'
    """
    if not isinstance(tables, Mapping):
        raise RecipeError(f"{where}: must be tables, got {reprlib.repr(tables)}")
    made: dict[str, Any] = {}
    known = {one.name: get_type_hints(Recipe)[one.name] for one in fields(Recipe)}
    for name, table in tables.items():
        if name not in known:
            raise RecipeError(f"{where}: {unknown_name('table', name, known)}")
        if not isinstance(table, Mapping):
            raise RecipeError(f"{where}: [{name}] must be a table, got {reprlib.repr(table)}")
        made[name] = _make(known[name], _split(name, table, where), f"{where}: [{name}]")
    recipe = Recipe(**made)
    _check_parts(recipe, where)
    return recipe


def _split(name: str, table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Move keys that belong to a reader or a modality into their own mapping."""
    if name == "layout":
        own = {key: value for key, value in table.items() if key == "name"}
        return own | {"options": {k: v for k, v in table.items() if k not in own}}
    if name == "features":
        inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
        for key in inner:
            if key not in MODALITIES:
                raise RecipeError(f"{where}: {unknown_name('table features', key, MODALITIES)}")
        rest = {key: value for key, value in table.items() if key not in inner}
        return rest | {"parameters": inner}
    return dict(table)


def _make(cls: type[Any], values: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(cls)
    hidden = {"options", "parameters"}
    for key in values:
        if key not in hints:
            known = [name for name in hints if name not in hidden]
            raise RecipeError(f"{where}: {unknown_name('key', key, known)}")
    for one in fields(cls):
        if one.name in values and one.name not in hidden:
            _check_value(values[one.name], hints[one.name], f"{where} {one.name}")
            _check_names(values[one.name], one.metadata.get("names"), f"{where} {one.name}")
    return cls(**values)


def _check_value(value: Any, hint: Any, where: str) -> None:
    if not _fits(value, hint):
        raise RecipeError(f"{where}: must be {_say(hint)}, got {reprlib.repr(value)}")


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) in (Union, types.UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if get_origin(hint) is list:
        return isinstance(value, list) and all(_fits(one, get_args(hint)[0]) for one in value)
    if hint in (int, float) and isinstance(value, bool):
        return False
    if hint is float:
        return isinstance(value, int | float) and abs(value) <= sys.float_info.max
    return isinstance(value, hint)


def _say(hint: Any) -> str:
    words = {str: "text", int: "a whole number", float: "a finite number", bool: "true or false"}
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_say(one) for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is list:
        return f"a list, each {_say(get_args(hint)[0])}"
    return words[hint]


def _check_names(value: Any, names: Names | None, where: str) -> None:
    if names is None or value is None:
        return
    for one in value if isinstance(value, list) else [value]:
        if one not in names():
            raise RecipeError(f"{where}: {unknown_name('name', one, names())}")


_OF_ANOTHER_KIND = (TypeError, ValueError, AttributeError, LookupError, OverflowError)


def _check_parts(recipe: Recipe, where: str) -> None:
    """Make every part once, so that a wrong option is known before hours of reading."""
    _check_options(READERS[recipe.layout.name], recipe.layout.options, f"{where}: [layout]")
    for name, parameters in recipe.features.parameters.items():
        _check_options(MODALITIES[name], parameters, f"{where}: [features.{name}]")
    parts: dict[str, Callable[[], object]] = {
        "layout": recipe.reader,
        "features": recipe.modalities,
        "model": recipe.pipeline,
    }
    if taken := reserved_names(recipe.model.targets or ()):
        raise RecipeError(f"{where}: [model] targets: {taken}")
    if not 0 <= recipe.model.random_state < 2**32:
        got = reprlib.repr(recipe.model.random_state)
        raise RecipeError(f"{where}: [model] random_state: must be from 0 to 2**32 - 1, got {got}")
    for name, make in parts.items():
        try:
            make()
        except ArgumentError as error:
            raise RecipeError(f"{where}: [{name}]: {error}") from None
        except _OF_ANOTHER_KIND as error:  # a number where a list belongs, and the like
            raise RecipeError(f"{where}: [{name}]: a value is of another kind: {error}") from None


def _check_options(cls: Callable[..., object], options: Mapping[str, Any], where: str) -> None:
    known = list(inspect.signature(cls).parameters)
    for key in options:
        if key not in known:
            raise RecipeError(f"{where}: {unknown_name('key', key, known)}")


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value is not None}
