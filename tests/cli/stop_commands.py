"""Stop every command by every signal in the middle, and count what is left.

``python tests/cli/stop_commands.py [COMMAND ...]``: each command first runs to its end and its CPU
time is taken; then it is started anew and told INT, TERM or HUP when it has used about half of
that, with one process and with two where it has ``--jobs``. Ctrl-C reaches all processes of a
terminal, a cluster or container tells the first one only, and so does this. A row of the table is a
command that was stopped: its workers then, seconds until it had gone, its exit code, processes left
a second later, ``Traceback`` if it said that, files of its folder that do not read whole.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import joblib
import pandas as pd
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from cli.sessions import processes

from physio_vad import simulate_recordings, write_eleven_column

RECIPE = """
[layout]
name = "eleven-column"
[windows]
length = 5.0
[features]
modalities = ["eda", "temperature"]
[model]
name = "chain"
estimator = "lightgbm"
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Command = list[object]


def study(home: Path) -> None:
    """Make recordings, a recipe and a finished study to work on."""
    write_eleven_column(simulate_recordings(n_subjects=5, minutes=2, seed=3), home / "data")
    (home / "r.toml").write_text(RECIPE)
    (home / "chain.toml").write_text(RECIPE.replace('"lightgbm"', '"ridge"'))
    done = run(["run", home / "chain.toml", "--data", home / "data", "--out", home / "study"])
    assert done.wait() == 0


def commands(home: Path, out: Path) -> dict[str, Command]:
    """List every command, those with ``--jobs`` first."""
    data, recipe, tables = home / "data", home / "r.toml", home / "study"
    model, both = tables / "model.joblib", ["--model", "chain", "--model", "multioutput"]
    return {
        "features": ["features", data, "--recipe", recipe, "--out", out, "--jobs"],
        "evaluate": ["evaluate", tables, "--out", out, "--model", "chain", "--jobs"],
        "compare": ["compare", tables, "--out", out, *both, "--jobs"],
        "tune": ["tune", recipe, "--data", data, "--out", out, "--tries", 3, "--jobs"],
        "run": ["run", recipe, "--data", data, "--out", out, "--jobs"],
        "demo": ["demo", "--out", out, "--subjects", 3, "--minutes", 2, "--jobs"],
        "simulate": ["simulate", out, "--subjects", 8],
        "init": ["init", data, "--out", out / "r.toml"],
        "train": ["train", tables, "--out", out / "m.joblib", "--model", "chain"],
        "predict": ["predict", model, data, "--out", out / "p.csv"],
        "report": ["report", tables / "evaluations" / "chain", "--out", out / "r.html"],
        "check-leakage": ["check-leakage", tables],
        "list": ["list", "models"],
        "live": [
            "live",
            model,
            "--source",
            f"replay:{data / 'S01.csv'}",
            "--out",
            out,
            "--port",
            0,
        ],
        "replay": ["replay", data / "S01.csv", "--wait", 60],
    }


def run(command: Command) -> subprocess.Popen[str]:
    """Start a command in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "physio_vad", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def cpu_of(command: Command) -> float:
    """CPU seconds of a command that runs to its end, or 3 s of one that waits for a sensor."""
    if command[0] in ("live", "replay"):
        return 4.0
    before = os.times()
    started = run(command)
    said = started.communicate()[1]
    assert started.returncode == 0, said
    after = os.times()
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def stopped(command: Command, number: int, cpu: float) -> dict[str, object] | None:
    """Stop a command once its processes have used so much CPU; None if it was done by then."""
    started = run(command)
    while sum(processes(started.pid).values()) < cpu:
        if started.poll() is not None:
            return None
        time.sleep(0.005)
    n_workers, begin = len(processes(started.pid)) - 1, time.monotonic()
    if n_workers < 0:  # it ended just now
        started.communicate()
        return None
    (os.killpg if number == signal.SIGINT else os.kill)(started.pid, number)
    said = started.communicate()[1]
    took = time.monotonic() - begin
    if started.returncode == 0:  # it was about to end
        return None
    time.sleep(1)
    left = processes(started.pid)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return {
        "workers": n_workers,
        "seconds": round(took, 2),
        "code": code if (code := started.returncode) >= 0 else 128 - code,  # as a shell gives it
        "left": len(left),
        "said": "Traceback" if "Traceback" in said else "",
    }


def broken(out: Path) -> int:
    """Count files that do not read whole."""
    n_broken = 0
    for path in (one for one in out.rglob("*") if one.is_file()):
        try:
            if path.suffix == ".parquet":
                pq.read_table(path)
            elif path.suffix == ".json":
                json.loads(path.read_text(encoding="utf-8"))
            elif path.suffix == ".joblib":
                joblib.load(path)
            elif "-unfinished-" in path.name:
                raise ValueError
        except Exception:
            n_broken += 1
    return n_broken


def rows_of(name: str, home: Path) -> Iterator[dict[str, object]]:
    """Stop a command by each signal, with one and two jobs if it has any."""
    several = commands(home, home)[name][-1] == "--jobs"
    cpu = cpu_of(command(name, home, "whole", 1 if several else None))
    for jobs, number in itertools.product((1, 2) if several else (None,), SIGNALS):
        row, share = None, 0.6
        while row is None:  # it was done before the signal came
            assert share > 0.05, f"{name} goes on after {number}"
            place = f"{number}-{jobs}-{share:.2f}"
            row = stopped(command(name, home, place, jobs), number, share * cpu)
            share *= 0.9
        told = {"command": name, "jobs": jobs or "", "signal": signal.Signals(number).name}
        yield told | row | {"broken": broken(home / name / place)}


def command(name: str, home: Path, place: str, jobs: int | None) -> Command:
    """Give a command that writes to a folder of its own, which is made."""
    out = home / name / place
    out.mkdir(parents=True, exist_ok=True)
    made = commands(home, out)[name]
    return [*made, jobs] if jobs else made


def main(names: list[str]) -> None:
    """Print a row for each command, signal and number of jobs."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        study(home)
        chosen = names or list(commands(home, home))
        table = pd.DataFrame(row for name in chosen for row in rows_of(name, home))
    print(table.to_string(index=False))
    asked = [128 + signal.Signals[name] for name in table["signal"]]
    print(
        f"{len(table)} stopped: {table['left'].sum()} processes left, "
        f"{(table['code'] != asked).sum()} other exit codes, {table['said'].ne('').sum()} "
        f"tracebacks, {table['broken'].sum()} broken files, slowest {table['seconds'].max()} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
