"""How every picture looks: one palette, one set of sizes, few lines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from physio_vad.exceptions import ArgumentError
from physio_vad.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito (2008), https://jfly.uni-koeln.de/color: told apart by colour-blind people too.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"

TRUTH = "#1A1A1A"
PREDICTION = BLUE
BASELINE = VERMILION
QUIET = "#595959"
"""Texts and lines that stand back; dark enough to be read on white."""
FAINT = "#D9D9D9"
MODELS = (BLUE, GREEN, PURPLE, BLACK)
"""The colours of the palette that stand out on white and, turned round, on black."""

MANY_PEOPLE = 60
"""More people than this are drawn as a distribution, not one by one."""
BESIDE: Any = {
    "textcoords": "offset points",
    "fontsize": 10,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0},
}
"""How a number stands beside its mark."""

PICTURES = {".png", ".pdf", ".svg", ".jpg", ".jpeg", ".tif", ".tiff", ".eps", ".webp"}

TEXT_AS_TEXT: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "ps.fonttype": 42}
"""Text in files is text, which can be searched, edited and set in another font."""

STYLE: Any = {  # the type of the keys differs between versions of matplotlib
    "figure.facecolor": "white",
    "figure.figsize": (7.0, 3.2),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": f"cycler(color={[BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK]!r})",
    "savefig.facecolor": "white",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": 11,
    "axes.labelcolor": TRUTH,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "lines.linewidth": 1.5,
    "lines.solid_capstyle": "round",
    "text.usetex": False,
    "text.parse_math": False,  # a $ in a name is a $
    **TEXT_AS_TEXT,
}
"""Settings of matplotlib behind every picture; ``plt.style.use(STYLE)`` gives them to your own."""


def short(name: str, longest: int = 40) -> str:
    """Write a name as a label of a picture: in one line, cut where it is long."""
    shown = visible(name).replace("\n", " ")
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def refuse_file(argument: object, method: str) -> None:
    """Say how a picture is written, where a file's name was given instead of what to draw.

    Raises
    ------
    ArgumentError
        If the argument ends like the name of a picture.
    """
    if isinstance(argument, str | os.PathLike) and Path(argument).suffix.lower() in PICTURES:
        raise ArgumentError(
            f"{method} takes no file, got {str(argument)!r}; it returns a figure, which is written "
            f'by result.plot("{method.removeprefix("plot_")}").savefig("{argument}")'
        )


def readable(name: str) -> str:
    """Turn a name from the code into words: ``"training_mean"`` to ``"training mean"``."""
    return name.replace("_", " ")


def unit_text(unit: str) -> str:
    """Write a unit as one prints it: ``"uV"`` as µV, ``"C"`` as °C."""
    return {"C": "\N{DEGREE SIGN}C"}.get(unit, unit.replace("u", "\N{MICRO SIGN}", unit[:1] == "u"))


def scale_label(target: str, limits: tuple[float, float] | None) -> str:
    """Name a target with its scale, such as ``"valence (1 to 9)"``."""
    if limits is None:
        return short(readable(target))
    return f"{short(target)} ({limits[0]:g} to {limits[1]:g})"


def fit_scale(axes: Axes, limits: tuple[float, float] | None, axis: str = "y") -> None:
    """Let an axis show the whole declared scale, with ticks at its ends and middle."""
    if limits is not None:
        low, high = limits
        slack = 0.04 * (high - low)
        axes.set(**{f"{axis}lim": (low - slack, high + slack)})
        axes.set(**{f"{axis}ticks": [low, (low + high) / 2, high]})
