"""Ctrl-C, TERM and HUP end a command in two seconds, keep what was finished, leave no process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.sessions import processes

from physio_vad import simulate_recordings
from physio_vad import write_eleven_column as write
from physio_vad.cli.outputs import MARK

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"
)
SINCE = 0.7  # seconds of computing since LightGBM was loaded, after which a process is in a fit
RECIPE = """
[layout]
name = "eleven-column"
[windows]
length = 5.0
[features]
modalities = ["eda", "temperature"]
[model]
name = "stack"
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write(simulate_recordings(n_subjects=8, minutes=5, seed=3), folder / "data")
    (folder / "recipe.toml").write_text(RECIPE)
    command = ["features", str(folder / "data"), "--recipe", str(folder / "recipe.toml")]
    command += ["--out", str(folder / "tables"), "--jobs", "1"]
    subprocess.run([sys.executable, "-m", "physio_vad.cli.commands", *command], check=True)
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_features_keeps_finished_recordings(tmp_path, number):
    write(simulate_recordings(n_subjects=8, minutes=1, seed=3), tmp_path / "data")
    for path in sorted((tmp_path / "data").glob("*.csv"))[-2:]:  # both processes are busy with it
        head, _, rows = path.read_text().partition("\n")
        path.write_text(head + "\n" + rows * 40)
    parts = tmp_path / "out" / "parts"
    command = ["features", str(tmp_path / "data"), "--out", str(tmp_path / "out"), "--jobs", "2"]
    stop(command, when=lambda session: list(parts.glob("[!.]*.json")), number=number)
    assert 1 <= len(list(parts.glob("[!.]*.json"))) < 8
    assert not (tmp_path / "out" / "features.parquet").exists()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_evaluate_leaves_nothing_half(tables, tmp_path, jobs, number):
    command = ["evaluate", str(tables / "tables"), "--out", str(tmp_path / "out"), "--jobs", jobs]
    stop(command, when=in_a_fit(), number=number)
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == [MARK]


@pytest.mark.slow
def test_tune_keeps_the_features(tables, tmp_path):
    command = ["tune", str(tables / "recipe.toml"), "--data", str(tables / "data")]
    sheets, fitting = (tmp_path / "out" / "parts").glob, in_a_fit()
    stop(
        [*command, "--out", str(tmp_path / "out"), "--jobs", "2"],
        when=lambda session: len(list(sheets("[!.]*.json"))) == 8 and fitting(session),
    )
    assert len(list(sheets("[!.]*.json"))) == 8
    assert not (tmp_path / "out" / "model.joblib").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_long_call_into_a_library_is_no_way_to_stay(number):
    code = (
        "import hashlib; from physio_vad.cli.stopping import stopping\n"
        "with stopping(): print('in', flush=True); hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert run.stdout.readline() == "in\n"
    time.sleep(0.2)
    run.send_signal(number)
    assert "stopped" in run.communicate(timeout=30)[1]
    assert run.returncode == 128 + number


def stop(command: list[str], when, number=signal.SIGINT) -> None:
    """Send a signal at a moment, and look at how the command ends.

    Ctrl-C reaches all processes of a terminal; a cluster or container tells the first one only.
    """
    run = subprocess.Popen(
        [sys.executable, "-m", "physio_vad.cli.commands", *command],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not when(run.pid):
        assert run.poll() is None, run.stderr.read()
        time.sleep(0.02)
    start = time.monotonic()
    (os.killpg if number == signal.SIGINT else os.kill)(run.pid, number)
    said = run.communicate(timeout=60)[1]
    took = time.monotonic() - start
    assert run.returncode == 128 + number
    assert "stopped" in said
    assert "Traceback" not in said
    assert took < 2 * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert not left_after_a_moment(run.pid)


def looked_up(pid: int, what: str) -> str:
    """Read a file of /proc, empty if the process is gone."""
    try:
        return Path(f"/proc/{pid}/{what}").read_text()
    except OSError:
        return ""


def parent(pid: int) -> int:
    return int((looked_up(pid, "stat").rpartition(")")[2].split() or "00")[1])


def in_a_fit():
    """Make a function that tells whether a process is in a fit: a worker, or the only one."""
    begun = {}

    def look(session: int) -> bool:
        spent = processes(session)
        # the server that workers are copies of is the command's own child, they are not
        workers = [
            pid for pid in spent if len(spent) == 1 or parent(pid) in spent.keys() - {session}
        ]
        for pid in workers:
            if "lightgbm" in looked_up(pid, "maps"):
                begun.setdefault(pid, spent[pid])
        return any(spent[pid] > begun[pid] + SINCE for pid in workers if pid in begun)

    return look


def left_after_a_moment(session: int) -> dict[int, float]:
    """Look for a second: a killed process may take a moment to go."""
    left = processes(session)
    for _ in range(50):
        if not left:
            break
        time.sleep(0.02)
        left = processes(session)
    return left
