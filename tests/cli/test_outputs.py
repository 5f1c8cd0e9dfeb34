"""What a command does not overwrite, what it says when a write fails, and what it leaves."""

import builtins
import contextlib
import errno
import io
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from physio_vad import simulate_recordings
from physio_vad import write_eleven_column as write
from physio_vad.atomic import replacing
from physio_vad.cli import commands as cli
from physio_vad.cli.outputs import MARK, check_file
from physio_vad.exceptions import ArgumentError, WriteError

RECIPE = """
[windows]
length = 5.0
[features]
modalities = ["temperature"]
[model]
estimator = "ridge"
[evaluation]
cv = "grouped-k-fold"
"""
ERRORS = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO)


def call(*arguments: object) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["physio-vad", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Three people, a recipe, and a study of them in ``out``."""
    folder = tmp_path_factory.mktemp("study")
    write(simulate_recordings(n_subjects=5, minutes=0.4, seed=3), folder / "data")
    (folder / "r.toml").write_text(RECIPE)
    (folder / "own.csv").write_text("subject,trial,pulse,valence\na,1,70,4\nb,1,60,6\n")
    run = ("run", folder / "r.toml", "--data", folder / "data", "--out", folder / "out")
    assert call(*run, "--jobs", 1, "--look", 0) == 0
    return folder


def commands(study: Path, out: Path) -> dict[str, tuple[object, ...]]:
    """Every command that writes, with where it writes."""
    recipe, data, tables = study / "r.toml", study / "data", study / "out"
    one = ("--jobs", 1)
    plain = ("--no-cache",)  # a write that fails there stops nothing
    return {
        "simulate": ("simulate", out, "--subjects", 1, "--minutes", 0.1),
        "features": ("features", data, "--recipe", recipe, "--out", out, *one, *plain),
        "table": ("table", study / "own.csv", "--out", out),
        "evaluate": ("evaluate", tables, "--out", out, "--look", 0, *one),
        "train": ("train", tables, "--out", out / "m.joblib"),
        "predict": ("predict", tables / "model.joblib", data, "--out", out / "p.csv"),
        "run": ("run", recipe, "--data", data, "--out", out, "--look", 0, *one, *plain),
        "compare": (
            "compare",
            tables,
            "--out",
            out,
            *("--model", "chain", "--model", "multioutput"),
            *one,
        ),
        "tune": ("tune", recipe, "--data", data, "--out", out, "--tries", 1, *one, *plain),
        "report": ("report", tables / "evaluations" / "multioutput", "--out", out / "r.html"),
        "init": ("init", data, "--out", out / "r.toml"),
    }


class Faults:
    """Let the k-th open, write, fsync or rename below a folder fail; count them."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, at: int = -1) -> None:
        self.folder, self.at, self.count, self.what = str(folder), at, 0, ""
        for module, name in ((io, "open"), (builtins, "open"), (os, "open")):
            patch.setattr(module, name, self._opening(getattr(module, name), name))
        for name in ("replace", "mkdir", "chmod"):
            patch.setattr(os, name, self._failing(getattr(os, name), name))
        patch.setattr(os, "fsync", self._failing(os.fsync, "fsync", anywhere=True))

    def _fault(self, what: str) -> None:
        self.count += 1
        if self.count - 1 == self.at:
            self.what = what
            code = ERRORS[self.at % len(ERRORS)]
            raise OSError(code, os.strerror(code), what)

    def _concerns(self, path: object) -> bool:
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self.folder)

    def _opening(self, real, name):
        def opened(path, *args, **kwargs):
            mode = kwargs.get("mode", args[0] if args else "r")
            if isinstance(mode, int):  # os.open
                writes = bool(mode & (os.O_WRONLY | os.O_RDWR))
            else:
                writes = any(one in mode for one in "wax+")
            if not (writes and self._concerns(path)):
                return real(path, *args, **kwargs)
            self._fault(f"{name} {path}")
            file = real(path, *args, **kwargs)
            if name == "open" and hasattr(file, "write") and file.writable():
                self._fault_at_write(file)
            return file

        return opened

    def _fault_at_write(self, file) -> None:
        write, first = file.write, itertools.count()

        def written(content):
            if next(first) == 0:
                self._fault(f"write {file.name}")
            return write(content)

        with contextlib.suppress(AttributeError):  # of a raw file, opening is the fault that counts
            file.write = written

    def _failing(self, real, name, anywhere=False):
        def done(path, *args, **kwargs):
            if anywhere or self._concerns(path):
                descriptor = Path(f"/proc/self/fd/{path}")
                self._fault(f"{name} {os.readlink(descriptor) if descriptor.exists() else path}")
            return real(path, *args, **kwargs)

        return done


def whole(out: Path) -> None:
    """Every file under its name reads, and no other is left."""
    for path in (one for one in out.rglob("*") if one.is_file()):
        assert "-unfinished-" not in path.name
        if path.suffix == ".parquet":
            pq.read_table(path)
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".csv":
            assert len(pd.read_csv(path))
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


def with_fault(command, out: Path, at: int) -> tuple[int, Faults]:
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(out, patch, at)
        code = call(*command)
    return code, faults


def check_faults(study: Path, folder: Path, name: str, capsys, n_tried: int | None = None) -> int:
    """Let writes of a command fail, one a run: an error of ours, whole files, and a second run."""
    code, faults = with_fault(commands(study, folder / "whole")[name], folder / "whole", -1)
    assert code == 0
    some = np.unique(np.linspace(0, faults.count - 1, n_tried or faults.count).astype(int))
    tried = some.tolist()
    for at in tried:
        out = folder / str(at)
        command = commands(study, out)[name]
        capsys.readouterr()
        code, faults = with_fault(command, out, at)
        said = capsys.readouterr().err
        needless = faults.what.startswith("mkdir") or "/parts/recordings/" in faults.what
        if faults.what and not (needless and code == 0):  # it was there; a copy that saves time
            assert code == 1, (at, faults.what, said)
            assert "error:" in said
        assert "Traceback" not in said
        whole(out)
        assert call(*command) == 0, (at, faults.what, capsys.readouterr().err)
    return len(tried)


@pytest.mark.parametrize("name", commands(Path(), Path()))
def test_a_write_that_fails_is_an_error_of_ours(name, study, tmp_path, capsys):
    n_tried = 2 if name in ("run", "tune", "evaluate", "compare") else 4
    assert check_faults(study, tmp_path, name, capsys, n_tried) == n_tried


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", commands(Path(), Path()))
def test_every_write_may_fail(name, study, tmp_path, capsys):
    assert check_faults(study, tmp_path, name, capsys) >= 5


@pytest.mark.parametrize("name", commands(Path(), Path()))
def test_out_below_a_file_or_with_a_name_too_long(name, study, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        assert call(*commands(study, out)[name]) == 1
        assert "error:" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "x"


def test_a_recording_is_not_overwritten(study, tmp_path, capsys):
    data = tmp_path / "data"
    data.mkdir()
    (data / "S01.csv").write_bytes(before := (study / "data" / "S01.csv").read_bytes())
    model = study / "out" / "model.joblib"
    for asked in (data / "S01.csv", data):
        assert call("predict", model, asked, "--out", data / "S01.csv") == 1
        assert "is read and would be overwritten" in capsys.readouterr().err
    assert call("features", data, "--out", data, "--jobs", 1) == 1
    assert "is read and would be written to" in capsys.readouterr().err
    assert call("predict", model, data, "--out", model) == 1
    assert [path.name for path in data.iterdir()] == ["S01.csv"]
    assert (data / "S01.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("predict", "p.csv"),
        ("train", "m.joblib"),
        ("report", "r.html"),
        ("simulate", "S01.csv"),
        ("features", "features.parquet"),
        ("evaluate", "summary.csv"),
        ("run", "report.html"),
    ],
)
def test_a_file_of_others_is_kept_unless_told(name, file, study, tmp_path, capsys):
    (tmp_path / file).write_text("mine")
    command = commands(study, tmp_path)[name]
    assert call(*command) == 1
    assert "--overwrite to replace" in capsys.readouterr().err
    assert (tmp_path / file).read_text() == "mine"
    assert call(*command, "--overwrite") == 0
    assert (tmp_path / file).read_bytes() != b"mine"
    assert call(*command) == 0, "what a command wrote it writes again"


def test_one_run_a_folder_and_a_stale_lock_is_told(study, tmp_path, capsys):
    command = commands(study, out := tmp_path / "out")["features"]
    assert call(*command) == 0
    assert json.loads((out / MARK).read_text()) == {}
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host = os.uname().nodename
    (out / MARK).write_text(json.dumps({"pid": other.pid, "host": host}))
    assert call(*command) == 1
    assert f"another run (process {other.pid}) is at work" in capsys.readouterr().err
    other.communicate(b"\n")
    assert call(*command) == 0
    assert f"(process {other.pid}) was killed here" in capsys.readouterr().err
    (out / MARK).write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
    assert call(*command) == 1
    assert "on elsewhere" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_or_closed_output_is_an_error_without_traceback():
    command = f"exec {sys.executable} -m physio_vad.cli.commands list models"
    for redirection in (">/dev/full", "2>/dev/full >/dev/full"):
        done = subprocess.run(
            ["bash", "-c", f"{command} {redirection}"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
    closed = subprocess.run(
        ["bash", "-c", f"{command} >&-"], capture_output=True, text=True, check=False
    )
    assert closed.returncode == 1
    assert "standard output is closed" in closed.stderr
    assert "Traceback" not in closed.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_or_pipe_is_neither_read_nor_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/full")):
        with pytest.raises(ArgumentError, match="is a device or pipe"):
            check_file(path, is_ours=lambda content: True, overwrite=True)
    with pytest.raises(WriteError, match="a device or a pipe"), replacing(tmp_path / "pipe"):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]


def test_want_of_memory_is_one_line(monkeypatch, capsys):
    def app(**_):
        raise MemoryError("Unable to allocate 5.12 PiB")

    monkeypatch.setattr(cli, "app", app)
    assert call("list") == 1
    assert "not enough memory: Unable to allocate 5.12 PiB; what was" in capsys.readouterr().err


def test_no_file_gets_the_number_of_a_closed_stream():
    code = (
        "import os; from physio_vad.cli import commands; commands._hold_streams(); "
        "assert os.open('.', os.O_RDONLY) > 2"
    )
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        command = f'{sys.executable} -c "{code}" {closed}'
        assert subprocess.run(["bash", "-c", command], check=False).returncode == 0


def test_two_runs_that_begin_at_once_are_one(tmp_path):
    """Each looks whether the folder is taken while the other writes that it is."""
    code = (
        "import sys, time; from pathlib import Path; from physio_vad.cli import outputs; "
        "read = outputs._read_mark; "
        "outputs._read_mark = lambda mark: (read(mark), time.sleep(0.5))[0]; "
        "print('ready', flush=True); input()\n"
        "with outputs.run_folder(Path(sys.argv[1])): time.sleep(2)"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "out")],
            **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE),
            text=True,
        )
        for _ in range(2)
    ]
    for one in runs:
        assert one.stdout.readline() == "ready\n"
    for one in runs:
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate()[1] for one in runs]
    assert sorted(one.returncode for one in runs) == [0, 1]
    assert "is at work in this folder" in "".join(said)
