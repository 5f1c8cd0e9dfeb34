"""The chunks of an XDF file, by hand."""

import struct

import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.formats import xdf_chunks
from physio_vad.io.formats.budget import OBJECT
from physio_vad.io.formats.xdf_chunks import check_xdf

STREAM = b"\1\0\0\0"


def chunk(tag, content, width=4):
    """A chunk: how many bytes its length has, its length, its tag, what it holds."""
    size = (len(content) + 2).to_bytes(width, "little")
    return bytes([width]) + size + struct.pack("<H", tag) + content


def header(n_channels="2", form="float32"):
    text = f"<info><channel_count>{n_channels}</channel_count>"
    return chunk(2, STREAM + f"{text}<channel_format>{form}</channel_format></info>".encode())


def samples(count, n_bytes, stream=STREAM):
    return chunk(3, stream + b"\1" + bytes([count]) + b"\0" * n_bytes)


def write(path, *chunks):
    path.write_bytes(b"XDF:" + b"".join(chunks))
    return path


@pytest.mark.parametrize("width", [1, 4, 8])
def test_whole_files(tmp_path, width):
    first = chunk(1, b"<info/>", width)
    three = samples(3, 3 * (1 + 2 * 4))
    check_xdf(write(tmp_path / "a.xdf", first, header(), three, chunk(4, b"", width)))


@pytest.mark.parametrize(
    ("n_channels", "form", "each"),
    [
        (2, "int8", 3), (1, "int16", 3), (1, "int32", 5), (2, "int64", 17), (1, "float32", 5),
        (3, "double64", 25), (2, "string", 3), (2, "other", 3),
    ],
)  # fmt: skip
def test_samples_take_a_byte_of_a_stamp_and_those_of_their_channels(
    tmp_path, n_channels, form, each
):
    """8 bytes of a chunk are its tag, its stream and how many samples there are."""
    most = 10
    n_bytes = most * each - 8
    check_xdf(write(tmp_path / "a.xdf", header(n_channels, form), samples(most, n_bytes)))
    path = write(tmp_path / "a.xdf", header(n_channels, form), samples(most + 1, n_bytes))
    with pytest.raises(ReadError, match=rf"the chunk of {n_bytes + 8} bytes at \d+ claims 11"):
        check_xdf(path)


def test_chunks_of_few_bytes(tmp_path):
    check_xdf(write(tmp_path / "a.xdf", header(), chunk(3, STREAM), chunk(3, b"")))
    check_xdf(write(tmp_path / "a.xdf", header(), samples(0, 0)))
    with pytest.raises(ReadError, match=r"the chunk of 8 bytes at \d+ claims 1 samples"):
        check_xdf(write(tmp_path / "a.xdf", header(), samples(1, 0)))


@pytest.mark.parametrize(
    ("form", "each"), [("float32", 12), ("double64", 24), ("string", OBJECT), ("other", OBJECT)]
)
def test_what_samples_take_in_memory_counts(tmp_path, form, each, monkeypatch):
    """Three times the bytes of each number of each channel, or a text."""
    made = []
    monkeypatch.setattr(xdf_chunks, "make", made.append)
    check_xdf(write(tmp_path / "a.xdf", header("3", form), samples(5, 200)))
    assert made == [5 * 3 * each]


def test_a_stream_without_a_header_has_one_channel_of_text(tmp_path):
    other = b"\2\0\0\0"
    check_xdf(write(tmp_path / "a.xdf", header(), samples(10, 12, other)))
    with pytest.raises(ReadError, match="claims 11 samples"):
        check_xdf(write(tmp_path / "a.xdf", header(), samples(11, 12, other)))
    odd = chunk(2, STREAM + b"<info><channel_format>int8</channel_format></info>")
    check_xdf(write(tmp_path / "a.xdf", odd, samples(10, 12)))
    with pytest.raises(ReadError, match="claims 11 samples"):
        check_xdf(write(tmp_path / "a.xdf", odd, samples(11, 12)))


@pytest.mark.parametrize("n_channels", ["0", "4097", "10000", "-1", "two"])
def test_channels_that_cannot_be(tmp_path, n_channels):
    check_xdf(write(tmp_path / "a.xdf", header("1"), header("4096")))
    with pytest.raises(ReadError, match="a stream must have 1 to 4096 channels, got"):
        check_xdf(write(tmp_path / "a.xdf", header(n_channels)))


@pytest.mark.parametrize(
    "damaged",
    [
        chunk(4, b"1234")[:-1],
        b"\2\2\0\4\0",  # no length has two bytes
        b"\4\2\0",  # cut off in its length
        b"\1\1\4",  # shorter than its tag
    ],
)
def test_chunks_that_are_cut_off(tmp_path, damaged):
    whole = chunk(1, b"<info/>")
    at = 4 + len(whole)
    with pytest.raises(ReadError, match=rf"the chunk at {at} is cut off"):
        check_xdf(write(tmp_path / "a.xdf", whole, damaged))
    check_xdf(write(tmp_path / "a.xdf", whole, b"\1\2\4\0"))  # of nothing but its tag
