"""Pictures and the report that a person reads."""

from physio_vad.report.plots import (
    plot_plane,
    plot_predictions,
    plot_scores,
    plot_skill_by_subject,
)

__all__ = ["plot_plane", "plot_predictions", "plot_scores", "plot_skill_by_subject"]
