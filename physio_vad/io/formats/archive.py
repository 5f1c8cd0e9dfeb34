"""A folder or a zip, read member by member; nothing is ever unpacked to disk."""

from __future__ import annotations

import contextlib
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import unpack


class Archive(Protocol):
    """Files by their relative name, with forward slashes."""

    def names(self) -> list[str]:
        """List the files."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        ...


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        return [
            one.relative_to(self._path).as_posix()
            for one in sorted(self._path.rglob("*"))
            if one.is_file()
        ]

    def read(self, name: str) -> bytes:
        return (self._path / name).read_bytes()


class _Zip:
    def __init__(self, path: Path, zipped: zipfile.ZipFile) -> None:
        self._path, self._zip = path, zipped
        self._members = {one.filename: one for one in zipped.infolist() if not one.is_dir()}
        for name, member in self._members.items():
            self._check(name, member)

    def names(self) -> list[str]:
        return sorted(self._members)

    def read(self, name: str) -> bytes:
        # the declared size may lie, so what comes out is counted
        parts = []
        with self._zip.open(self._members[name]) as stream:
            while part := stream.read(2**22):
                unpack(len(part))
                parts.append(part)
        return b"".join(parts)

    def _check(self, name: str, member: zipfile.ZipInfo) -> None:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise ReadError(f"{self._path}: member {name!r} leads out of the archive")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ReadError(f"{self._path}: member {name!r} is a link")
        if member.flag_bits & 1:
            raise ReadError(f"{self._path}: member {name!r} is encrypted; unpack it yourself")


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a folder or a zip.

    Raises
    ------
    ReadError
        If a zip is broken, or a member leads out of it, is a link or is encrypted.
    """
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        zipped = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ReadError(f"{path}: is no whole zip file: {error}") from None
    with zipped:
        try:
            yield _Zip(path, zipped)
        except zipfile.BadZipFile as error:
            raise ReadError(f"{path}: is damaged: {error}") from None
