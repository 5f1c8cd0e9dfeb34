"""Recordings are kept as they were read, to the last bit, and never taken for others."""

import os
import shutil
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from physio_vad import ElevenColumnReader, Ratings, Recording, Signal, simulate_recordings
from physio_vad import write_eleven_column as write
from physio_vad.exceptions import RatingsWarning
from physio_vad.recording.recording import Events
from physio_vad.study.recipe import make_recipe
from physio_vad.study.recording_cache import RecordingCache
from physio_vad.study.table_store import build_table

RNG = np.random.default_rng(0)
GAPS = np.where(RNG.random((2, 500)) < 0.1, np.nan, RNG.normal(size=(2, 500)))
SIGNALS = {
    "eeg": Signal(GAPS, 250.0, "uV", ("F3", "F4"), start=-0.5),
    "eda": Signal(np.array([0.1, np.inf, -0.0]), 4.0, "uS"),
    "ibi": Events(np.array([0.5, 1.25]), np.array([0.8, 0.75]), "s"),
}
RATINGS = {
    "none": None,
    "one": Ratings.constant({"valence": 7.0, "arousal": np.nan}, scale={"valence": (1, 9)}),
    "many": Ratings.series([0.0, 1.0, 1.5], [[1.0, 0.1], [2.0, 0.2], [3.0, np.nan]], ["a", "b"]),
}


def kept(cache, recordings, key="k"):
    entry = cache.begin(key)
    for one in recordings:
        entry.add(one)
    entry.finish([["RatingsWarning", "said"]])


def assert_same(one, other):
    for name in ("subject", "trial", "stimulus", "baseline", "start_time"):
        assert getattr(one, name) == getattr(other, name)
    assert list(one.signals) == list(other.signals)
    for mine, its in zip(one.signals.values(), other.signals.values(), strict=True):
        assert type(mine) is type(its)
        assert mine.unit == its.unit
        assert mine.values.tobytes() == its.values.tobytes()
        names = ["channels", "sfreq", "start"] if isinstance(mine, Signal) else []
        assert [getattr(mine, name) for name in names] == [getattr(its, name) for name in names]
        assert getattr(mine, "times", np.empty(0)).tobytes() == its.times.tobytes()
    assert (one.ratings is None) == (other.ratings is None)
    if one.ratings is not None:
        assert one.ratings.targets == other.ratings.targets
        assert one.ratings.scale == other.ratings.scale
        for name in ("starts", "stops", "values"):
            assert getattr(one.ratings, name).tobytes() == getattr(other.ratings, name).tobytes()


@pytest.mark.parametrize("ratings", RATINGS)
def test_recordings_come_back_to_the_bit(tmp_path, ratings):
    cache = RecordingCache(tmp_path / "cache")
    first = Recording(
        "ańna", SIGNALS, RATINGS[ratings], "x/1", "film\udc80", ((0.0, 1.5),), 1e9 / 3
    )
    second = Recording("ben", {"eda": SIGNALS["eda"]}, None)
    assert cache.read("k", []) is None
    kept(cache, [first, second])
    recordings, warned = cache.read("k", [])
    for one, wanted in zip(recordings, [first, second], strict=True):
        assert_same(one, wanted)
    assert warned == [["RatingsWarning", "said"]]
    assert cache.read("another", []) is None


def test_damage_is_noticed_wherever_it_is(tmp_path):
    cache = RecordingCache(tmp_path)
    recording = Recording("anna", SIGNALS, RATINGS["many"])
    kept(cache, [recording])
    noticed = 0
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        for place in RNG.integers(0, len(whole), 60):
            path.write_bytes(
                whole[:place] + bytes([whole[place] ^ (1 << RNG.integers(8))]) + whole[place + 1 :]
            )
            found = cache.read("k", noted := [])
            assert [str(path) in text for text in noted] == ([True] if found is None else [])
            noticed += found is None
            if found is not None:  # such as padding between arrays
                assert_same(*found[0], recording)
        for n_bytes in (0, 7, len(whole) // 2):
            path.write_bytes(whole[:n_bytes])
            assert cache.read("k", []) is None
        path.write_bytes(whole)
    assert noticed > 60
    assert cache.read("k", []) is not None


def test_a_source_counts_when_it_is_whole(tmp_path):
    cache = RecordingCache(tmp_path)
    cache.begin("k").add(Recording("anna", SIGNALS))
    assert cache.read("k", []) is None


@dataclass(frozen=True, eq=False)
class Own(Signal):
    """A signal with more to it, which a file of plain values cannot hold."""


def test_parts_of_a_class_of_yours_are_not_kept(tmp_path):
    cache = RecordingCache(tmp_path)
    kept(cache, [Recording("anna", {"eda": Own(np.zeros(9), 4.0, "uS")})])
    assert cache.read("k", []) is None


def test_a_full_or_closed_disk_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    cache = RecordingCache(tmp_path / "file" / "cache")
    kept(cache, [Recording("anna", SIGNALS)])
    assert cache.read("k", []) is None


def test_what_was_used_longest_ago_goes_first(tmp_path):
    cache = RecordingCache(tmp_path, most_bytes=110_000)
    recording = Recording("anna", {"eda": Signal(np.zeros(3000), 4.0, "uS")})
    for number in range(4):
        kept(cache, [recording], f"k{number}")
        os.utime(tmp_path / f"k{number}.json", (number, number))
    assert cache.read("k0", []) is not None  # used now
    kept(cache, [recording], "k4")
    assert [name for name in ("k0", "k1", "k2", "k3", "k4") if cache.read(name, [])] == [
        "k0",
        "k2",
        "k3",
        "k4",
    ]
    assert sum(path.stat().st_size for path in tmp_path.glob("*.arrow")) <= 110_000
    kept(cache, [replace(recording, signals={"eda": Signal(np.zeros(9000), 4.0, "uS")})], "large")
    assert cache.read("large", []) is None


def recipe_of(length):
    return make_recipe(
        {
            "layout": {"name": "eleven-column"},
            "windows": {"length": length},
            "features": {"modalities": ["eda", "temperature"]},
        },
        where="test",
    )


@pytest.fixture(scope="module", name="data")
def fixture_data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    files = write(simulate_recordings(n_subjects=2, minutes=0.5, seed=0), folder)
    table = pd.read_csv(files[0])
    table.loc[100:200, "valence"] = np.nan
    table.to_csv(files[0], index=False)
    return folder


def test_another_recipe_parses_nothing_and_makes_the_same_table(data, tmp_path, monkeypatch):
    build_table(recipe_of(5.0), data, tmp_path / "parts")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", RatingsWarning)
        plain = build_table(recipe_of(10.0), data, tmp_path / "plain", cache=False)
    assert not (tmp_path / "plain" / "recordings").exists()
    monkeypatch.setattr(ElevenColumnReader, "read", None)
    with warnings.catch_warnings(record=True) as again:
        warnings.simplefilter("always", RatingsWarning)
        made = build_table(recipe_of(10.0), data, tmp_path / "parts")
    assert made.made == 2
    pd.testing.assert_frame_equal(made.X, plain.X, check_exact=True)
    pd.testing.assert_frame_equal(made.y, plain.y, check_exact=True)
    assert made.y.attrs == plain.y.attrs
    assert [str(one.message) for one in again] == [str(one.message) for one in said]


def test_other_bytes_are_read(data, tmp_path):
    shutil.copytree(data, tmp_path / "data")
    before = build_table(recipe_of(5.0), tmp_path / "data", tmp_path / "parts")
    path = sorted((tmp_path / "data").glob("*.csv"))[1]
    stat, text = path.stat(), path.read_bytes()
    head, _, rows = text.partition(b"\n")
    path.write_bytes(head + b"\n" + rows.replace(b"1", b"2"))  # same size, same date
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    after = build_table(recipe_of(5.0), tmp_path / "data", tmp_path / "parts")
    fresh = build_table(recipe_of(5.0), tmp_path / "data", tmp_path / "fresh", cache=False)
    pd.testing.assert_frame_equal(after.X, fresh.X, check_exact=True)
    assert not after.X.equals(before.X)
