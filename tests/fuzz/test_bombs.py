"""Files that want to become large, or to keep who reads them busy, stay within their budget.

The full sizes, 2 GiB each, take some minutes::

    python tests/fuzz/read_bombs.py FOLDER
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from layouts.write_bombs import BOMBS

from physio_vad.exceptions import ReadError
from physio_vad.io.formats import budget
from physio_vad.io.formats.budget import Budget, make, metered, unpack

SHRINK = 32
OWN = 24 * 2**20
"""What a process may grow by without any bomb: arenas of the allocators, code."""
A_SECOND = 80 * 2**20
"""What a library in a loop makes until its time is up: in 10 s less than 1 GiB."""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measures as Linux does")
def test_every_bomb_stays_within_its_budget(tmp_path):
    worker = Path(__file__).parent / "read_bombs.py"
    command = [sys.executable, str(worker), str(tmp_path), str(SHRINK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(BOMBS)
    assert len(BOMBS) >= 30
    for name, one in found.items():
        assert one["outcome"].startswith(("refused: ", "read")), (name, one)
        unpacked = budget.UNPACKED / SHRINK + budget.UNPACKED_PER_BYTE * one["bytes"]
        looped = A_SECOND * one["seconds"]
        assert one["grown"] < budget.MADE / SHRINK + unpacked + looped + OWN, (name, one)
        assert one["seconds"] < 4 * max(1, 5e-6 * one["bytes"]), (name, one)
    assert sum(one["outcome"] != "read" for one in found.values()) >= 40


@pytest.fixture
def file(tmp_path) -> Path:
    (tmp_path / "a.bin").write_bytes(bytes(1000))
    return tmp_path / "a.bin"


def test_bytes_are_counted_over_all_calls(file, monkeypatch):
    monkeypatch.setattr(budget, "MADE", 20_000)
    one = Budget([file])
    one.spend(lambda: make(15_000))
    with pytest.raises(ReadError, match=r"a\.bin: makes .* which no recording does"):
        one.spend(lambda: make(15_000))
    Budget([file]).spend(lambda: make(15_000))
    make(1e12)  # nothing is read, nothing is counted
    with pytest.raises(ReadError, match="makes"):
        Budget([file]).spend(lambda: list(metered(range(1000))))


def test_what_unpacks_may_become_more_up_to_a_ratio(file, monkeypatch):
    monkeypatch.setattr(budget, "MADE", 20_000)
    monkeypatch.setattr(budget, "UNPACKED", 5000)

    def read(n_unpacked: int, n_made: int) -> None:
        unpack(n_unpacked)
        make(n_made)

    Budget([file]).spend(lambda: read(32_000, 16 * 32_000))
    with pytest.raises(ReadError, match="unpacks to"):
        Budget([file]).spend(lambda: read(32_001, 0))
    with pytest.raises(ReadError, match="makes"):
        Budget([file]).spend(lambda: read(32_000, 16 * 32_000 + 1))


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="needs a thread's clock")
@pytest.mark.parametrize("catches", [False, True])
def test_an_endless_loop_is_stopped_and_the_thread_goes_on(file, monkeypatch, catches):
    monkeypatch.setattr(budget, "SECONDS", 0.1)
    monkeypatch.setattr(budget, "SECONDS_PER_MB", 1.0)

    def loop() -> None:
        while True:
            try:
                sum(range(1000))
            except Exception:
                assert catches

    threads = threading.active_count()  # those of tests before may take a moment to go
    with pytest.raises(ReadError, match="of computing to read"):
        Budget([file]).spend(loop)
    assert sum(range(10**6)) == 499999500000
    assert threading.active_count() <= threads
    Budget([file]).spend(lambda: time.sleep(0.3))  # to wait is no computing
