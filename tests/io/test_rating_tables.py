"""Ratings in a table beside the files, however it is kept."""

import numpy as np
import pytest

from physio_vad import Recording, Signal, TableReader, read_recordings
from physio_vad.exceptions import RatingsWarning, ReadError, RecordingError
from physio_vad.io.rating_rows import RatingRows
from physio_vad.io.rating_tables import rate

START = 1_600_000_000.0  # 2020-09-13 12:26:40 UTC


def recording(start_time=START):
    skin = Signal(np.full(480, 2.0), 4.0, "uS")
    return Recording("anna", {"eda": skin}, start_time=start_time)


def rated(tmp_path, text, name="ratings.csv", **options):
    path = tmp_path / name
    path.write_text(text)
    return rate(recording(**options), path, scale=(1, 9)).ratings


@pytest.mark.parametrize(
    "text",
    [
        "subject,start,stop,valence\nanna,10,30,7\nanna,60,90,2\n",
        "participant_id,onset,duration,trial_type,valence\nanna,10,20,a,7\nanna,60,30,b,2\n",
        "subject,start,stop,valence\nanna,1600000010,1600000030,7\nanna,1600000060,1600000090,2\n",
        "subject,start,duration,valence\nanna,1600000010000,20,7\nanna,1600000060000,30,2\n",
        "subject,start,stop,valence\n"
        "anna,2020-09-13 12:26:50,2020-09-13 12:27:10,7\n"
        "anna,2020-09-13 12:27:40,2020-09-13 12:28:10,2\n",
        "subject,start,stop,target,value\nanna,60,90,valence,2\nanna,10,30,valence,7\n",
    ],
    ids=["seconds", "BIDS", "since 1970", "ms since 1970", "dates", "long"],
)
def test_stretches_of_time(tmp_path, text):
    found = rated(tmp_path, text)
    assert (found.targets, found.starts.tolist()) == (("valence",), [10, 60])
    assert found.stops.tolist() == [30, 90]
    assert found.values.tolist() == [[7], [2]]


def test_a_long_table_has_a_row_an_answer(tmp_path):
    text = "subject,target,value\nben,valence,1\nanna,valence,7\nanna,arousal,\nanna,dominance,3\n"
    found = rated(tmp_path, text)
    assert found.targets == ("valence", "arousal", "dominance")
    np.testing.assert_array_equal(found.mean([0], [120]), [[7, np.nan, 3]])
    with pytest.raises(ReadError, match="two rows rate 'valence' for anna"):
        rated(tmp_path, text + "anna,valence,3\n")
    with pytest.raises(ReadError, match="column value must hold numbers"):
        rated(tmp_path, text + "anna,liking,very\n")


def test_what_does_not_match_is_said(tmp_path):
    with pytest.warns(RatingsWarning, match="no row for subject 'anna'.*rows for 'ben'"):
        assert rated(tmp_path, "subject,start,stop,valence\nben,0,9,7\n") is None
    rows = "subject,start,stop,valence\nanna,1600000010,1600000030,7\n"
    with pytest.raises(ReadError, match="its files do not say when it began"):
        rated(tmp_path, rows, start_time=None)
    with pytest.raises(ReadError, match=r"moved by 1 h: is it another time zone"):
        rated(tmp_path, rows, start_time=START + 3600)
    with pytest.raises(ReadError, match=r"dates with times.*they have no date"):
        rated(tmp_path, "subject,start,stop,valence\nanna,12:26:50,12:27:10,7\n")


@pytest.mark.parametrize(
    ("hours", "said"), [(5.5, "by 5.5 h"), (-14, "by -14 h"), (14, "by 14 h"), (15, "it began")]
)
def test_clocks_of_two_zones(tmp_path, hours, said):
    first = START - 3600 * hours
    rows = f"subject,start,stop,valence\nanna,{first + 10:.0f},{first + 30:.0f},7\n"
    with pytest.raises(ReadError, match="lie outside the recording") as caught:
        rated(tmp_path, rows)
    assert (said in str(caught.value)) == (hours != 15)
    assert ("time zone" in str(caught.value)) == (hours != 15)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(-5, 0), (-5, 10), (110, 130), (120, 140)], [(0, 10), (110, 120)]),
        ([(50, 60), (10, 20)], [(10, 20), (50, 60)]),
        ([(0, 120)], [(0, 120)]),
    ],
)
def test_blocks_are_cut_to_the_recording(tmp_path, rows, expected):
    lines = "".join(f"anna,{start},{stop},7\n" for start, stop in rows)
    found = rated(tmp_path, "subject,start,stop,valence\n" + lines)
    assert list(zip(found.starts, found.stops, strict=True)) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start,stop,valence\n1,2,7\n", "has no column 'subject'"),
        ("subject,start,stop,valence\nanna,1,2,7\nanna,5,5,7\n", "row 2: a block must stop after"),
        ("subject,start,stop,valence\nanna,1,2,7\nanna,5,4,7\n", "row 2: .*, got 5 to 4 s"),
        (
            "subject,start,stop,valence\nanna,120,130,7\n",
            "go from 120 to 130 s, .* from 0 to 120 s",
        ),
        ("subject,valence\nanna,7\nanna,8\n", "must have one row for 'anna' .*, it has 2"),
        ("subject,start,stop,valence\nanna,1,2,7\nanna,5,,7\n", "row 2: .*, this one has no stop"),
        ("subject,start,stop,valence\nanna,,2,7\nanna,5,6,7\n", "row 1: .*, this one has no start"),
        ("subject,valence\nben,1\nanna,11\n", "row 2: the rating of 'valence' of anna, 11, lies"),
        ("subject,valence\nanna,inf\n", "row 1: .* of anna, inf, lies outside its scale 1 to 9"),
        (
            "subject,trial,valence\nben,1,40\nanna,1,.5\n",
            r"ratings\.csv: row 2: .* anna, 0\.5, lies",
        ),
        (
            "subject,start,stop,valence\nanna,30,40,2\nanna,5,6,0\n",
            "row 2: the rating of 'valence' of anna, 0, lies outside its scale 1 to 9",
        ),
    ],
)
def test_rows_that_cannot_be(tmp_path, text, said):
    with pytest.raises((ReadError, RecordingError), match=said) as caught:
        rated(tmp_path, text)
    assert "nan" not in str(caught.value).removeprefix(str(tmp_path)).replace("anna", "")


def test_a_rating_that_is_infinite_without_a_scale(tmp_path):
    (tmp_path / "ratings.csv").write_text("subject,valence\nanna,inf\n")
    with pytest.raises(RecordingError, match="of anna, inf, lies outside any scale"):
        rate(recording(), tmp_path / "ratings.csv")


def test_the_table_is_named_and_not_the_recording(tmp_path):
    (tmp_path / "anna.csv").write_text("eda\n" + "2.5\n" * 8)
    (tmp_path / "ratings.csv").write_text("subject,valence\nanna,11\n")
    reader = TableReader(columns={"eda": {"modality": "eda", "unit": "uS"}}, sfreq=4, scale=(1, 9))
    with pytest.raises(ReadError) as caught:
        read_recordings(tmp_path, reader)
    assert str(caught.value) == (
        f"{tmp_path / 'ratings.csv'}: row 1: the rating of 'valence' of anna, 11, lies outside its "
        "scale 1 to 9; correct the table or declare the right scale"
    )


def test_rows_of_another_trial_are_left_alone(tmp_path):
    found = rated(tmp_path, "subject,trial,valence\nanna,2,3\nanna,1,7\nben,1,4\n")
    assert found.mean([0], [120]).tolist() == [[7]]


def test_rows_on_the_wall_stay_there_where_the_start_is_not_known(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("subject,start,stop,valence\nanna,900000000,900000030,7\n")
    rows = RatingRows(path)
    assert [one.tolist() for one in rows.spans(None)] == [[9e8], [900000030]]
    assert [one.tolist() for one in rows.spans(9e8 - 5)] == [[5], [35]]
    path.write_text("subject,start,duration,valence\nanna,899999999,30,7\nben,,5,6\n")
    starts, stops = RatingRows(path).spans(9e8 - 5)  # no time on the wall
    np.testing.assert_array_equal(starts, [899999999, np.nan])
    np.testing.assert_array_equal(stops, [900000029, np.nan])
    path.write_text("subject,start,duration,valence\nanna,2020-09-13 12:26:41,30,7\n")
    assert RatingRows(path).spans(START)[0].tolist() == [1]
