"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from physio_vad.exceptions import WriteError

_MARK = "-unfinished-"
"""Stands in the name of every temporary file."""

_open: set[Path] = set()
"""Temporary files that this process is writing."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name to write to, and rename it to `path` when all went well.

    Parameters
    ----------
    path : path
        Where the file shall stand; folders above it are made.

    Yields
    ------
    Path
        Name in the same folder to write to; removed if the block raises.

    Raises
    ------
    WriteError
        If anything about it fails; a file of before stands as it did.
    """
    target, temporary = Path(path), None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_file():  # a rename would put a file in its place
            raise OSError(errno.EINVAL, "it is a folder, a device or a pipe")
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem[:40]}{_MARK}", suffix=target.suffix
        )
        temporary = Path(name)
        _open.add(temporary)
        os.close(handle)
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        with temporary.open("rb+") as file:  # what gets the name has reached the disk
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise WriteError(
            f"{target}: cannot be written: {error.strerror or error}; make room or write "
            "elsewhere, and run again: what was finished stays"
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            _open.discard(temporary)


def remove_open() -> None:
    """Remove what is being written, as the process ends here and now."""
    for path in list(_open):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a killed run left in a folder.

    Parameters
    ----------
    folder : Path
        Where nothing else is writing.
    """
    for path in folder.glob(f".*{_MARK}*"):
        with contextlib.suppress(OSError):  # the next run finds it again
            path.unlink(missing_ok=True)


def _umask() -> int:
    """Read the process's file mode mask: a temporary file is private, what it becomes is not."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
