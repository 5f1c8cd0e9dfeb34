"""Recipes, notes, evaluations, explanations, parts and tables of harmed structure: errors of ours.

The full run::

    FUZZ_STRUCTURES=100000 python -m pytest tests/fuzz/test_fuzz_structures.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path

N_INPUTS = int(os.environ.get("FUZZ_STRUCTURES", "180"))


def test_harmed_structures_are_read_or_refused(tmp_path):
    worker = Path(__file__).parent / "read_structures.py"
    command = [sys.executable, str(worker), str(tmp_path), "0", str(N_INPUTS)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300 + N_INPUTS
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    print(found["counts"])
    assert not found["findings"], "\n".join(found["findings"][:20])
    assert all(sum(outcomes.values()) == N_INPUTS // 6 for outcomes in found["counts"].values())
    assert sum(outcomes.get("refused", 0) for outcomes in found["counts"].values()) > N_INPUTS / 4
