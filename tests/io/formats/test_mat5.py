import struct

import numpy as np
import pytest
from layouts.write_matlab import cell
from scipy.io import loadmat, savemat

from physio_vad.exceptions import ReadError
from physio_vad.io.formats import budget
from physio_vad.io.formats.budget import Budget
from physio_vad.io.formats.mat5 import parse_mat

KINDS = ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_every_kind_are_those_of_scipy(tmp_path, packed, kind):
    values = {
        "table": np.arange(12).reshape(3, 4).astype(kind),
        "cube": np.arange(24).reshape(2, 3, 4).astype(kind),
        "one": np.array(7, dtype=kind),
        "none": np.empty((0, 3), dtype=kind),
    }
    savemat(tmp_path / "a.mat", values, do_compression=packed)
    expected = loadmat(tmp_path / "a.mat")
    found = parse_mat(tmp_path / "a.mat")
    assert list(found) == list(values)
    for name, value in found.items():
        np.testing.assert_array_equal(value, expected[name])
        assert value.dtype == expected[name].dtype


@pytest.mark.parametrize("packed", [False, True])
def test_text_cells_structs_and_complex_numbers(tmp_path, packed):
    inner = cell("ab", np.eye(2), cell(1.0, "x"), np.empty((0, 0)))
    made = {"s": {"name": "héllo", "cells": inner, "deep": {"z": 1 + 2j}}, "flag": True}
    savemat(tmp_path / "a.mat", made, do_compression=packed)
    found = parse_mat(tmp_path / "a.mat")
    struct = found["s"][0, 0]
    assert struct["name"] == "héllo"
    assert struct["cells"].shape == (1, 4)
    assert struct["cells"][0, 0] == "ab"
    np.testing.assert_array_equal(struct["cells"][0, 1], np.eye(2))
    assert struct["cells"][0, 2][0, 1] == "x"
    assert struct["cells"][0, 3].shape == (0, 0)
    assert struct["deep"][0, 0]["z"][0, 0] == 1 + 2j
    assert found["flag"][0, 0] == 1


def test_only_what_is_asked_for(tmp_path):
    savemat(tmp_path / "a.mat", {"a": 1, "b": 2, "c": 3})
    assert list(parse_mat(tmp_path / "a.mat", ["c", "a", "z"])) == ["a", "c"]


@pytest.mark.parametrize("packed", [False, True])
def test_damage_is_named_and_never_crashes(tmp_path, packed):
    path = tmp_path / "a.mat"
    savemat(
        path, {"s": {"c": cell(np.eye(3), "text")}, "t": np.ones((4, 2))}, do_compression=packed
    )
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    failures = []
    for _ in range(400):
        data = bytearray(whole)
        for place in rng.integers(128, len(data), rng.integers(1, 6)):
            data[place] = rng.choice([0, 1, 14, 127, 255, data[place] ^ 1])
        path.write_bytes(data[: rng.integers(129, len(data) + 1)])
        try:
            parse_mat(path)
        except ReadError as error:
            failures.append(str(error))
    assert all("damaged MATLAB file" in text for text in failures)
    assert len(failures) > 200


def test_whole_numbers_stored_as_floats_are_refused(tmp_path):
    savemat(tmp_path / "a.mat", {"data": np.array([[1e300, 2.0]])})
    data = bytearray((tmp_path / "a.mat").read_bytes())
    place = data.index(b"\x06\0\0\0\x08\0\0\0") + 8
    assert data[place] == 6  # class double
    data[place] = 12  # class int32
    (tmp_path / "a.mat").write_bytes(bytes(data))
    with pytest.raises(ReadError, match="an array of int32 is stored as float64"):
        parse_mat(tmp_path / "a.mat")


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    savemat(tmp_path / "a.mat", {"zeros": np.zeros(100_000)}, do_compression=True)
    monkeypatch.setattr(budget, "UNPACKED", 100_000)
    with pytest.raises(ReadError, match=r"which no recording does"):
        Budget([tmp_path / "a.mat"]).spend(lambda: parse_mat(tmp_path / "a.mat"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is empty"),
        (b"x" * 200, "is no MATLAB file"),
        (b"MATLAB 7.3" + b" " * 200, "with -v7"),
    ],
)
def test_other_files(tmp_path, data, expected):
    (tmp_path / "a.mat").write_bytes(data)
    with pytest.raises(ReadError, match=rf"a\.mat: .*{expected}"):
        parse_mat(tmp_path / "a.mat")


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_cell_that_nothing_was_put_in_is_an_empty_matrix(tmp_path, order):
    """As MATLAB writes ``cell(1, 2)``: elements of no bytes."""

    def element(kind, data):
        return struct.pack(f"{order}II", kind, len(data)) + data + bytes(-len(data) % 8)

    start = [(6, struct.pack(f"{order}II", 1, 0)), (5, struct.pack(f"{order}ii", 1, 2)), (1, b"c")]
    cells = b"".join(element(*one) for one in [*start, (14, b""), (14, b"")])
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(f"{order}HH", 0x100, 0x4D49)
    (tmp_path / "a.mat").write_bytes(head + element(14, cells))
    found = parse_mat(tmp_path / "a.mat")["c"]
    assert [one.shape for one in found.ravel()] == [(0, 0), (0, 0)]
