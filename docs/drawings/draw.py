"""Draw the SVG files of this folder: ``python docs/drawings/draw.py``.

Colours are those of the page around a drawing, so that it can be read on light and dark. The
drawings are narrow, so that their text can be read on a telephone.
"""

from math import atan2, cos, sin
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).parent
WIDTH = 440
TARGETS = ("valence", "arousal", "dominance")
COLUMNS = (10, 157, 304)
WIDE = 126


class Drawing:
    """Boxes, arrows and words; what it shows is told to those who do not see it."""

    def __init__(self, height, label):
        self.height, self.label, self.parts = height, label, []

    def box(self, x, y, w, h, *lines, kind="box"):
        """Draw a box with one or more lines of text in its middle."""
        self.parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="7"/>')
        first = y + h / 2 - 9 * (len(lines) - 1) + 5
        for number, line in enumerate(lines):
            self.text(x + w / 2, first + 18 * number, line, small=number > 0)

    def text(self, x, y, line, *, small=False, at="middle"):
        """Write a line of text."""
        kind = "small" if small else "word"
        self.parts.append(
            f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{at}">{escape(line)}</text>'
        )

    def arrow(self, *points, kind="arrow"):
        """Draw a line through points, with a head at the last."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        (x0, y0), (x1, y1) = points[-2:]
        angle = atan2(y1 - y0, x1 - x0)
        head = " ".join(
            f"{x1 - 9 * cos(angle + turn):.1f},{y1 - 9 * sin(angle + turn):.1f}"
            for turn in (-0.45, 0.45)
        )
        self.parts.append(f'<polyline class="{kind}" points="{path}"/>')
        self.parts.append(f'<polygon class="{kind} head" points="{x1:g},{y1:g} {head}"/>')

    def cell(self, x, y, w, h, kind):
        """Draw a cell of a table."""
        self.parts.append(
            f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}"/>'
        )

    def save(self, name):
        """Write the file."""
        body = "\n".join(self.parts)
        (HERE / f"{name}.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            f'role="img" aria-label={quoteattr(self.label)}>\n{body}\n</svg>\n',
            encoding="utf-8",
        )


def three_tasks():
    """Rows, features, and the three columns to predict."""
    one = Drawing(
        212,
        "A table. Each row is a window of one person. Eight groups of columns are features of the "
        "eight sensors; three more columns are the ratings valence, arousal and dominance.",
    )
    one.text(10, 18, "rows", at="start")
    one.text(185, 18, "X: features of 8 sensors")
    one.text(373, 18, "y: 3 ratings")
    people = ("anna", "anna", "anna", "ben", "ben", "cleo")
    for row, person in enumerate(people):
        y = 32 + 26 * row
        one.text(10, y + 16, f"{person}, {(0, 1, 2, 0, 1, 0)[row]}", small=True, at="start")
        for column in range(16):
            one.cell(68 + column * 14.5, y, 13, 22, "feature" if column % 4 < 2 else "feature2")
        for column in range(3):
            one.cell(320 + column * 37, y, 34, 22, "target")
    for column, name in enumerate("VAD"):
        one.text(337 + column * 37, 206, name, small=True)
    one.text(10, 206, "person, window", small=True, at="start")
    one.save("three_tasks")


def independent():
    """Each target on its own."""
    one = Drawing(
        236,
        "Independent models: the features X go to three models that know nothing of each other; "
        "each predicts one rating.",
    )
    one.box(10, 10, 420, 44, "X: features of a window", kind="input")
    for x, target in zip(COLUMNS, TARGETS, strict=True):
        middle = x + WIDE / 2
        one.arrow((middle, 54), (middle, 92))
        one.box(x, 92, WIDE, 50, "model of", target)
        one.arrow((middle, 142), (middle, 182))
        one.box(x, 182, WIDE, 40, target, kind="output")
    one.save("independent")


def shared():
    """One trunk, three heads."""
    one = Drawing(
        392,
        "Shared layers and three heads: the features X go through shared layers, which all ratings "
        "train together. From there one head for each rating predicts it, with a loss of its own.",
    )
    one.box(10, 10, 420, 44, "X: features of a window", kind="input")
    one.arrow((220, 54), (220, 84))
    one.box(60, 84, 320, 40, "shared layer")
    one.arrow((220, 124), (220, 152))
    one.box(60, 152, 320, 40, "shared layer")
    for x, target in zip(COLUMNS, TARGETS, strict=True):
        middle = x + WIDE / 2
        one.arrow((220, 192), (220, 208), (middle, 208), (middle, 234))
        one.box(x, 234, WIDE, 40, "head")
        one.arrow((middle, 274), (middle, 302))
        one.box(x, 302, WIDE, 40, target, kind="output")
        one.text(middle, 366, "own loss", small=True)
    one.text(220, 387, "a missing rating is masked in its loss only", small=True)
    one.save("shared")


def chain():
    """Each prediction feeds the next target."""
    one = Drawing(
        330,
        "A chain: the first model predicts valence from the features X. The second predicts "
        "arousal from X and the predicted valence. The third predicts dominance from X and both "
        "predictions. In training the predictions come from models that did not see the person.",
    )
    one.box(10, 10, 420, 44, "X: features of a window", kind="input")
    inputs = ("X", "X + valence*", "X + val.* + aro.*")
    for number, (x, target) in enumerate(zip(COLUMNS, TARGETS, strict=True)):
        top = 92 + 46 * number
        middle = x + WIDE / 2
        one.arrow((middle, 54), (middle, top))
        one.box(x, top, WIDE, 50, f"model {number + 1}", inputs[number])
        one.arrow((middle, top + 50), (middle, 254))
        one.box(x, 254, WIDE, 40, target, kind="output")
    # The prediction of one target goes sideways into the models after it.
    one.arrow((73, 163), (157, 163), kind="feed")
    one.arrow((220, 209), (304, 209), kind="feed")
    one.text(220, 322, "* predicted by models that did not see the person", small=True)
    one.save("chain")


def chain_ensemble():
    """All orders of a chain, as a tree: what they begin with in common is fitted once."""
    one = Drawing(
        430,
        "An ensemble of chains: the features X go to three first models, of valence, arousal and "
        "dominance. After each come the two orders of the other targets, each model taking X and "
        "the predictions above it: 15 models for six orders. Each rating is the mean over them.",
    )
    one.box(10, 10, 420, 44, "X: features of a window", kind="input")
    orders = ("AD", "DA", "VD", "DV", "VA", "AV")
    for x, first in zip(COLUMNS, TARGETS, strict=True):
        one.arrow((x + WIDE / 2, 54), (x + WIDE / 2, 84))
        one.box(x, 84, WIDE, 40, first)
    for number, (second, third) in enumerate(orders):
        middle = 41 + 147 * (number // 2) + 64 * (number % 2)
        one.arrow((middle, 124), (middle, 152), kind="feed")
        one.box(middle - 26, 152, 52, 40, second)
        one.arrow((middle, 192), (middle, 220), kind="feed")
        one.box(middle - 26, 220, 52, 40, third)
        one.arrow((middle, 260), (middle, 288))
    one.box(10, 288, 420, 40, "mean over the six orders")
    for x, target in zip(COLUMNS, TARGETS, strict=True):
        one.arrow((x + WIDE / 2, 328), (x + WIDE / 2, 356))
        one.box(x, 356, WIDE, 40, target, kind="output")
    one.text(220, 420, "each model also takes X, and all predictions above it", small=True)
    one.save("chain_ensemble")


def stack():
    """Several kinds of models, weighted for each target."""
    one = Drawing(
        348,
        "A stack: the features X go to several kinds of models. For each rating their out-of-fold "
        "predictions are added with weights that are never negative; what the weights lack to one "
        "goes to the mean of the training people.",
    )
    one.box(10, 10, 420, 44, "X: features of a window", kind="input")
    members = (("boosted", "trees"), ("random", "trees"), ("ridge", "lines"), ("kernels", "curves"))
    for number, words in enumerate(members):
        x = 10 + 107 * number
        one.arrow((x + 49, 54), (x + 49, 88))
        one.box(x, 88, 99, 50, *words)
        one.arrow((x + 49, 138), (x + 49, 166))
    one.box(
        10, 166, 420, 62, "weights of each target, none negative", "from out-of-fold predictions"
    )
    for x, target in zip(COLUMNS, TARGETS, strict=True):
        one.arrow((x + WIDE / 2, 228), (x + WIDE / 2, 264))
        one.box(x, 264, WIDE, 40, target, kind="output")
    one.text(220, 334, "weights that lack to 1 go to the training mean", small=True)
    one.save("stack")


def splits():
    """Shuffled rows beside whole people."""
    one = Drawing(
        300,
        "Two splits of the windows of five people. Shuffled 80 to 20: every person has windows on "
        "both sides. By person: all windows of one person are the test side.",
    )
    for top, title, by_person in ((0, "80:20 of shuffled rows", False), (152, "by person", True)):
        one.text(10, top + 18, title, at="start")
        for person in range(5):
            y = top + 28 + 21 * person
            one.text(10, y + 14, f"person {person + 1}", small=True, at="start")
            for window in range(20):
                test = person == 2 if by_person else (7 * window + 3 * person) % 5 == 0
                one.cell(92 + window * 17, y, 15, 17, "target" if test else "feature2")
    one.cell(240, 9, 14, 13, "feature2")
    one.text(260, 20, "training", small=True, at="start")
    one.cell(340, 9, 14, 13, "target")
    one.text(360, 20, "test", small=True, at="start")
    one.save("splits")


def way():
    """Draw the way of the data."""
    one = Drawing(
        470,
        "The way of the data: files are read into recordings; recordings are cut into windows with "
        "ratings; each window becomes a row of features; a pipeline learns from them; it is "
        "evaluated on people never seen, beside baselines; a saved model predicts new people.",
    )
    steps = (
        ("files", "one a person or trial", "read_recordings", "input"),
        ("recordings", "signals, each at its rate; ratings", "make_windows", "box"),
        ("windows and ratings", "named person, trial, window", "extract_features", "box"),
        ("feature table", "one row a window", "build_pipeline, evaluate", "box"),
        ("scores beside baselines", "on people never seen", "save_model, predict", "box"),
        ("predictions for a new person", "valence, arousal, dominance", "", "output"),
    )
    for number, (name, text, function, kind) in enumerate(steps):
        y = 6 + 82 * number
        one.box(10, y, 270, 50, name, text, kind=kind)
        if function:
            one.arrow((145, y + 50), (145, y + 82))
            one.text(160, y + 71, function, small=True, at="start")
    one.save("way")


ALL = (three_tasks, independent, shared, chain, chain_ensemble, stack, splits, way)

if __name__ == "__main__":
    for draw in ALL:
        draw()
