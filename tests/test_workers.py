"""Workers are copies of a server that has imported everything, and otherwise joblib's own."""

import gc
import json
import os
import signal
import subprocess
import sys
import time

import joblib
import numpy as np
import pytest
from joblib._parallel_backends import LokyBackend
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_info

from physio_vad import fork_server
from physio_vad.workers import FORKS, worker_processes

pytestmark = pytest.mark.skipif(not FORKS, reason="other systems start joblib's processes")

SCRIPT = """
import json, os, sys, joblib
sys.stderr.write("the script runs\\n")
from physio_vad import evaluation
from physio_vad.workers import will_need, worker_processes

class Mine:
    what = "of the script"

def task(number):
    state = {"modules": "physio_vad.evaluation" in sys.modules and "wave" in sys.modules}
    return state | {"class": Mine.what, "number": number, "set": os.environ.get("SET_LATE")}

will_need("wave")
os.environ["SET_LATE"] = "yes"
with worker_processes():
    print(json.dumps(joblib.Parallel(n_jobs=2)(joblib.delayed(task)(n) for n in range(4))))
"""


@pytest.fixture
def fresh():
    """Workers of this test alone."""
    get_reusable_executor().shutdown(wait=True)
    yield
    get_reusable_executor().shutdown(wait=True)


def together(function, items, **settings):
    with worker_processes(**settings):
        parallel = joblib.Parallel(n_jobs=2, batch_size=1, pre_dispatch="all")
        return parallel(joblib.delayed(function)(item) for item in items)


def state(_):
    """What a worker finds; slow enough for two to have one each."""
    time.sleep(0.3)
    return {
        "pid": os.getpid(),
        "started by": os.getppid(),
        "drawn": float(np.random.random()),  # noqa: NPY002
        "threads": {one["num_threads"] for one in threadpool_info()},
        "environment": os.environ["OMP_NUM_THREADS"],
        "collects": gc.isenabled(),
        "path": os.environ.get("PYTHONPATH"),
    }


def test_a_script_without_a_guard_runs_once(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    here = tmp_path / "elsewhere"
    here.mkdir()
    (here / "random.py").write_text("raise RuntimeError('a stranger of the same name')")
    command = [sys.executable, str(tmp_path / "script.py")]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=True)
    assert done.stderr == "the script runs\n"
    wanted = {"modules": True, "class": "of the script", "set": "yes"}
    assert json.loads(done.stdout) == [wanted | {"number": number} for number in range(4)]


def test_copies_do_not_share_what_they_must_not(fresh):
    found = together(state, range(2))
    assert {one["started by"] for one in found} == {fork_server.SERVER._forkserver_pid}
    assert len({one["pid"] for one in found}) == 2
    assert len({one["drawn"] for one in found}) == 2
    assert all(one["collects"] for one in found)
    assert {one["path"] for one in found} == {os.environ.get("PYTHONPATH")}


def test_threads_are_those_asked_for(fresh):
    for threads in (1, 2):
        for one in together(state, range(2), threads=threads):
            assert one["threads"] == {threads}
            assert one["environment"] == str(threads)


def test_a_dead_worker_is_an_error_and_the_next_call_works(fresh):
    with pytest.raises(TerminatedWorkerError):
        together(lambda _: os.kill(os.getpid(), signal.SIGKILL), range(2))
    assert together(abs, [-1, -2]) == [1, 2]


def test_a_dead_server_is_started_again(fresh):
    before = {one["started by"] for one in together(state, range(2))}
    get_reusable_executor().shutdown(wait=True)
    fork_server.SERVER.kill()
    time.sleep(0.1)
    assert not before & {one["started by"] for one in together(state, range(2))}


def test_a_server_that_starts_does_not_hear_ctrl_c():
    """The first process of a command finds no tracker of resources yet, and starts these too."""
    script = (
        "from pathlib import Path\nfrom physio_vad.fork_server import SERVER\n"
        "SERVER.ensure_running()\n"
        "print(Path(f'/proc/{SERVER._forkserver_pid}/status').read_text())"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    state = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    deaf = int(state["SigBlk"], 16) | int(state["SigIgn"], 16)
    assert deaf & 1 << (signal.SIGINT - 1)


class Own(LokyBackend):
    """An engine that somebody made of joblib's."""


def test_another_engine_stays(fresh):
    with joblib.parallel_config("threading"):
        assert {one["pid"] for one in together(state, range(2))} == {os.getpid()}
    with joblib.parallel_config(Own()):
        server = fork_server.SERVER._forkserver_pid
        assert server not in {one["started by"] for one in together(state, range(2))}
