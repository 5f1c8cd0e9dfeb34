"""HDF5 files, looked at before the library opens them.

libhdf5 walks through a heap of texts by the sizes of its objects and goes round for ever where a
damaged size brings it back to where it was (seen in 2.0.0). That is C, which no budget ends.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from physio_vad.exceptions import ReadError

_HEAP = b"GCOL\x01\0\0\0"
"""Signature, version and reserved bytes of a heap, whose size follows."""
_OBJECT = struct.Struct("<HHIQ")
"""Index, references, reserved bytes and size of an object, whose content follows."""


def check_heaps(path: Path) -> None:
    """Refuse an HDF5 file in which a heap of texts is damaged.

    Parameters
    ----------
    path : Path
        File.

    Raises
    ------
    ReadError
        If an object of a heap does not end within it.

    References
    ----------
    HDF5 File Format Specification 3.0, III.E: Disk Format, Level 1E, Global Heap.
    """
    if not path.stat().st_size:
        return  # of nothing there is no map
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begin = content.find(_HEAP)
        while begin >= 0:
            if not _is_sound(content, begin):
                raise ReadError(f"{path}: its heap of texts at byte {begin} is damaged")
            begin = content.find(_HEAP, begin + 1)


def _is_sound(content: mmap.mmap, begin: int) -> bool:
    """Tell whether each object of a heap ends behind its begin and within the heap."""
    place = begin + len(_HEAP) + 8
    if place > len(content):
        return False
    stop = begin + int.from_bytes(content[place - 8 : place], "little")
    if stop > len(content):
        return False
    while place + _OBJECT.size <= stop:
        index, _, _, size = _OBJECT.unpack_from(content, place)
        padded = _OBJECT.size + -(-size // 8) * 8
        length = padded if index else size  # 0 is the free space, its head included
        if length < _OBJECT.size or place + length > stop:
            return False
        place += length
    return True
