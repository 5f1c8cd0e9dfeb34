"""What ``import physio_vad`` costs beyond pandas and scikit-learn.

Run ``python benchmarks/importing.py``. Fresh processes, warm file cache, CPU seconds. Some parts of
scikit-learn itself are among what is imported beyond ``import sklearn``.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import parser, show

import json
import subprocess
import sys

import pandas as pd

CODE = """
import json, time
begin = time.process_time()
import pandas, sklearn
middle = time.process_time()
import physio_vad
print(json.dumps({"pandas and sklearn": middle - begin, "beyond": time.process_time() - middle}))
"""


def main() -> None:
    arguments = parser(__doc__).parse_args()
    rows = []
    for _ in range(4 if arguments.quick else 12):
        command = [sys.executable, "-c", CODE]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout))
    found = pd.DataFrame(rows[1:])  # the first one fills the file cache
    table = {"median": found.median(), "least": found.min(), "most": found.max()}
    show({"Import, CPU s": pd.DataFrame(table)}, arguments.json)


if __name__ == "__main__":
    main()
