"""Extracting recordings side by side, each person's sensors the same way up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import joblib
import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray, Progress
from physio_vad.features.long_recordings import extract_in_blocks
from physio_vad.features.polarities import Polarities
from physio_vad.modalities.base import AnyModality
from physio_vad.modalities.feature import FeatureBlock
from physio_vad.recording.recording import Recording
from physio_vad.registry import with_registrations
from physio_vad.workers import will_need, worker_processes

FEW_VALUES = 300_000_000
"""Samples, some 40 hours of eight channels at 250 Hz, below which passing them on takes longer."""


@dataclass(frozen=True, eq=False)
class Task:
    """The windows of one recording and where they stand in the table."""

    recording: Recording
    rows: npt.NDArray[np.intp]
    starts: FloatArray
    stops: FloatArray


_Arguments = tuple[Task, list[AnyModality], float | None]


def extract_tasks(
    tasks: list[Task],
    made: dict[str, AnyModality],
    minutes: float | None,
    n_jobs: int | None,
    progress: Progress | None,
) -> list[dict[str, FeatureBlock]]:
    """Extract every recording, and those anew whose sensors are another way up than they seemed.

    Parameters
    ----------
    tasks : list of Task
        One a recording.
    made : dict of str to Modality
        Which to use, where a recording has them.
    minutes : float or None
        Length of the blocks of long recordings.
    n_jobs : int or None
        Recordings worked on side by side.
    progress : callable, optional
        Called as ``progress("recordings", done, total)``.

    Returns
    -------
    list of dict of str to FeatureBlock
        By modality, one a task.
    """
    modalities = list(made.values())
    results: list[dict[str, FeatureBlock]] = []
    for blocks in _results([(task, modalities, minutes) for task in tasks], n_jobs):
        results.append(blocks)
        if progress is not None:
            progress("recordings", len(results), len(tasks))
    polarities = Polarities()
    for task, blocks in zip(tasks, results, strict=True):
        for name, block in blocks.items():
            polarities.add(task.recording, made[name], block)
    again = _turned(tasks, made, results, minutes, polarities)
    for number, blocks in zip(again, _results(list(again.values()), n_jobs), strict=True):
        results[number] |= blocks
    return [
        {
            name: replace(block, doubt=polarities.doubt(task.recording, made[name], block))
            for name, block in blocks.items()
        }
        for task, blocks in zip(tasks, results, strict=True)
    ]


def _turned(
    tasks: list[Task],
    made: dict[str, AnyModality],
    results: list[dict[str, FeatureBlock]],
    minutes: float | None,
    polarities: Polarities,
) -> dict[int, _Arguments]:
    """List what to extract again as the person's recordings together are another way up."""
    again = {}
    for number, (task, blocks) in enumerate(zip(tasks, results, strict=True)):
        recording = task.recording
        turned: set[str] = set()
        for name, block in blocks.items():
            other = polarities.other(recording, made[name], block)
            if other is not None:
                recording, turned = other, turned | {name}
        touched = [made[name] for name in blocks if turned & {name, *_uses(made[name])}]
        if touched:
            again[number] = (replace(task, recording=recording), touched, minutes)
    return again


def _uses(modality: AnyModality) -> set[str]:
    """Name the other modalities that features need."""
    return {name for feature in modality.features for name in feature.uses}


def _results(arguments: list[_Arguments], n_jobs: int | None) -> Iterable[dict[str, FeatureBlock]]:
    """Extract every task, in the order given, by what `joblib.parallel_config` says."""
    if len(arguments) <= 1 or joblib.effective_n_jobs(n_jobs) == 1:
        return (_extract(*one) for one in arguments)  # a live window must not pay for joblib
    tasks = [task for task, *_ in arguments]
    # Threads start at once but share one interpreter; an engine that was asked for is taken anyway
    few = sum(map(_n_values, tasks)) < FEW_VALUES
    prefer: Literal["threads", "processes"] = "threads" if few else "processes"
    task = joblib.delayed(with_registrations(_extract))
    for modality in arguments[0][1]:
        will_need(*modality.imports)
    with worker_processes(prefer=prefer):
        parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator", prefer=prefer)
        results: Iterable[dict[str, FeatureBlock]] = parallel(task(*one) for one in arguments)
    return results


def _n_values(task: Task) -> int:
    signals = task.recording.signals.values()
    return sum(one.values.size for one in signals)


def _extract(
    task: Task, modalities: list[AnyModality], block_minutes: float | None
) -> dict[str, FeatureBlock]:
    recording = task.recording
    there = [modality for modality in modalities if modality.name in recording.signals]
    blocks = {}
    for modality in sorted(there, key=lambda one: bool(_uses(one))):  # the others' work is at hand
        block = extract_in_blocks(modality, recording, task.starts, task.stops, block_minutes)
        blocks[modality.name] = block
    return {modality.name: blocks[modality.name] for modality in there}
