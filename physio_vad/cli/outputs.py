"""Where a command writes: nothing is overwritten that it did not write, and one run at a time."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from physio_vad.atomic import replacing
from physio_vad.exceptions import ArgumentError, PhysioVadWarning, ReadError, WriteError

MARK = ".physio-vad"
"""File in every folder that a command writes to; holds the process while one is at work there."""

_NAMES = (
    "features.parquet",
    "labels.parquet",
    "recipe.json",
    "model.joblib",
    "*.csv",
    "*.png",
    "report.html",
    "verdict.txt",
)


@contextlib.contextmanager
def run_folder(folder: Path, *inputs: Path, overwrite: bool = False) -> Iterator[None]:
    """Take a folder to write to, for as long as the block lasts.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    *inputs : Path
        What the command reads.
    overwrite : bool
        Take a folder with files that no command wrote, or that is read.

    Raises
    ------
    ArgumentError
        If another run is at work in it, or without `overwrite` it is read or holds files of the
        names to write that no command wrote.
    WriteError
        If it cannot be made.
    """
    mark = folder / MARK
    if not overwrite:
        if any(_is_same(folder, one) for one in inputs):
            raise ArgumentError(
                f"{folder} is read and would be written to; give another folder as --out, or "
                "--overwrite to write there all the same"
            )
        foreign = [path.name for name in _NAMES for path in folder.glob(name) if path.is_file()]
        if foreign and not mark.exists():
            raise ArgumentError(
                f"{folder} holds {', '.join(sorted(foreign)[:3])}, which no command of physio-vad "
                "wrote; give another folder as --out, or --overwrite to replace what is in the way"
            )
    with _alone(folder):
        _take(mark)
    try:
        yield
    except BaseException:
        with contextlib.suppress(WriteError):
            _write_mark(mark, {})
        raise
    _write_mark(mark, {})


def check_file(
    path: Path, *inputs: Path, is_ours: Callable[[bytes], bool], overwrite: bool = False
) -> None:
    """Refuse to overwrite a file that is read, or that no command wrote.

    Parameters
    ----------
    path : Path
        File to write.
    *inputs : Path
        Files and folders that the command reads.
    is_ours : callable
        Tells from the bytes of a file whether a command wrote it.
    overwrite : bool
        Let it be overwritten all the same.

    Raises
    ------
    ArgumentError
        If it is refused, or is a folder, a device or a pipe.
    """
    if not path.exists():
        return
    if not path.is_file():
        what = "folder" if path.is_dir() else "device or pipe"
        raise ArgumentError(f"{path} is a {what}; give the name of a file as --out")
    if overwrite:
        return
    if any(_is_same(path, one) or _lies_in(path, one) for one in inputs):
        raise ArgumentError(f"{path} is read and would be overwritten; give another name as --out")
    try:
        ours = is_ours(path.read_bytes())
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror}") from error
    if not ours:
        raise ArgumentError(
            f"{path} is there, and no command of physio-vad wrote it; give another name, or "
            "--overwrite to replace it"
        )


def is_predictions(content: bytes) -> bool:
    """Tell whether a file is a table of predictions."""
    if content.startswith(b"PAR1"):
        return all(name in content for name in (b"subject", b"trial", b"start", b"stop"))
    return content.startswith((b"subject,trial,window,start,stop", b"subject,trial,start,stop"))


def is_model(content: bytes) -> bool:
    """Tell whether a file is a model file, of this version or one before."""
    from physio_vad.model_file import MAGIC

    return MAGIC[:-1] in content[-len(MAGIC) :]


def is_report(content: bytes) -> bool:
    """Tell whether a file is a report."""
    return b'<meta name="generator" content="physio_vad' in content[:2000]


def _is_same(left: Path, right: Path) -> bool:
    with contextlib.suppress(OSError):
        return left.resolve() == right.resolve()
    return False


def _lies_in(path: Path, folder: Path) -> bool:
    return folder.is_dir() and path.resolve().is_relative_to(folder.resolve())


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others from looking whether a folder is taken until this process has taken it."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, OSError):  # Windows, file systems without locks
            import fcntl

            folder.mkdir(parents=True, exist_ok=True)
            number = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, number)  # which also ends the lock
            fcntl.flock(number, fcntl.LOCK_EX)
        yield


def _take(mark: Path) -> None:
    """Write that this process is at work, unless another is."""
    found = _read_mark(mark)
    pid, host = found.get("pid"), found.get("host")
    here = host == socket.gethostname()
    if isinstance(pid, int) and pid != os.getpid():
        if not here or _is_alive(pid):
            where = "" if here else f" on {host}"
            raise ArgumentError(
                f"{mark.parent}: another run (process {pid}{where}) is at work in this folder; "
                f"wait for it or give another folder. If there is no such run, delete {mark}"
            )
        warnings.warn(
            f"{mark.parent}: a run before (process {pid}) was killed here; this one goes on from "
            "what it finished",
            PhysioVadWarning,
            stacklevel=4,
        )
    _write_mark(mark, {"pid": os.getpid(), "host": socket.gethostname()})


def _read_mark(mark: Path) -> dict[str, object]:
    try:
        found = json.loads(mark.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_mark(mark: Path, content: dict[str, object]) -> None:
    with replacing(mark) as temporary:
        temporary.write_text(json.dumps(content) + "\n", encoding="utf-8")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to somebody else
        return True
    return True
