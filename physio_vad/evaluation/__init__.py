"""Evaluation that cannot fool its user: splits by subject, baselines, skill, intervals."""

from physio_vad.evaluation.aggregate import per_trial, smoothed
from physio_vad.evaluation.arrays import as_tables
from physio_vad.evaluation.baselines import BASELINES, Baseline, Fold, baseline_text
from physio_vad.evaluation.calibration import (
    CalibrationCurve,
    Calibrator,
    calibrate,
    fit_calibrator,
)
from physio_vad.evaluation.comparison import ModelComparison, compare_models
from physio_vad.evaluation.conformal import ConformalIntervals, conformal_intervals
from physio_vad.evaluation.evaluate import evaluate
from physio_vad.evaluation.high_low import high_low
from physio_vad.evaluation.leakage import CHECKS, Finding, check_leakage
from physio_vad.evaluation.movement import movement
from physio_vad.evaluation.overlap import check_split
from physio_vad.evaluation.permutation import PermutationTest, permutation_test
from physio_vad.evaluation.result import Evaluation
from physio_vad.evaluation.rows import Rows
from physio_vad.evaluation.splits import (
    SPLITS,
    GroupedKFold,
    LeaveOneSubjectOut,
    LeaveStimulusOut,
    LeaveSubjectAndStimulusOut,
    Splitter,
    SubjectHoldout,
    WithinSubjectChronological,
    make_splitter,
)
from physio_vad.evaluation.tuning import nested_search

__all__ = [
    "BASELINES",
    "CHECKS",
    "SPLITS",
    "Baseline",
    "CalibrationCurve",
    "Calibrator",
    "ConformalIntervals",
    "Evaluation",
    "Finding",
    "Fold",
    "GroupedKFold",
    "LeaveOneSubjectOut",
    "LeaveStimulusOut",
    "LeaveSubjectAndStimulusOut",
    "ModelComparison",
    "PermutationTest",
    "Rows",
    "Splitter",
    "SubjectHoldout",
    "WithinSubjectChronological",
    "as_tables",
    "baseline_text",
    "calibrate",
    "check_leakage",
    "check_split",
    "compare_models",
    "conformal_intervals",
    "evaluate",
    "fit_calibrator",
    "high_low",
    "make_splitter",
    "movement",
    "nested_search",
    "per_trial",
    "permutation_test",
    "smoothed",
]
