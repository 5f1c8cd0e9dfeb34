"""Public docstrings are numpydoc and name what there really is."""

import importlib
import inspect
import pkgutil

import pytest
from numpydoc.validate import validate

import physio_vad
from physio_vad.regressors import ESTIMATORS, MODELS

NOT_HELD = {
    "ES01",  # one line is enough where one line says it
    "SA01",  # the docs link what belongs together
    "EX01",  # examples stand where they help
    "PR03",  # parameters may be told in groups
    "SS05",  # takes "Names of ..." for a verb in the third person
}
METHOD = {"RT01"}  # the annotation says what a method returns, mypy that it is true
ELSEWHERE = "are those of `"  # says where the parameters are told
SHORT = {"PR01", "PR02", "YD01"}  # not asked of a method whose docstring is one sentence
EXEMPT = {("physio_vad.modalities.register_modality", "PR02")}  # numpydoc skips a first `cls`


def public_objects():
    """Find what `physio_vad` and its subpackages list in ``__all__``, by where it is defined."""
    packages = [
        importlib.import_module(f"physio_vad.{one.name}")
        for one in pkgutil.iter_modules(physio_vad.__path__)
        if one.ispkg
    ]
    listed = [
        getattr(one, name)
        for one in (physio_vad, *packages)
        for name in getattr(one, "__all__", ())
    ]
    things = [one for one in listed if inspect.isclass(one) or inspect.isfunction(one)]
    return sorted({f"{one.__module__}.{one.__qualname__}": one for one in things}.items())


def documented(name, thing):
    """Yield the full names of an object and of what a class itself defines in public."""
    yield name, False
    for part, value in vars(thing).items() if inspect.isclass(thing) else ():
        if not part.startswith("_") and isinstance(
            value, property | classmethod | staticmethod | type(documented)
        ):
            yield f"{name}.{part}", True


@pytest.mark.parametrize(
    ("name", "thing"), public_objects(), ids=lambda one: one if isinstance(one, str) else ""
)
def test_docstrings_are_complete(name, thing):
    wrong = []
    for full, is_part in documented(name, thing):
        found = validate(full)
        short = is_part and "\n\n" not in (found["docstring"] or "").strip()
        held_back = NOT_HELD | (METHOD if is_part else set()) | (SHORT if short else set())
        held_back |= {"PR01"} if ELSEWHERE in (found["docstring"] or "") else set()
        wrong += [
            f"{full}: {code} {text}"
            for code, text in found["errors"]
            if code not in held_back and (full, code) not in EXEMPT
        ]
    assert not wrong, "\n".join(wrong)


def test_estimators_are_named_where_one_is_asked_for():
    """What takes an estimator by name says which there are."""
    asking = [one for one in MODELS.values() if "estimator" in inspect.signature(one).parameters]
    assert asking
    for thing in (physio_vad.build_pipeline, *asking):
        said = inspect.getdoc(thing)
        lacking = [one for one in ESTIMATORS if f'"{one}"' not in said]
        assert not lacking, f"the docstring of {thing.__name__} lists the estimators"
