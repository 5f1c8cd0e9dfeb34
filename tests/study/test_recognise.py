"""What `init` says of a device's folder beside the name of its layout."""

import json
import tomllib

import numpy as np
import pandas as pd
import pytest
from layouts import write_devices as devices
from layouts.write_device_studies import lab
from layouts.write_studies import stress_predict

from physio_vad import read_recordings
from physio_vad.exceptions import UnknownChannelsError
from physio_vad.study.propose import propose_recipe
from physio_vad.study.recipe import load_recipe
from physio_vad.study.recognise import find_layout, recognise


def head_of(folder):
    text = propose_recipe(folder)
    return text.partition("# Check it")[0].splitlines()[1:]


def test_people_an_example_ratings_and_what_is_left_out(tmp_path):
    channels = lab(0, 200) | {("Heart Rate", "BPM"): np.full(16000, 70.0)}
    for who in ("P2", "P10"):
        devices.write_labchart_text(tmp_path / f"{who}.txt", channels, 200)
    assert head_of(tmp_path) == [
        "# 2 people, by the names of folders, files or rows: P2, P10",
        "# P2, as an example: eda (uS, 200 Hz), ecg (mV, 200 Hz), respiration (V, 200 Hz).",
        "# No ratings were found: a table ratings.csv beside, with the columns subject (as named "
        "above), trial where there are several, and one for each rating, is read.",
        f"# {tmp_path / 'P2.txt'}: channels of unknown kind or unit are left out: 'Heart Rate' in "
        "'BPM'; say in channels what they are, or name them in ignore",
    ]
    (tmp_path / "ratings.csv").write_text("subject,valence,stress\nP2,3,1\nP10,4,0\n")
    assert head_of(tmp_path)[2] == "# Rated: valence, stress."


def test_events_and_several_channels_in_the_example(tmp_path):
    devices.write_garmin(tmp_path / "P1", np.full(40, 800.0))
    said = "acceleration (mg, 25 Hz, 3 channels), ibi (events in ms)"
    assert head_of(tmp_path)[1] == f"# P1, as an example: {said}."


def test_many_people_are_not_all_named(tmp_path):
    for number in range(7):
        devices.write_bids(tmp_path, f"{number}", np.ones((3, 100)), 10)
    told = head_of(tmp_path)[0]
    assert told == "# 7 people, by the names of folders, files or rows: 0, 1, 2, 3, 4, ..."


def test_a_layout_that_does_not_fit_warns_of_nothing(tmp_path):
    """The reader of E4 folders would warn of ratings.csv, which is right in this layout."""
    for name, sfreq in (("eda", 4), ("bvp", 64)):
        (tmp_path / "P1").mkdir(exist_ok=True)
        table = {"time": np.arange(40 * sfreq) / sfreq, name: np.sin(np.arange(40 * sfreq)) + 3}
        pd.DataFrame(table).to_csv(tmp_path / "P1" / f"{name}.csv", index=False)
    (tmp_path / "ratings.csv").write_text("subject,valence,remark\nP1,3,late\n")
    text = propose_recipe(tmp_path)
    assert "blocks.csv" not in text
    assert 'time_unit = "s"  # gives 64 Hz in bvp, 4 Hz in eda' in text
    assert 'labels = ["valence"]\nscale = { valence = [1, 5] }' in text
    (tmp_path / "r.toml").write_text(text)
    (one,) = read_recordings(tmp_path, load_recipe(tmp_path / "r.toml").reader())
    assert (one.targets, one.ratings.values.tolist()) == (("valence",), [[3.0]])


def test_a_layout_that_fits_says_what_it_warns_of(tmp_path):
    stress_predict(tmp_path)
    (tmp_path / "blocks.csv").rename(tmp_path / "ratings.csv")
    assert any("name it blocks.csv" in line for line in head_of(tmp_path))


def test_without_ratings_a_table_has_no_empty_options(tmp_path):
    table = {"time": np.arange(400) / 4, "eda": np.sin(np.arange(400)) + 3}
    pd.DataFrame(table).to_csv(tmp_path / "P1.csv", index=False)
    text = propose_recipe(tmp_path)
    assert "labels" not in text
    assert "\nscale" not in text


@pytest.mark.parametrize("name", ["none", "notes.csv"])
def test_nothing_of_the_kind(tmp_path, name):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n3,4\n")
    assert recognise(tmp_path / name) is None
    doubts = []
    assert find_layout(tmp_path, doubts) is None
    assert all(one.startswith("no ") for one in doubts)


def test_a_device_whose_channels_nobody_knows_is_named_with_what_to_say(tmp_path):
    told = {"sensor": ["RAW", "RAW"], "column": ["nSeq", "A1", "A2"], "resolution": [4, 10, 10]}
    told |= {"sampling rate": 100, "device": "bitalino_rev", "label": ["A1", "A2"]}
    rows = "".join(f"{i % 16}\t{500 + i % 9}\t{300 + i % 5}\t\n" for i in range(2000))
    head = f"# OpenSignals Text File Format\n# {json.dumps({'aa': told})}\n# EndOfHeader\n"
    (tmp_path / "P1.txt").write_text(head + rows)
    found = find_layout(tmp_path)
    assert (found.reader.name, found.is_sure) == ("opensignals", False)
    assert head_of(tmp_path)[:2] == [
        "# One person, by the names of folders, files or rows: P1",
        f"# {tmp_path / 'P1.txt'}: none of its sensors (RAW, RAW) is known; say in channels what "
        "its columns are (A1, A2)",
    ]
    layout = tomllib.loads(propose_recipe(tmp_path))["layout"]
    assert layout == {"name": "opensignals"}
    with pytest.raises(UnknownChannelsError, match="RAW, RAW"):
        read_recordings(tmp_path, "opensignals")
