"""The chain of tags of a FIF file, by hand."""

import struct

import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.fif import check_fif

FIRST = (100, 20, 0)


def write(path, *tags):
    """Tags as kind, bytes and where the next one is; 0 is right behind, -1 nowhere."""
    parts = (
        one if isinstance(one, bytes) else struct.pack(">4i", one[0], 3, *one[1:]) + b"x" * one[1]
        for one in tags
    )
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize(
    "tags",
    [
        [FIRST],
        [FIRST, (1, 0, -1)],
        [FIRST, (1, 4, 0), (2, 8, 0)],
        [(100, 0, 20), b"hole", (1, 4, -1)],
    ],
)
def test_whole_files(tmp_path, tags):
    check_fif(write(tmp_path / "a.fif", *tags))


@pytest.mark.parametrize(
    ("tags", "cut", "said"),
    [
        ([(101, 20, 0)], 0, "is no FIF file"),
        ([FIRST], 1, "the tag at 0 claims 20 bytes"),
        ([FIRST, (1, 8, 0)], 4, "the tag at 36 claims 8 bytes"),
        ([FIRST, (1, 0, 0)], 1, "its tags end or repeat at 36"),
        ([FIRST, (1, 0, 36)], 0, "its tags end or repeat at 36"),
        ([FIRST, (1, 0, 53)], 0, "a tag leads to 53, beyond its end"),
        ([FIRST, (1, 4, 20)], 0, f"the tag at 20 claims {0x78787878} bytes"),
    ],
)
def test_damaged_files(tmp_path, tags, cut, said):
    path = write(tmp_path / "a.fif", *tags)
    path.write_bytes(path.read_bytes()[: -cut or None])
    with pytest.raises(ReadError, match=rf"a\.fif: .*({said})"):
        check_fif(path)


def test_a_negative_length_is_none(tmp_path):
    path = tmp_path / "a.fif"
    path.write_bytes(struct.pack(">4i", 100, 3, -1, 0) + b"x" * 20)
    with pytest.raises(ReadError, match="the tag at 0 claims -1 bytes"):
        check_fif(path)
