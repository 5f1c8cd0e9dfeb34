"""Stimuli on both sides of a fold, and how far their mean rating alone gets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.baselines import Fold, fill_gaps, stimulus_mean, training_mean
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.stimuli import stimuli_on_both_sides


def repeated_stimuli(evidence: Evidence) -> Iterator[Finding]:
    """Find stimuli that people on both sides rated; tell how far their mean alone gets."""
    design = evidence.design
    repeated = stimuli_on_both_sides(design)
    if not repeated:
        return
    folds = [
        Fold(design.rows, evidence.ratings, train, test, design.targets, design.scale)
        for train, test in design.splits
    ]
    truth = np.concatenate([evidence.ratings[fold.test] for fold in folds])
    mean = np.concatenate([training_mean(fold) for fold in folds])
    answer = fill_gaps(np.concatenate([stimulus_mean(fold) for fold in folds]), mean)
    parts = [
        f"{target} {_rmse(truth[:, column], answer[:, column]):.3f} (training mean "
        f"{_rmse(truth[:, column], mean[:, column]):.3f})"
        for column, target in enumerate(design.targets)
    ]
    yield Finding(
        "warning",
        "repeated_stimuli",
        f"{repeated} stimuli stand on both sides; their mean rating over the training people "
        f"has RMSE {', '.join(parts)}",
        "Part of a model's score can be knowledge of the stimulus.",
        'Compare with the stimulus_mean baseline; cv="leave-subject-and-stimulus-out" is clean.',
    )


def _rmse(truth: FloatArray, answer: FloatArray) -> float:
    return float(np.sqrt(np.nanmean((truth - answer) ** 2)))
