"""Text and pictures stand out from the page, by day and by night (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from importlib import resources

import numpy as np
import pytest

from physio_vad.report import style

CSS = resources.files("physio_vad.report").joinpath("report.html").read_text("utf-8")
TURN = np.array([[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]])
"""What hue-rotate(180deg) does to red, green and blue (Filter Effects Module 1)."""


def themes():
    """Read the colours of each theme; a later theme changes those of the first."""
    names, found = ["light", "dark", "print"], {}
    for name, block in zip(names, re.findall(r":root \{(.*?)\}", CSS, re.DOTALL), strict=True):
        found[name] = {**found.get("light", {}), **dict(re.findall(r"--([\w-]+): (#\w+)", block))}
    return found


def rgb(color, page="#ffffff"):
    """Turn #rrggbb or #rrggbbaa on a page into shares of red, green and blue."""
    parts = np.array([int(color[k : k + 2], 16) for k in range(1, len(color), 2)]) / 255
    if len(parts) == 3:
        return parts
    return parts[3] * parts[:3] + (1 - parts[3]) * rgb(page)


def contrast(one, other):
    levels = []
    for color in (one, other):
        linear = np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
        levels.append(linear @ [0.2126, 0.7152, 0.0722])
    return (max(levels) + 0.05) / (min(levels) + 0.05)


def by_night(color):
    """Apply the filter of pictures on a dark page, invert(0.9) hue-rotate(180deg)."""
    return np.clip(TURN @ (0.9 - 0.8 * rgb(color)), 0, 1)


def test_black_on_white_is_the_most() -> None:
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_text(theme) -> None:
    colors = themes()[theme]
    for name in ("text", "quiet", "link"):
        for page in ("page", "stripe"):
            ground = rgb(colors[page], colors["page"])
            assert contrast(rgb(colors[name]), ground) >= 4.5, (name, page)
    assert contrast(rgb(colors["alarm"]), rgb(colors["alarm-page"])) >= 4.5


def test_the_filter_is_the_one_that_is_tested() -> None:
    assert "figure img { filter: invert(0.9) hue-rotate(180deg); }" in CSS


@pytest.mark.parametrize("color", [style.TRUTH, style.PREDICTION, style.BASELINE, style.QUIET])
def test_lines_and_dots(color) -> None:
    assert contrast(rgb(color), rgb("#ffffff")) >= 3
    assert contrast(by_night(color), rgb(themes()["dark"]["page"])) >= 3


@pytest.mark.parametrize("color", style.MODELS)
def test_models(color) -> None:
    assert contrast(rgb(color), rgb("#ffffff")) >= 3
    assert contrast(by_night(color), rgb(themes()["dark"]["page"])) >= 3


def test_texts_in_pictures() -> None:
    for color in (style.TRUTH, style.QUIET):
        assert contrast(rgb(color), rgb("#ffffff")) >= 4.5
        assert contrast(by_night(color), rgb(themes()["dark"]["page"])) >= 4.5
