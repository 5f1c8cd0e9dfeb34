"""Pictures and the report that a person reads."""

from physio_vad.evaluation.calibration import MINUTES, calibrate
from physio_vad.evaluation.conformal import conformal_intervals
from physio_vad.evaluation.result import PICTURES, REPORTS
from physio_vad.report.document import Picture, Section, Table
from physio_vad.report.explain_sections import explain_sections
from physio_vad.report.html import write_report
from physio_vad.report.panel_plots import (
    plot_calibration,
    plot_coverage,
    plot_importance,
    plot_loss,
    plot_ratings,
)
from physio_vad.report.people_plots import plot_skill
from physio_vad.report.plane_plot import plot_plane
from physio_vad.report.recording_plot import plot_recording
from physio_vad.report.score_plots import plot_predictions, plot_scores
from physio_vad.report.style import STYLE

PICTURES.built_in(plot_scores, "scores")
PICTURES.built_in(plot_skill, "skill")
PICTURES.built_in(plot_predictions, "predictions")
PICTURES.built_in(plot_plane, "plane")
PICTURES.built_in(plot_ratings, "ratings")
PICTURES.built_in(
    lambda evaluation, coverages=(0.8, 0.9), **options: plot_coverage(
        [conformal_intervals(evaluation, one) for one in coverages], **options
    ),
    "coverage",
)
PICTURES.built_in(
    lambda evaluation, minutes=MINUTES, **options: plot_calibration(
        calibrate(evaluation, minutes), **options
    ),
    "calibration",
)
REPORTS.built_in(write_report, "html")

__all__ = [
    "STYLE",
    "Picture",
    "Section",
    "Table",
    "explain_sections",
    "plot_calibration",
    "plot_coverage",
    "plot_importance",
    "plot_loss",
    "plot_plane",
    "plot_predictions",
    "plot_ratings",
    "plot_recording",
    "plot_scores",
    "plot_skill",
    "write_report",
]
