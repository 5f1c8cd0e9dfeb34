"""Pictures and the report that a person reads."""

from physio_vad.report.html import write_report
from physio_vad.report.inside import inside_sections
from physio_vad.report.panels import (
    plot_calibration,
    plot_coverage,
    plot_importance,
    plot_ratings,
)
from physio_vad.report.plots import (
    plot_plane,
    plot_predictions,
    plot_scores,
    plot_skill,
)
from physio_vad.report.recordings import plot_recording
from physio_vad.report.sections import Picture, Section, Table
from physio_vad.report.training import plot_loss

__all__ = [
    "Picture",
    "Section",
    "Table",
    "inside_sections",
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
