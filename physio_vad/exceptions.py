"""Errors and warnings of physio_vad.

Every error says what must be what, what was got, where, and what to do::

    PhysioVadError
    ├── ArgumentError        a wrong argument of a function or constructor
    │   └── GroupsError      subjects are needed and not there, or too few
    ├── RecordingError       a Signal, Events, Ratings or Recording that cannot be
    ├── ReadError            a file or folder that cannot be read
    │   └── UnknownChannelsError  nothing says what its channels are
    ├── WriteError           a file or folder that cannot be written
    ├── RecipeError          a recipe that breaks the schema
    ├── LeakageError         a split with one subject, trial or window on both sides
    ├── ModelFileError       a model file that cannot be used
    └── MissingExtraError    an optional dependency that is not installed

    PhysioVadWarning
    ├── SignalWarning        bad signal: the windows it touches are NaN; MissingSensorWarning,
    │                        UnlikeTrainingWarning: people unlike those of the training
    ├── RateWarning          a nominal sampling rate that the clock contradicts
    ├── UnitWarning          a declared unit that the file contradicts
    ├── GroupsWarning        rows treated as independent, or people too few for what is asked
    ├── RatingsWarning       ratings that a recording lacks, or that nothing reads
    └── SkippedWarning       a file or recording that was left out
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PhysioVadError(Exception):
    """Base of every error that physio_vad raises on purpose."""


class ArgumentError(PhysioVadError, ValueError):
    """A function or constructor was given a value that it cannot use.

    The message says what the value must be; a name that is not known comes with the nearest one and
    all there are.
    """


class GroupsError(ArgumentError):
    """The subjects (groups) that a split needs are missing or too few.

    Keep the row index ``(subject, trial, window)`` that `make_windows` gives, or name the groups of
    plain arrays; with few people take a split with fewer folds.
    """


class RecordingError(PhysioVadError, ValueError):
    """A Signal, Events, Ratings or Recording breaks its contract.

    Look at shape, unit, rate and declared scale of what was given; the message names the part.
    """


class ReadError(PhysioVadError, ValueError):
    """A file or folder cannot be read as what it should be.

    Look at the named file and place. Another layout, or an option of this one, may be what fits;
    ``on_error="skip"`` leaves single bad files out with a `SkippedWarning`.
    """


class UnknownChannelsError(ReadError):
    """A file is what it should be, but none of its channels is known.

    Say in the option ``channels`` of its layout what they are; the message lists them.
    """


class WriteError(PhysioVadError, OSError):
    """A file or folder cannot be written: no space, no permission, a name too long.

    Make room or write elsewhere, and run again: what was finished is whole and stays.
    """


class RecipeError(PhysioVadError, ValueError):
    """A recipe breaks the schema: file, table, key and value are named.

    Correct the named key; the page of recipe files lists all there are.
    """


class LeakageError(PhysioVadError, ValueError):
    """Training and test side of a split share a subject, trial or window.

    Split by subject, as `evaluate` does by default. ``allow_leakage=True`` goes on, and marks the
    result as one that must not be quoted.
    """


class ModelFileError(PhysioVadError, ValueError):
    """A model file is no model, or was made by versions that do not fit.

    Install the versions that the message names, or train again from the feature table.
    """


class MissingExtraError(PhysioVadError, ImportError):
    """An optional dependency is needed and not installed.

    Install the extra that the message names.
    """


class PhysioVadWarning(UserWarning):
    """Base of every warning that physio_vad gives."""


class SignalWarning(PhysioVadWarning):
    """Bad signal: the windows that it touches hold NaN.

    Look at the stretch with ``plot_recording``. The models take missing values; ``min_quality``
    of `extract_features` leaves poor windows out.
    """


class MissingSensorWarning(SignalWarning):
    """Somebody lacks a sensor that the model was trained with.

    The models fill it in from the other sensors, and the message says what is lost. If new people
    will not have it, train without it: ``modalities`` under ``[features]`` in a recipe, or
    ``extract_features(windows, modalities)``.
    """


class UnlikeTrainingWarning(SignalWarning):
    """A sensor of somebody is unlike that of everybody the model was trained with.

    A file in another unit, at another gain or rate, or with columns in another order looks like
    that. Draw the person with ``plot_recording`` beside one of the training.
    """


class RateWarning(PhysioVadWarning):
    """A nominal sampling rate differs from the one measured by the clock.

    The clock was used. Correct the rate that was declared, or find out which of the two is wrong.
    Files without a clock are warned about when they are written at a rate they are not read at.
    """


class UnitWarning(PhysioVadWarning):
    """A file says another unit than was declared.

    The declared one was used. Correct whichever is wrong: a recording in another unit reads as if
    the person's body differed.
    """


class GroupsWarning(PhysioVadWarning):
    """Rows are treated as independent that may be one person's, or people are too few.

    Give ``groups="subject"`` to the model, as `build_pipeline` does by default; name files after
    people, as the message says. With few people ask for less, such as a lower coverage.
    """


class RatingsWarning(PhysioVadWarning):
    """A recording has no row in the table of ratings, or such a table is not read.

    Look at the names in the table: they must be those of the files. A recording without ratings has
    features and takes no part in fitting and scoring.
    """


class SkippedWarning(PhysioVadWarning):
    """A file or recording was left out: ``on_error="skip"``, or it is shorter than a window.

    Read the reasons that the message lists, and mend the files or state how many were left out;
    for short trials take shorter windows.
    """


def unknown_name(what: str, name: object, known: Iterable[object]) -> str:
    """Write the message for a name that is not in a list.

    Parameters
    ----------
    what : str
        What is named, such as ``"modality"``.
    name : object
        The name that was given.
    known : iterable of object
        The names that there are.

    Returns
    -------
    str
        A sentence with the nearest name first and then all of them.

    Examples
    --------
    >>> unknown_name("modality", "eegg", ["eeg", "eog"])
    "unknown modality 'eegg'; did you mean 'eeg'? Known: 'eeg', 'eog'"
    """
    names = [str(item) for item in known]
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    if not near and len(str(name)) > 1:
        near = [item for item in names if str(name).lower() in item.lower()][:1]
    hint = f"; did you mean {near[0]!r}?" if near else "."
    listing = ", ".join(repr(item) for item in names) or "none"
    return f"unknown {what} {name!r}{hint} Known: {listing}"
