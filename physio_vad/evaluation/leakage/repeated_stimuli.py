"""Stimuli on both sides of a fold, and how far their mean rating alone gets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from physio_vad.evaluation.baselines import Fold, fill_gaps, stimulus_mean, training_mean
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.stimuli import stimuli_on_both_sides

STIMULUS, TRAINING = "stimulus_mean", "training_mean"


def repeated_stimuli(evidence: Evidence) -> Iterator[Finding]:
    """Find stimuli that people on both sides rated; tell how far their mean alone gets."""
    design = evidence.design
    repeated = stimuli_on_both_sides(design)
    if not repeated:
        return
    rmse = _errors(evidence)
    parts = [
        f"{target} {rmse[target, STIMULUS]:.3f} (training mean {rmse[target, TRAINING]:.3f})"
        for target in design.targets
    ]
    yield Finding(
        "warning",
        "repeated_stimuli",
        f"{repeated} stimuli stand on both sides; their mean rating over the training people "
        f"has RMSE {', '.join(parts)}",
        "Part of a model's score can be knowledge of the stimulus.",
        'Compare with the stimulus_mean baseline; cv="leave-subject-and-stimulus-out" is clean.',
    )


def _errors(evidence: Evidence) -> dict[tuple[str, str], float]:
    """RMSE of both means by target, from the predictions of `evaluate` where there are any."""
    design, table = evidence.design, evidence.predictions
    if table is None or any(
        f"{design.targets[0]}_{name}" not in table for name in (STIMULUS, TRAINING)
    ):
        table = _answers(evidence)
    return {
        (target, name): float(np.sqrt(((table[target] - table[f"{target}_{name}"]) ** 2).mean()))
        for target in design.targets
        for name in (STIMULUS, TRAINING)
    }


def _answers(evidence: Evidence) -> pd.DataFrame:
    design, ratings = evidence.design, evidence.ratings
    folds = [
        Fold(design.rows, ratings, train, test, design.targets, design.scale)
        for train, test in design.splits
    ]
    mean = np.concatenate([training_mean(fold) for fold in folds])
    shown = fill_gaps(np.concatenate([stimulus_mean(fold) for fold in folds]), mean)
    truth = np.concatenate([ratings[fold.test] for fold in folds])
    columns = {}
    for number, target in enumerate(design.targets):
        columns[target] = truth[:, number]
        columns[f"{target}_{STIMULUS}"] = shown[:, number]
        columns[f"{target}_{TRAINING}"] = mean[:, number]
    return pd.DataFrame(columns)
