"""Digests of what is written, so that a byte that changed afterwards is noticed and named.

SHA-256 finds damage: a bad disk, a broken copy, a file that was edited. It is no signature: who can
write the file can write its digest too.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from physio_vad.atomic import replacing
from physio_vad.exceptions import ReadError

_KEY = "sha256"
_UNSET = "0" * 64
_WHOLE = 16 * 2**20
"""Bytes up to which `fingerprint` takes the whole file."""
_BLOCK = 2**18
_N_BLOCKS = 64


def sha256(content: bytes | memoryview) -> str:
    """Digest of bytes, as 64 hexadecimal digits (FIPS 180-4)."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(path: Path) -> str:
    """Digest of a source file: the whole up to 16 MiB, 64 spread blocks of 256 KiB of a larger one.

    The first and the last block are among them.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    found = hashlib.sha256()
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size <= _WHOLE:
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()
        for place in range(_N_BLOCKS):
            file.seek((size - _BLOCK) * place // (_N_BLOCKS - 1))
            found.update(file.read(_BLOCK))
    return found.hexdigest()


def write_json(path: str | os.PathLike[str], content: Mapping[str, Any]) -> None:
    """Write plain values as JSON with a digest of all other bytes of the file as last entry.

    Parameters
    ----------
    path : path
        File to write, under a temporary name first.
    content : mapping of str to object
        What JSON can hold; without a key ``sha256``.
    """
    unset = json.dumps({**content, _KEY: _UNSET}, indent=1, ensure_ascii=False) + "\n"
    before, after = _around_digest(unset)
    text = f"{before}{sha256(unset.encode(errors='surrogatepass'))}{after}"
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode(errors="surrogatepass"))


def read_json(path: str | os.PathLike[str], *, remedy: str) -> dict[str, Any]:
    """Read what `write_json` wrote.

    Parameters
    ----------
    path : path
        The file.
    remedy : str
        What to do about a damaged one.

    Returns
    -------
    dict
        The content without its digest.

    Raises
    ------
    ReadError
        If a byte of it is another, or it cannot be read.
    FileNotFoundError
        If there is none.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode(errors="surrogatepass")
        before, after = _around_digest(text)
        unset = f"{before}{_UNSET}{after}".encode(errors="surrogatepass")
        if text != f"{before}{sha256(unset)}{after}":
            raise ReadError(damaged(path, remedy))
        found: dict[str, Any] = json.loads(text)
        del found[_KEY]
    except FileNotFoundError:
        raise
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        if isinstance(error, OSError):
            raise ReadError(f"{path}: cannot be read: {error.strerror or error}") from error
        raise ReadError(damaged(path, remedy)) from error
    return found


def _around_digest(text: str) -> tuple[str, str]:
    """Split text at its last digest; the whole before it where there is none."""
    head, mark, tail = text.rpartition(f'"{_KEY}": "')
    return head + mark, tail[len(_UNSET) :]


def table_bytes(table: pd.DataFrame, *, index: bool | None = None) -> bytes:
    """Make a Parquet file of a table, with checksums of its pages, in memory."""
    made = io.BytesIO()
    table.to_parquet(made, index=index, write_page_checksum=True)
    return made.getvalue()


def write_table(
    path: str | os.PathLike[str], table: pd.DataFrame, *, index: bool | None = None
) -> str:
    """Write a table as Parquet and give the digest of the file.

    Parameters
    ----------
    path : path
        File to write, under a temporary name first.
    table : DataFrame
        What is written.
    index : bool, optional
        As in `pandas.DataFrame.to_parquet`.
    """
    content = table_bytes(table, index=index)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return sha256(content)


def read_table(path: str | os.PathLike[str], digest: object, *, remedy: str) -> pd.DataFrame:
    """Read a table that `write_table` wrote.

    Parameters
    ----------
    path : path
        The file.
    digest : str
        What `write_table` gave.
    remedy : str
        What to do about a damaged one.

    Raises
    ------
    ReadError
        If a byte of it is another, or it cannot be read.
    FileNotFoundError
        If there is none.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror or error}") from error
    if sha256(content) != digest:
        raise ReadError(damaged(path, remedy))
    return pd.read_parquet(io.BytesIO(content))


def damaged(path: Path, remedy: str) -> str:
    """Write the message about a file whose bytes are not those that were written."""
    return f"{path}: damaged, or changed after it was written (its SHA-256 is another); {remedy}"
