"""A directive for our drawings: an SVG file goes into the page, where it takes the page's colours.

``.. drawing:: name`` takes ``docs/drawings/name.svg``; what the drawing shows is said in its
``<title>`` and ``<desc>``.
"""

from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

FOLDER = Path(__file__).parents[1] / "drawings"


class Drawing(Directive):
    """Put a drawing into the page."""

    required_arguments = 1
    has_content = False

    def run(self):
        """Read the file; a change of it builds the page anew."""
        path = FOLDER / f"{self.arguments[0]}.svg"
        self.state.document.settings.record_dependencies.add(str(path))
        svg = path.read_text(encoding="utf-8")
        return [nodes.raw("", f'<div class="drawing">{svg}</div>', format="html")]


def setup(app):
    """Tell Sphinx."""
    app.add_directive("drawing", Drawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
