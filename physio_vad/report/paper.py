"""The figure that pictures are drawn into; apart, since it is a class of matplotlib's."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from physio_vad.report.style import TEXT_AS_TEXT


class PaperFigure(Figure):
    """A figure whose text stays text in the PDF and SVG files that are saved of it."""

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Save the figure as `matplotlib.figure.Figure.savefig` does."""
        with mpl.rc_context(TEXT_AS_TEXT):
            super().savefig(*args, **kwargs)
