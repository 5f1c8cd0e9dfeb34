"""Open every built page in Chromium: ``python docs/check_pages.py docs/_build/html``.

Each page is seen at 1280 and 390 pixels, in light and dark; those of single functions, which are
all made alike, at 1280 in light and at 390 in dark. What is looked for: errors on the
console, anything fetched from the network, pages wider than the window, and what axe-core holds for
serious or critical (https://github.com/dequelabs/axe-core). Exit code 1 if there is any.

``--pictures FOLDER`` also saves what was seen; ``--only guide`` takes the pages with that in their
address.
"""

import argparse
import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
FIRST, LAST = (1280, "light"), (390, "dark")
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
FOUND = """async () => {
  const report = await axe.run(document, {resultTypes: ["violations"], preload: false});
  return report.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `axe ${one.impact} ${one.id}: ${one.nodes.length} x, first `
      + one.nodes[0].target + " " + one.nodes[0].failureSummary.replace(/\\s+/g, " "));
}"""


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *_):
        """Keep silent."""


def main():
    """Check the pages of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    pages = sorted(path.relative_to(options.folder) for path in options.folder.rglob("*.html"))
    pages = [page for page in pages if options.only in str(page) and page.parts[0][0] != "_"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=options.folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    seen = bad = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for width, scheme in product(WIDTHS, SCHEMES):
            size = {"width": width, "height": 900}
            context = browser.new_context(color_scheme=scheme, viewport=size)
            for page in pages:
                if is_like_others(page) and (width, scheme) not in (FIRST, LAST):
                    continue
                picture = None
                if options.pictures:
                    options.pictures.mkdir(parents=True, exist_ok=True)
                    name = page.with_suffix("").as_posix().replace("/", "_")
                    picture = options.pictures / f"{name}-{width}-{scheme}.png"
                wrong = look(context, f"{address}/{page.as_posix()}", width, picture)
                seen += 1
                bad += bool(wrong)
                for line in wrong:
                    print(f"{page} ({width}, {scheme}): {line}", flush=True)
            context.close()
        browser.close()
    print(f"{len(pages)} pages, {seen} looks: {bad} with something wrong")
    sys.exit(bad > 0)


def is_like_others(page):
    """Whether a page holds one name of the public API."""
    return page.parent.name == "api" and page.stem.startswith("physio_vad.")


def look(context, address, width, picture=None):
    """Open one page and list what is wrong with it."""
    wrong = []
    tab = context.new_page()
    tab.on("console", lambda one: one.type == "error" and wrong.append(f"console: {one.text}"))
    tab.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    tab.on("request", lambda asked: foreign(asked.url, address, wrong))
    tab.on("response", lambda one: one.status < 400 or wrong.append(f"{one.status}: {one.url}"))
    tab.goto(address)
    tab.evaluate(AXE)
    wide = tab.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        wrong.append(f"{wide} pixels wide in a window of {width}")
    if picture:
        tab.screenshot(path=picture, full_page=True)
    wrong += tab.evaluate(FOUND)
    tab.close()
    return wrong


def foreign(url, address, wrong):
    """Note what is not ours."""
    home = "/".join(address.split("/")[:3])
    if not url.startswith((home, "data:", "blob:")):
        wrong.append(f"asks the network for {url}")


if __name__ == "__main__":
    main()
