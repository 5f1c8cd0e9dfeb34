"""Heaps of HDF5 files whose damage would keep the library busy for ever."""

import struct

import h5py
import numpy as np
import pytest
from layouts.write_opensignals import write_opensignals_h5

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.hdf5 import check_heaps

HEAD = 16
"""Bytes of a heap, and of an object in it, before what they hold."""


@pytest.fixture
def file(tmp_path):
    return write_opensignals_h5(tmp_path / "a.h5", ECG=np.arange(9))


def heap_of(content: bytes) -> tuple[int, list[int]]:
    """Where the first heap begins, and each of its objects, the free space last."""
    begin = content.index(b"GCOL")
    stop = begin + struct.unpack_from("<Q", content, begin + 8)[0]
    places = [begin + HEAD]
    while struct.unpack_from("<H", content, places[-1])[0]:
        size = struct.unpack_from("<Q", content, places[-1] + 8)[0]
        places.append(places[-1] + HEAD + (size + 7) // 8 * 8)
    assert places[-1] + struct.unpack_from("<Q", content, places[-1] + 8)[0] == stop
    return begin, places


def test_a_whole_file_is_opened(file):
    check_heaps(file)


@pytest.mark.parametrize("which", [0, 1, -1])
@pytest.mark.parametrize("size", [2**64 - 16, 2**64 - 1, 2**32, 4096])
def test_an_object_that_leaves_its_heap_is_refused(file, which, size):
    content = bytearray(file.read_bytes())
    begin, places = heap_of(content)
    struct.pack_into("<Q", content, places[which] + 8, size)
    file.write_bytes(content)
    with pytest.raises(ReadError, match=rf"a\.h5: its heap of texts at byte {begin} is damaged"):
        check_heaps(file)


def test_free_space_of_no_size_and_heaps_beyond_the_file_are_refused(file):
    content = bytearray(file.read_bytes())
    begin, places = heap_of(content)
    for place, size in ((places[-1] + 8, 0), (places[-1] + 8, 15), (begin + 8, len(content))):
        harmed = bytearray(content)
        struct.pack_into("<Q", harmed, place, size)
        file.write_bytes(harmed)
        with pytest.raises(ReadError, match="is damaged"):
            check_heaps(file)
    file.write_bytes(content[: begin + 12])
    with pytest.raises(ReadError, match="is damaged"):
        check_heaps(file)


def test_objects_that_fill_a_heap_to_its_end_are_sound(file):
    """What is left may be too small for the head of a free space, or nothing."""
    content = bytearray(file.read_bytes())
    places = heap_of(content)[1]
    for left in (0, 8):
        whole = bytearray(content)
        free = struct.unpack_from("<Q", content, places[-1] + 8)[0]
        struct.pack_into("<HHIQ", whole, places[-1], 9, 1, 0, free - HEAD - left)
        file.write_bytes(whole)
        check_heaps(file)
        with h5py.File(file) as opened:
            assert opened["20:16:02:26:60:88"].attrs["device"] == "bitalino_rev"
