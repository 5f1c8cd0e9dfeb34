"""What it costs to start: the import, and commands that only say something.

Run ``python benchmarks/starting.py``. Fresh processes in turn, warm file cache, CPU seconds of the
process with Python's own start. ``list`` reads the names that the first turn put into the cache.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import parser, show

import resource
import subprocess
import sys

import pandas as pd

COMMAND = "import sys; sys.argv[0] = 'physio-vad'; from physio_vad.cli import main; main()"
STARTS = {
    "python alone": ["pass"],
    "import typer": ["import typer"],
    "import physio_vad": ["import physio_vad"],
    "import pandas, sklearn": ["import pandas, sklearn"],
    "a class of physio_vad": ["from physio_vad import Signal"],
    "physio-vad --version": [COMMAND, "--version"],
    "physio-vad --help": [COMMAND, "--help"],
    "physio-vad evaluate --help": [COMMAND, "evaluate", "--help"],
    "physio-vad list": [COMMAND, "list"],
}


def seconds(words: list[str]) -> float:
    """CPU seconds of one fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", *words], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    arguments = parser(__doc__).parse_args()
    rows = [
        {name: seconds(words) for name, words in STARTS.items()}
        for _ in range(4 if arguments.quick else 12)
    ]
    found = pd.DataFrame(rows[1:])  # the first turn fills the caches
    table = {"median": found.median(), "least": found.min(), "most": found.max()}
    show({"Start, CPU s": pd.DataFrame(table)}, arguments.json)


if __name__ == "__main__":
    main()
