"""A directive for lists of pages: a card a page, with picture, title and first sentence.

``.. pages::`` takes what ``.. toctree::`` takes. The picture is the first one that the page's code
draws, or its first drawing; a page without either shows its first lines of code.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.directives.other import TocTree

DOCS = Path(__file__).parents[1]
MADE = {"auto_guide": "guide", "auto_howto": "howto", "auto_traps": "traps"}
MADE["auto_examples"] = "../examples"


class Pages(TocTree):
    """List pages as cards, and put them into the contents."""

    def run(self):
        """Make the entries of the contents, out of sight, and a card for each."""
        self.options["hidden"] = None
        made = super().run()
        entries = next(made[0].findall(lambda node: node.tagname == "toctree"))["entries"]
        caption = self.options.get("caption")
        heads = [nodes.rubric("", caption)] if caption else []
        cards = nodes.container(classes=["page-cards"])
        cards.extend(self._card(title, name) for title, name in entries)
        return [*made, *heads, cards]

    def _card(self, title, name):
        folder, _, stem = name.rpartition("/")
        text = source_of(folder, stem).read_text(encoding="utf-8")
        own_title, lead = title_and_lead(text)
        card = nodes.container(classes=["page-card"])
        card += self._picture(folder, stem, text)
        words = nodes.container(classes=["page-words"])
        lines = [f":doc:`{title or own_title} </{name}>`", "", lead]
        self.state.nested_parse(StringList(lines, self.env.docname), 0, words)
        card += words
        return card

    def _picture(self, folder, stem, text):
        drawn = re.search(r"^(?:# )?\.\. drawing:: (\w+)|^```\{drawing\} (\w+)", text, re.MULTILINE)
        if (DOCS / folder / "images" / f"sphx_glr_{stem}_001.png").exists():
            thumb = f"/{folder}/images/thumb/sphx_glr_{stem}_thumb.png"
            inside = nodes.image(uri=thumb, alt="")
        elif drawn:
            svg = (DOCS / "drawings" / f"{drawn[1] or drawn[2]}.svg").read_text(encoding="utf-8")
            inside = nodes.raw(
                "", f'<div class="drawing" aria-hidden="true">{svg}</div>', format="html"
            )
        else:
            code = "\n".join(first_code(text))
            inside = nodes.literal_block(code, code, language="none", classes=["page-code"])
        picture = nodes.container(classes=["page-picture"])
        picture += inside
        return picture


def source_of(folder, stem):
    """Find the file that a page is made from."""
    places = [DOCS / MADE.get(folder, folder) / f"{stem}{end}" for end in (".py", ".md", ".rst")]
    return next(path for path in places if path.exists())


def first_code(text, longest=9):
    """Take the first lines of a page that do something, as a picture of it."""
    fenced = re.search(r"^```\w+\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    code = fenced[1] if fenced else text.partition('"""')[2].partition('"""')[2]
    done = [
        line
        for line in code.splitlines()
        if line and not re.match(r"from |import |#|@|\)|    [\w ]+,$", line)
    ]
    return [line[:48] for line in done[:longest]]


def title_and_lead(text):
    """Take the title of a page and the first sentence below it, as reStructuredText."""
    if text.startswith("# "):
        head, _, rest = text.partition("\n")
        title = head.removeprefix("# ")
        rest = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", rest).replace("`", "``")
    else:
        lines = text.removeprefix('"""').strip().splitlines()
        title, rest = lines[0], "\n".join(lines[2:])
    paragraph = rest.strip().partition("\n\n")[0].partition('"""')[0]
    sentence = re.match(r".*?[.?](?=\s|$)", " ".join(paragraph.split()))
    return title, sentence[0] if sentence else ""


def setup(app):
    """Tell Sphinx."""
    app.add_directive("pages", Pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
