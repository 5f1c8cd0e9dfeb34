"""AVRO files are followed to their last byte before they are read."""

import struct

import fastavro
import numpy as np
import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.avro import check_avro

RECORD = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "long"}]}


def write(path, codec="null", schema=RECORD, records=({"a": 5}, {"a": -7})):
    with path.open("wb") as stream:
        fastavro.writer(stream, schema, records, codec)
    return path.read_bytes()


def number(value):
    """Put a number into bytes as AVRO does: its sign in the lowest bit, seven bits a byte."""
    value, found = (value << 1) ^ (value >> 63), b""
    while value > 0x7F:
        found, value = found + bytes([value & 0x7F | 0x80]), value >> 7
    return found + bytes([value])


def header(entries=b"", schema=b'"long"', codec=b"null"):
    for name, value in ((b"avro.schema", schema), (b"avro.codec", codec)):
        entries += number(len(name)) + name + number(len(value)) + value
    return entries


def fault(path, content):
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"a\.avro: is no whole AVRO file: ") as caught:
        check_avro(path)
    return str(caught.value).partition("file: ")[2]


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_a_file_that_is_cut_anywhere_is_none(tmp_path, codec):
    path = tmp_path / "a.avro"
    whole = write(path, codec)
    check_avro(path)
    begin = whole.index(whole[-16:]) + 16  # of the blocks: without any, a file is whole
    for kept in {0, 3, 4, 40, *range(begin - 17, len(whole))} - {begin}:
        fault(path, whole[:kept])


@pytest.mark.parametrize("n_bytes", [0, 200])
def test_a_header_may_say_how_long_it_is(tmp_path, n_bytes):
    """A negative count of entries is followed by their size."""
    path = tmp_path / "a.avro"
    sync = b"s" * 16
    entries = header(number(1) + b"x" + number(n_bytes) + bytes(n_bytes))
    head = b"Obj\x01" + number(-3) + number(len(entries)) + entries + number(0) + sync
    path.write_bytes(head + number(2) + number(2) + number(5) + number(-7) + sync)
    check_avro(path)
    with path.open("rb") as stream:
        assert list(fastavro.reader(stream)) == [5, -7]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (number(3) + number(2), "a block claims 3 records in 2 bytes"),
        (number(-1) + number(2), "a block claims -1 records in 2 bytes"),
        (number(2) + number(3), "a block claims 2 records in 3 bytes"),
        (number(2) + number(-2), "a block claims 2 records in -2 bytes"),
        (number(2**63 - 1) + number(2), "a block claims 9223372036854775807 records in 2 bytes"),
        (b"\xff" * 10, "it has a number of more than 64 bits"),
    ],
)
def test_blocks_that_cannot_be(tmp_path, block, said):
    entries = header()
    head = b"Obj\x01" + number(2) + entries + number(0) + b"s" * 16
    content = block + number(5) + number(-7) + b"s" * 16
    assert fault(tmp_path / "a.avro", head + content) == said


@pytest.mark.parametrize("claim", [-1, 101])
def test_an_entry_that_cannot_be(tmp_path, claim):
    content = b"Obj\x01" + number(1) + number(claim) + bytes(100)
    assert fault(tmp_path / "a.avro", content) == f"an entry of its header claims {claim} bytes"


def test_what_is_packed_otherwise_or_is_something_else(tmp_path):
    head = b"Obj\x01" + number(2) + header(codec=b"snappy") + number(0) + b"s" * 16
    assert fault(tmp_path / "a.avro", head) == "is packed with b'snappy'"
    assert fault(tmp_path / "a.avro", struct.pack("<4f", *np.ones(4))) == "it does not begin as one"


@pytest.mark.parametrize(
    ("kind", "empty"),
    [
        ({"type": "array", "items": "null"}, True),
        ({"type": "map", "values": "null"}, True),
        ({"type": "record", "name": "e", "fields": []}, True),
        ({"type": "fixed", "name": "f", "size": 0}, True),
        ({"type": "array", "items": {"type": "array", "items": "null"}}, True),
        ({"type": "fixed", "name": "f", "size": 1}, False),
        (["null", "long"], False),
        (["null", {"type": "array", "items": "null"}], True),
        ({"type": "array", "items": "long"}, False),
    ],
)
def test_items_take_bytes(tmp_path, kind, empty):
    fields = [{"name": "a", "type": kind}]
    path = tmp_path / "a.avro"
    content = write(path, schema={"type": "record", "name": "r", "fields": fields}, records=[])
    if empty:
        assert fault(path, content) == "its schema has items without any bytes"
    else:
        check_avro(path)
