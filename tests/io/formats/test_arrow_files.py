"""What Feather files claim, read off their messages as Arrow writes them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.formats import budget
from physio_vad.io.formats.arrow_files import FeatherFile
from physio_vad.io.formats.budget import Budget

N_ROWS = 2000
TABLE = pa.Table.from_pandas(
    pd.DataFrame(
        {
            "eda": np.full(N_ROWS, 2.0**1000),  # its first bytes would be an absurd size
            "name": pd.Categorical(["anna", "ben"] * (N_ROWS // 2)),
        }
    )
)


@pytest.mark.parametrize("compression", ["uncompressed", "zstd", "lz4"])
@pytest.mark.parametrize("n_batches", [1, 3])
def test_rows_and_what_packed_ones_become(tmp_path, monkeypatch, compression, n_batches):
    path = tmp_path / "a.feather"
    chunk = -(-N_ROWS // n_batches)
    pa.feather.write_feather(TABLE, path, compression=compression, chunksize=chunk)
    file, counted = FeatherFile(path), {"unpack": 0, "make": 0}

    def count(kind):
        def add(self, n_bytes):
            counted[kind] += n_bytes

        return add

    for kind in counted:
        monkeypatch.setattr(Budget, kind, count(kind))
    assert Budget([path]).spend(file.n_rows) == N_ROWS
    packed = 0 if compression == "uncompressed" else (8 + 1) * N_ROWS
    assert packed <= counted["unpack"] <= packed * 1.05 + 100 * n_batches
    assert 8 * N_ROWS <= counted["make"] <= 8 * (N_ROWS + 2 * n_batches)


def test_what_unpacks_to_too_much(tmp_path, monkeypatch):
    path = tmp_path / "a.feather"
    pa.feather.write_feather(TABLE, path, compression="zstd")
    monkeypatch.setattr(budget, "UNPACKED", 8 * N_ROWS)
    monkeypatch.setattr(budget, "UNPACKED_PER_BYTE", 1)
    with pytest.raises(ReadError, match="which no recording does"):
        Budget([path]).spend(FeatherFile(path).n_rows)


def test_a_batch_without_rows(tmp_path):
    """Arrow leaves numbers that are 0 out of a message."""
    batch = pa.record_batch({"eda": np.arange(5.0)})
    with pa.ipc.new_file(str(tmp_path / "a.feather"), batch.schema) as file:
        for one in (batch[:0], batch, batch[:0]):
            file.write_batch(one)
    found = FeatherFile(tmp_path / "a.feather")
    assert found.n_rows() == 5
    assert sum(one.num_rows for one in found.batches(["eda"])) == 5
