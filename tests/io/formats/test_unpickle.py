"""Plain data come out of pickles of every protocol; nothing else does, and nothing is called."""

import os
import pickle
import struct
import time

import numpy as np
import pytest
from layouts.write_pickle import dumps

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.unpickle import parse_pickle

VALUES = {
    "signal": {"chest": np.arange(12.0).reshape(3, 4), "wrist": np.arange(4, dtype=">i2")},
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "empty": np.empty((0, 3)),
    "numbers": [1, -2, 2**40, 2.5, True, None, np.float64(0.5), np.int32(3)],
    "text": ("plain", "süß"),
    7: [],
}


def parse(tmp_path, data):
    path = tmp_path / "a.pkl"
    path.write_bytes(data)
    return parse_pickle(path)


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol(tmp_path, protocol):
    found = parse(tmp_path, pickle.dumps(VALUES, protocol))
    assert list(found) == list(VALUES)
    for place in ("chest", "wrist"):
        expected = VALUES["signal"][place]
        np.testing.assert_array_equal(found["signal"][place], expected)
        assert found["signal"][place].dtype == expected.dtype
    np.testing.assert_array_equal(found["fortran"], VALUES["fortran"])
    assert found["empty"].shape == (0, 3)
    assert found["numbers"] == VALUES["numbers"]
    assert (found["text"], found[7]) == (VALUES["text"], [])


def test_arrays_as_python_2_wrote_them(tmp_path):
    data = np.arange(24.0).reshape(2, 3, 4)
    written = dumps({"data": data, "label": np.array([1, 2], "i4"), "subject": "S2"})
    assert pickle.loads(written, encoding="latin1")["subject"] == "S2"
    found = parse(tmp_path, written)
    np.testing.assert_array_equal(found["data"], data)
    assert (found["label"].tolist(), found["subject"]) == ([1, 2], "S2")


class Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("function", "argument", "named"),
    [
        (os.system, "touch evil", "posix.system"),
        (eval, "open('evil', 'w')", r"\w+.eval"),
        (exec, "open('evil', 'w')", r"\w+.exec"),
        (np.ndarray, (2**33,), "something that is only a name in plain data"),
        (bytearray, 2**36, r"\w+.bytearray"),
        (np.load, "evil", r"numpy.*\.load"),
    ],
)
def test_what_would_be_called_is_refused(
    tmp_path, monkeypatch, function, argument, named, protocol
):
    monkeypatch.chdir(tmp_path)
    data = pickle.dumps({"data": [1, Calls(function, argument)]}, protocol)
    with pytest.raises(ReadError, match=rf"a\.pkl: its pickle (asks for|calls) {named}"):
        parse(tmp_path, data)
    assert [one.name for one in tmp_path.iterdir()] == ["a.pkl"]


def test_object_arrays_are_refused(tmp_path):
    array = np.array([Calls(os.system, "touch evil"), 1], dtype=object)
    for protocol in range(6):
        with pytest.raises(ReadError, match=r"not plain numbers|posix\.system"):
            parse(tmp_path, pickle.dumps(array, protocol))


def claim(opcode, form, number):
    return b"\x80\x04" + opcode + struct.pack("<" + form, number)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x02",
        b"not a pickle",
        claim(b"B", "I", 2**32 - 1),
        claim(b"\x8e", "Q", 2**60),
        claim(b"\x96", "Q", 2**60),
        claim(b"X", "I", 2**31),
        claim(b"T", "i", -5),
        b"N" + b"r" + struct.pack("<I", 2**32 - 1) + b"h\x00.",
        b"\x80\x02c" + b"a" * 5000,
        b"].",  # a list, which is data
        b"]q\x00h\x00a.",  # a list in itself
        b"(" * 50_000 + b"l" * 49_999 + b".",
        b"N" * 3_000_000 + b".",
        dumps(np.arange(4.0)).replace(b"J\x04\0\0\0", b"J\xff\xff\xff\x7f"),
        dumps(np.arange(4.0)).replace(b"J\x04\0\0\0", b"J\xfe\xff\xff\xff"),
    ],
    ids=range(16),
)
def test_claims_cost_neither_time_nor_memory(tmp_path, data):
    start = time.perf_counter()
    if data == b"].":
        assert parse(tmp_path, data) == []
    else:
        with pytest.raises(ReadError, match=r"a\.pkl: "):
            parse(tmp_path, data)
    assert time.perf_counter() - start < 5


def test_lists_of_one_list_are_not_multiplied(tmp_path):
    """Six levels of a hundred references each: 10 ** 12 elements if each were visited."""
    level = b"]" + b"q\x00"
    for number in range(1, 7):
        level += b"](" + (b"h" + bytes([number - 1])) * 100 + b"eq" + bytes([number])
    start = time.perf_counter()
    assert len(parse(tmp_path, level + b".")) == 100
    assert time.perf_counter() - start < 1


def test_every_cut_and_every_flipped_bit_is_ours(tmp_path):
    data = pickle.dumps(VALUES, 4)
    rng = np.random.default_rng(0)
    for place in range(0, len(data), 3):
        changed = bytearray(data)
        changed[place] ^= 1 << int(rng.integers(8))
        for one in (data[:place], bytes(changed)):
            try:
                parse(tmp_path, one)
            except ReadError:
                continue
