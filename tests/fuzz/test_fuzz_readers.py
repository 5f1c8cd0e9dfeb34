"""Harmed files through every reader: our errors come out, fast, and nothing else.

The full run reads 24 000 of them in two processes::

    FUZZ_FILES=12000 python -m pytest tests/fuzz/test_fuzz_readers.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.reader_seeds import make_seeds

from physio_vad.io import READERS

WORKER = Path(__file__).parent / "read_damaged.py"
SHARED = Path(__file__).parents[3] / "shared" / "data"
N_FILES = int(os.environ.get("FUZZ_FILES", "300"))

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="limits memory as Linux does"
)


@pytest.mark.parametrize("seed", [0, 1])
def test_harmed_files_are_read_or_refused(tmp_path, seed):
    shared = [str(SHARED)] if SHARED.is_dir() else []
    done = subprocess.run(
        [sys.executable, str(WORKER), str(tmp_path), str(seed), str(N_FILES), *shared],
        capture_output=True,
        text=True,
        check=False,
        timeout=120 + N_FILES,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    print({name: value for name, value in found.items() if name != "counts"})
    assert not found["findings"], "\n".join(found["findings"][:20])
    assert found["slowest"] < 5
    assert all(sum(outcomes.values()) for outcomes in found["counts"].values())
    evil = [outcomes for name, outcomes in found["counts"].items() if name.startswith("evil")]
    assert all(outcomes.get("read", 0) == 0 for outcomes in evil)


def test_files_of_every_reader_are_harmed(tmp_path):
    harmed = {reader.name for *_, reader in make_seeds(tmp_path, None)}
    assert set(READERS) <= harmed, "add one to tests/fuzz/reader_seeds.py"
