"""A table on disk gives what the table in memory gives, and says so where it is damaged."""

import contextlib
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from physio_vad import FeatureTable, evaluate
from physio_vad.evaluation.training_table import _COPIES_LATE as COPIES_LATE
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.feature_table import _opened

NAMES = ["subject", "trial", "window"]


def piece(person, n_rows=6, columns=("eda__a", "eda__b")):
    rng = np.random.default_rng(sum(map(ord, person)))
    index = pd.MultiIndex.from_product([[person], ["1"], range(n_rows)], names=NAMES)
    X = pd.DataFrame(rng.normal(size=(n_rows, len(columns))), index, list(columns))
    y = pd.DataFrame({"valence": np.clip(X.iloc[:, 0] + 5, 1, 9)}, index)
    X.attrs["inputs"] = []
    y.attrs["scale"] = {"valence": [1.0, 9.0]}
    return X, y


@pytest.fixture
def pieces():
    return [piece(person) for person in ("anna", "ben", "cleo", "dora")]


@pytest.fixture
def whole(pieces):
    X, y = (pd.concat(some) for some in zip(*pieces, strict=True))
    return X, y


@pytest.fixture
def written(pieces, tmp_path):
    return FeatureTable.write(tmp_path, iter(pieces))


def test_what_is_written_is_read(written, whole, tmp_path):
    _opened.cache_clear()
    for table in (written, FeatureTable.open(tmp_path)):
        for found, wanted in zip(table, whole, strict=True):
            pd.testing.assert_frame_equal(pd.DataFrame(found), wanted)
            assert found.attrs == wanted.attrs


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_scores_are_those_of_the_table_in_memory(written, whole, n_jobs):
    found = evaluate(Ridge(), *written, n_jobs=n_jobs)
    pd.testing.assert_frame_equal(found.predictions, evaluate(Ridge(), *whole).predictions)


def test_features_are_mapped_and_sent_as_their_place(written):
    base = written.X.to_numpy()
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)
    sent = pickle.dumps(written.X)
    assert len(sent) < 1000
    _opened.cache_clear()
    pd.testing.assert_frame_equal(pickle.loads(sent), written.X)


def test_a_table_that_was_replaced_is_not_taken_for_the_one_before(written, tmp_path):
    sent = pickle.dumps(written.X)
    FeatureTable.write(tmp_path, [piece("emil")])
    with pytest.raises(ReadError, match="changed after it was written"):
        pickle.loads(sent)


def test_a_part_is_an_ordinary_table_and_the_whole_cannot_be_changed(written):
    some = written.X.iloc[:3]
    with (
        warnings.catch_warnings(),
        contextlib.nullcontext() if COPIES_LATE else pytest.raises(ValueError, match="read-only"),
    ):
        warnings.simplefilter("ignore")  # pandas 2 warns of copies that pandas 3 makes
        some.iloc[0, 0] = 7.0
    assert type(some) is pd.DataFrame
    assert written.X.iloc[0, 0] != 7.0
    with pytest.raises(ValueError, match="read-only"):
        written.X.to_numpy()[0, 0] = 7.0


def test_missing_columns_are_nan_and_unknown_ones_an_error(tmp_path):
    less, more = piece("anna", columns=["eda__a"]), piece("ben")
    with pytest.raises(ArgumentError, match=r"piece 1 .*'eda__b'.*columns="):
        FeatureTable.write(tmp_path, [less, more])
    X, _ = FeatureTable.write(tmp_path, [less, more], columns=["eda__b", "eda__a"])
    assert X["eda__b"].isna().tolist() == [True] * 6 + [False] * 6
    assert X["eda__a"].tolist() == [*less[0]["eda__a"], *more[0]["eda__a"]]


def test_refuses_other_rows_and_no_rows(tmp_path, pieces):
    with pytest.raises(ArgumentError, match="piece 0: X and y have different rows"):
        FeatureTable.write(tmp_path, [(pieces[0][0], pieces[1][1])])
    with pytest.raises(ArgumentError, match="no piece was given"):
        FeatureTable.write(tmp_path, [])
    with pytest.raises(ReadError, match="no feature table on disk"):
        FeatureTable.open(tmp_path)


@pytest.mark.parametrize("name", ["features.f64", "rows.parquet", "table.json"])
@pytest.mark.parametrize("how", ["changed", "cut"])
def test_damage_is_noticed(written, tmp_path, name, how):
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content if how == "changed" else content[:-1])
    _opened.cache_clear()
    with pytest.raises(ReadError, match="damaged"):
        FeatureTable.open(tmp_path)


def test_a_write_that_fails_leaves_the_table_of_before(written, whole, tmp_path):
    def broken():
        yield piece("emil")
        raise RuntimeError("a part cannot be read")

    with pytest.raises(RuntimeError):
        FeatureTable.write(tmp_path, broken())
    _opened.cache_clear()
    pd.testing.assert_frame_equal(pd.DataFrame(FeatureTable.open(tmp_path).X), whole[0])
