"""A look at FIF files before MNE reads them: it walks a damaged chain of tags for ever."""

from __future__ import annotations

import struct
from pathlib import Path

from physio_vad.exceptions import ReadError

_FILE_ID = 100


def check_fif(path: Path) -> None:
    """Follow the chain of tags once.

    Raises
    ------
    ReadError
        If it does not begin as a FIF file does, goes round in circles, or leads out of the file.
    """
    size = path.stat().st_size
    seen: set[int] = set()
    place = 0
    with path.open("rb") as stream:
        while 0 <= place < size:
            stream.seek(place)
            header = stream.read(16)
            if len(header) < 16 or place in seen:
                raise ReadError(f"{path}: is a damaged FIF file: its tags end or repeat at {place}")
            seen.add(place)
            kind, _, length, following = struct.unpack(">4i", header)
            if place == 0 and kind != _FILE_ID:
                raise ReadError(f"{path}: is no FIF file")
            if not 0 <= length <= size - place - 16:
                raise ReadError(
                    f"{path}: is a damaged FIF file: the tag at {place} claims {length} bytes"
                )
            if following < 0:
                return
            place = following or place + 16 + length
    if place != size:
        raise ReadError(f"{path}: is a damaged FIF file: a tag leads to {place}, beyond its end")
