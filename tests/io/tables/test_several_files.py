"""A file a sensor, in the layout ``table``."""

import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import TableReader, read_recordings
from physio_vad.study.recipe import make_recipe

START = 1_600_000_000
COLUMNS = {
    "eda": {"modality": "eda", "unit": "uS"},
    "pulse": {"modality": "ppg", "unit": "a.u."},
    "acc_x": {"modality": "acceleration", "unit": "g"},
}
FILES = {"eda": "{subject}/eda.csv", "bvp": "{subject}/bvp.csv", "acc": "{subject}/acc.csv"}


def write(path, header, times, values):
    path.parent.mkdir(exist_ok=True)
    rows = "".join(f"{a:.3f},{b:g}\n" for a, b in zip(times, values, strict=True))
    path.write_text(header + rows)


def write_person(home, shift=2.0):
    write(home / "eda.csv", "time,value\n", START + np.arange(80) / 4, np.arange(80))
    write(home / "bvp.csv", "time,pulse\n", START + shift + np.arange(640) / 64, np.arange(640))
    write(home / "acc.csv", "time,acc_x\n", START + np.arange(320) / 32, np.arange(320))


def test_files_meet_by_the_clock_on_the_wall(tmp_path):
    for name in ("anna", "ben"):
        write_person(tmp_path / name)
    (tmp_path / "ratings.csv").write_text("subject,start,stop,valence\nanna,1,9,7\nben,1,9,3\n")
    anna, ben = read_recordings(tmp_path, TableReader(files=FILES, columns=COLUMNS))
    assert (anna.subject, ben.subject, anna.start_time) == ("anna", "ben", START)
    found = {name: (one.sfreq, one.start) for name, one in anna.signals.items()}
    assert found == {"eda": (4.0, 0.0), "ppg": (64.0, 2.0), "acceleration": (32.0, 0.0)}
    np.testing.assert_array_equal(anna.signals["eda"].values[0], np.arange(80))
    assert (anna.ratings.mean([1], [9])[0, 0], ben.ratings.mean([1], [9])[0, 0]) == (7, 3)


def test_files_without_clocks_begin_together_at_their_own_rates(tmp_path):
    home = tmp_path / "anna"
    home.mkdir()
    np.savetxt(home / "eda.csv", np.arange(40.0))
    np.savetxt(home / "bvp.csv", np.arange(640.0))
    files = {"eda": "{subject}/eda.csv", "pulse": "{subject}/bvp.csv"}
    columns = {name: COLUMNS[name] for name in files}
    recipe = {
        "recipe": {"name": "x"},
        "layout": {
            "name": "table",
            "files": files,
            "columns": columns,
            "sfreq": {"eda": 4.0, "pulse": 64.0},
        },
    }
    (anna,) = read_recordings(tmp_path, make_recipe(recipe, where="a.toml").reader())
    assert {name: (s.sfreq, s.stop) for name, s in anna.signals.items()} == {
        "eda": (4.0, 10.0),
        "ppg": (64.0, 10.0),
    }


def test_what_cannot_be_is_said(tmp_path):
    write_person(tmp_path / "anna")
    reader = TableReader(files=FILES, columns={"eda": COLUMNS["eda"]})
    with pytest.raises(ReadError, match=r"bvp\.csv: has none of the columns 'eda'; it has 'time'"):
        read_recordings(tmp_path, reader)
    with pytest.raises(ReadError, match=r"no file named like '\{subject\}/temp\.csv'"):
        read_recordings(
            tmp_path, TableReader(files={"temp": "{subject}/temp.csv"}, columns=COLUMNS)
        )
    with pytest.raises(ArgumentError, match="a rate for each sensor needs files"):
        TableReader(columns=COLUMNS, sfreq={"eda": 4.0})
