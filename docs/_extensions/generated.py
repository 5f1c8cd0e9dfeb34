"""The reference, made from the code before each build: see `docs/reference/index.md`."""

from pathlib import Path

from api import api_pages
from commands import command_page
from messages import message_page
from schema import schema_page

MADE = Path(__file__).parents[1] / "reference" / "made"


def make(app):
    """Write every generated page; one that has not changed keeps its time."""
    pages = {
        **{f"api/{name}.rst": text for name, text in api_pages().items()},
        "commands.rst": command_page(),
        "messages.rst": message_page(),
        "recipe.rst": schema_page(),
    }
    for path in MADE.rglob("*.rst"):
        if path.relative_to(MADE).as_posix() not in pages:
            path.unlink()
    for name, text in pages.items():
        path = MADE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app):
    """Tell Sphinx."""
    app.connect("builder-inited", make, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
