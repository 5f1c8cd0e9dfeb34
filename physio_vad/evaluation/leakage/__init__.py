"""Leak checks: one file a check, over the same evidence."""

from physio_vad.evaluation.leakage.checks import CHECKS, check_leakage, run_checks
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding

__all__ = ["CHECKS", "Evidence", "Finding", "check_leakage", "run_checks"]
