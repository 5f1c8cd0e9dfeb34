"""What is saved and changed afterwards is refused, and named, or made again."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from physio_vad.exceptions import ReadError
from physio_vad.integrity import fingerprint, read_json, read_table, write_json, write_table

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from bit_flips import count_outcomes


def test_no_flipped_bit_goes_unseen(tmp_path):
    found = count_outcomes(tmp_path, 300, seed=1)
    padding = ("parts/recordings", "no effect")  # of Arrow's records: what is read is the same
    assert {one for one in found if one[1] != "refused"} <= {padding}
    assert {kind for kind, _ in found} == {
        "evaluations",
        "features.parquet",
        "labels.parquet",
        "model.joblib",
        "model.skops",
        "parts",
        "parts/recordings",
        "recipe.json",
    }


def test_every_bit_of_a_small_file_counts(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"text": 'x "sha256": "0" ä', "values": [1, 2.5, None]})
    whole = path.read_bytes()
    assert read_json(path, remedy="") == {"text": 'x "sha256": "0" ä', "values": [1, 2.5, None]}
    assert list(json.loads(whole)) == ["text", "values", "sha256"]
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(ReadError, match=r"a\.json: damaged.*; do this"):
            read_json(path, remedy="do this")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "[" * 100_000, '"sha256": "'])
def test_what_is_no_such_file_is_refused(text, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(ReadError, match=r"a\.json"):
        read_json(path, remedy="")


def test_a_table_is_that_which_was_written(tmp_path):
    table = pd.DataFrame({"a": [1.0, 2.0]})
    digest = write_table(tmp_path / "a.parquet", table)
    pd.testing.assert_frame_equal(read_table(tmp_path / "a.parquet", digest, remedy=""), table)
    write_table(tmp_path / "a.parquet", table + 1)
    with pytest.raises(ReadError, match=r"a\.parquet: damaged.*; do this"):
        read_table(tmp_path / "a.parquet", digest, remedy="do this")


def test_fingerprint_of_large_files_takes_blocks_at_both_ends(tmp_path):
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(70 * 2**20)
    before = fingerprint(path)
    for place in (0, 70 * 2**20 - 1):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(b"x")
        assert fingerprint(path) != before
        before = fingerprint(path)
