"""An evaluation whose numbers are known, and a reader of pages."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import Evaluation

SUBJECTS = [f"s{number}" for number in range(5)]


class Page(HTMLParser):
    """What stands in a page: elements in order, and tables by caption."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.tables, self.texts = [], {}, {}
        self._open, self._rows, self._caption = [], [], ""
        self.feed(text)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "img"}:
            self._open.append(tag)
        if tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._rows[-1].append("")
        elif tag == "table":
            self._rows, self._caption = [], ""

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        if tag == "table":
            self.tables[self._caption] = pd.DataFrame(
                [row[1:] for row in self._rows[1:]],
                index=[row[0] for row in self._rows[1:]],
                columns=self._rows[0][1:],
            )

    def handle_data(self, data):
        inside = self._open[-1] if self._open else ""
        self.texts.setdefault(inside, []).append(data)
        if inside in {"td", "th"}:
            self._rows[-1][-1] += data
        elif "caption" in self._open:
            self._caption += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="session")
def parse():
    """Read the text of a page."""
    return Page


@pytest.fixture
def browse(tmp_path):
    """Open a page in a headless browser; give its log, and what a script in the page sees."""
    if shutil.which("chromium") is None:
        pytest.skip("needs a browser (chromium)")
    probe = """<script>addEventListener('load', () => {
        const all = (name) => [...document.querySelectorAll(name)];
        document.title = JSON.stringify({
            loaded: all('img').every((one) => one.naturalWidth > 0),
            width: document.documentElement.scrollWidth,
            sections: all('h2').length,
            tables: all('table').filter((one) => one.checkVisibility()).length,
            reached: all('a, summary, .scroll').filter((one) => {
                one.focus();
                return document.activeElement === one && one.checkVisibility();
            }).length,
        });
    });</script>"""

    def opened(report, width, *, printed=False):
        text = report.read_text(encoding="utf-8").replace("</body>", probe + "</body>")
        if printed:  # what paper gets, on the screen
            text = text.replace("@media print", "@media all")
        # A frame of the wanted width, because the window itself cannot be narrower than 500 pixels.
        inner, outer = tmp_path / "inner.html", tmp_path / "frame.html"
        inner.write_text(text, encoding="utf-8")
        outer.write_text(
            f"<iframe src=inner.html width={width} height=900></iframe><script>onload = () => "
            "document.title = 'seen ' + frames[0].document.title</script>",
            encoding="utf-8",
        )
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        command += ["--disable-background-networking", "--allow-file-access-from-files"]
        command += ["--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}"]
        done = subprocess.run(
            [*command, "--dump-dom", outer.as_uri()],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        found = re.search(r"<title>seen (\{.*?\})</title>", done.stdout)
        return done.stderr, json.loads(found[1])

    return opened


@pytest.fixture(scope="session")
def make_evaluation():
    """Ratings 5 + noise of SD 1; subject k is predicted with an error of exactly k / 4 + 0.1."""

    def make(
        targets=("valence", "arousal", "dominance"), subjects=SUBJECTS, *, n_trials=2, times=True
    ):
        rng = np.random.default_rng(0)
        index = pd.MultiIndex.from_product([subjects, range(n_trials), range(24)])
        table = pd.DataFrame(
            {
                "subject": index.get_level_values(0),
                "trial": index.get_level_values(1).astype(str),
                "window": index.get_level_values(2),
            }
        )
        table["start"] = table["window"] * 5.0 if times else np.nan
        table["stop"] = table["start"] + 10.0
        table["stimulus"] = "clip" + table["trial"]
        table["fold"] = pd.factorize(table["subject"])[0]
        error = (table["fold"] / 4 + 0.1) * np.where(table["window"] % 2, 1, -1)
        for target in targets:
            table[target] = 5 + rng.normal(size=len(table))
            table[f"{target}_predicted"] = table[target] + error
            table[f"{target}_scale_midpoint"] = 5.0
            table[f"{target}_training_mean"] = 5.1
            table[f"{target}_stimulus_mean"] = np.nan  # does not apply
        info = {
            "targets": list(targets),
            "metrics": ["rmse", "ccc"],
            "baselines": ["scale_midpoint", "training_mean", "stimulus_mean"],
            "scale": {target: [1.0, 9.0] for target in targets},
            "cv": "leave-one-subject-out",
            "findings": [],
        }
        return Evaluation(table, info)

    return make


@pytest.fixture(scope="session")
def evaluation(make_evaluation):
    return make_evaluation()
