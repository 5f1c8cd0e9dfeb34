"""What recordings that were cut one by one must agree on to be one table."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from physio_vad.exceptions import ArgumentError, SkippedWarning
from physio_vad.recording.recording import Recording

Scale = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class CutNote:
    """What a table must know of a recording that was cut into rows of it.

    Parameters
    ----------
    subject, trial : str
        Whose it is, and which.
    stimulus : str, optional
        What was shown.
    seconds : float
        Its length.
    scale : mapping of str to (low, high)
        Declared range of each target.
    rows : Index
        Its rows in the table.
    """

    subject: str
    trial: str
    stimulus: str | None
    seconds: float
    scale: Scale
    rows: pd.Index

    @classmethod
    def of(cls, recording: Recording, rows: pd.Index) -> CutNote:
        """Note what holds for a recording and its rows."""
        seconds = recording.stop - recording.start
        name = recording.subject, recording.trial, recording.stimulus
        return cls(*name, seconds, recording.scale, rows)


def check_together(
    notes: Sequence[CutNote], length: float, step: float, remedy: str = ""
) -> dict[str, Any]:
    """Check recordings of one table together, and say what holds for all of it.

    Parameters
    ----------
    notes : sequence of CutNote
        In the order of the table.
    length, step : float
        Of the windows, in seconds.
    remedy : str
        What else to say where no window is rated.

    Returns
    -------
    dict
        `scale`, `stimulus` and `window`, as `make_windows` puts them on its labels.

    Raises
    ------
    ArgumentError
        If a pair of subject and trial stands twice, no recording has a window beyond its baseline,
        or two declare different ranges for one target.

    Warns
    -----
    SkippedWarning
        If recordings are shorter than a window, so that there is no row of them.
    """
    _check_unique((one.subject, one.trial) for one in notes)
    _check_long_enough(notes, length, remedy)
    _warn_of_short(notes, length)
    stimuli: dict[str, dict[str, str]] = {}
    for one in notes:
        if one.stimulus is not None:
            stimuli.setdefault(one.subject, {})[one.trial] = one.stimulus
    window = {"length": float(length), "step": float(step)}
    return {"scale": _common_scale(notes), "stimulus": stimuli, "window": window}


def _check_unique(names: Iterable[tuple[str, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    for subject, trial in names:
        if (subject, trial) in seen:
            raise ArgumentError(
                f"subject {subject!r}, trial {trial!r} stands twice among the recordings; give "
                "each trial of a subject its own name"
            )
        seen.add((subject, trial))


def _check_long_enough(notes: Sequence[CutNote], length: float, remedy: str) -> None:
    if any((one.rows.get_level_values("window") >= 0).any() for one in notes):
        return
    longest = max(notes, key=lambda one: one.seconds)
    if not longest.seconds >= length:
        raise ArgumentError(
            f"no recording is as long as a window of {length:g} s; the longest "
            f"({longest.subject}/{longest.trial}) has {longest.seconds:g} s: take a shorter length"
        )
    raise ArgumentError(
        f"no window has a label: the ratings cover no window of {length:g} s, or all are missing; "
        "check their times beside those of the recordings (seconds from the beginning of each), "
        f"label_lag and min_coverage{remedy}"
    )


def _warn_of_short(notes: Sequence[CutNote], length: float) -> None:
    """Warn of recordings that are too short for a window, and of people who vanish by it."""
    short = [one for one in notes if one.seconds < length and len(one.rows) == 0]
    if not short:
        return
    told = ", ".join(f"{one.subject}/{one.trial} ({one.seconds:.3g} s)" for one in short[:3])
    told += f" and {len(short) - 3} more" if len(short) > 3 else ""
    there = {one.subject for one in notes if len(one.rows)}
    gone = [who for who in dict.fromkeys(one.subject for one in short) if who not in there]
    nobody = f"; nothing is left of {', '.join(gone[:5])}" + ", ..." * (len(gone) > 5)
    warnings.warn(
        f"{len(short)} of {len(notes)} recordings are shorter than a window of {length:g} s and "
        f"left out: {told}{nobody if gone else ''}",
        SkippedWarning,
        stacklevel=3,
    )


def _common_scale(notes: Sequence[CutNote]) -> dict[str, tuple[float, float]]:
    joined: dict[str, tuple[float, float]] = {}
    for one in notes:
        for target, (low, high) in one.scale.items():
            if joined.setdefault(target, (low, high)) != (low, high):
                raise ArgumentError(
                    f"recording {one.subject!r}, trial {one.trial!r}: the scale of {target!r} is "
                    f"{(low, high)}, in others {joined[target]}; rescale to one range"
                )
    return joined
