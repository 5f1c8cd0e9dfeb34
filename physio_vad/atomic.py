"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MARK = "-unfinished-"
"""Stands in the name of every temporary file."""


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
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.stem}{_MARK}", suffix=target.suffix
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a killed run left in a folder.

    Parameters
    ----------
    folder : Path
        Where nothing else is writing.
    """
    for path in folder.glob(f".*{_MARK}*"):
        path.unlink(missing_ok=True)


def _umask() -> int:
    """Read the process's file mode mask: a temporary file is private, what it becomes is not."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
