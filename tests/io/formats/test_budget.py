"""The limits of what reading a source may cost, and that they cost nothing themselves."""

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.formats import budget
from physio_vad.io.formats.budget import Budget

TRACED = """
import sys, time
from pathlib import Path
from physio_vad.io.formats.budget import Budget
sys.settrace(lambda *_: None)
for _ in range(3):
    print(Budget([Path(sys.argv[1])]).spend(lambda: sum(range(10))))
"""


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def stubborn() -> None:
    """Go on whatever comes, as some parsers do."""
    for _ in range(3):
        with contextlib.suppress(BaseException):
            spin(0.5)


@pytest.mark.parametrize("call", [lambda: spin(10), stubborn], ids=["loop", "catches all"])
def test_a_loop_ends(call, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"1")
    monkeypatch.setattr(budget, "SECONDS", 0.2)
    begin = time.thread_time()
    with pytest.raises(ReadError, match=r"a\.csv: takes more than 0 s of computing"):
        Budget([tmp_path / "a.csv"]).spend(call)
    assert time.thread_time() - begin < 5
    spin(0.2)  # nothing is on its way any more


def test_a_debugger_may_trace(tmp_path: Path) -> None:
    """An error that is called back makes a traced Python 3.11 spin for ever."""
    command = [sys.executable, "-c", TRACED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["45"] * 3


def sparse(path: Path, n_bytes: int) -> Budget:
    with path.open("wb") as stream:
        stream.truncate(n_bytes)
    return Budget([path])


def test_a_gibibyte_may_be_made_of_any_file_and_16_bytes_of_each_of_a_large_one(tmp_path) -> None:
    budget = sparse(tmp_path / "a.csv", 1)
    budget.make(2**30)
    with pytest.raises(ReadError, match=r"a\.csv: makes 1025 MiB of 0\.0 MiB"):
        budget.make(2**20)
    budget = sparse(tmp_path / "a.csv", 100 * 2**20)
    budget.make(1600 * 2**20)
    with pytest.raises(ReadError, match=r"a\.csv: makes 1600 MiB of 100\.0 MiB"):
        budget.make(1)


def test_what_was_unpacked_counts_as_much_as_files(tmp_path) -> None:
    budget = sparse(tmp_path / "a.csv", 1)
    budget.unpack(2**28)
    budget.make(2**32)
    with pytest.raises(ReadError, match="makes 4096 MiB"):
        budget.make(1)
    with pytest.raises(ReadError, match=r"unpacks to 256 MiB of 0\.0 MiB"):
        budget.unpack(1)
    budget = sparse(tmp_path / "a.csv", 10 * 2**20)
    budget.unpack(320 * 2**20)
    with pytest.raises(ReadError, match=r"unpacks to 320 MiB of 10\.0 MiB"):
        budget.unpack(1)


def test_a_megabyte_may_take_five_seconds(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budget, "SECONDS", 0.1)
    with pytest.raises(ReadError, match=r"takes more than 1 s .* no recording of its 0\.1 MB"):
        sparse(tmp_path / "a.csv", 120_000).spend(lambda: spin(10))
    assert sparse(tmp_path / "a.csv", 120_000).spend(lambda: spin(0.3)) is None


def lookers() -> list[str]:
    return [one.name for one in threading.enumerate() if "_look" in one.name]


def test_one_thread_looks_after_all_and_ends(tmp_path: Path) -> None:
    inside = Budget([tmp_path]).spend(
        lambda: [Budget([tmp_path]).spend(lookers) for _ in range(20)]
    )
    assert len(inside[0]) == 1
    assert inside == inside[:1] * 20
    end = time.monotonic() + 10
    while lookers() and time.monotonic() < end:
        time.sleep(0.05)
    assert lookers() == []
    assert len(Budget([tmp_path]).spend(lookers)) == 1
