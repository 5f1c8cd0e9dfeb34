import numpy as np
import pytest
from layouts.write_columns import eleven_values, write_text

from physio_vad.exceptions import ArgumentError, ReadError, SkippedWarning
from physio_vad.io import (
    READERS,
    ElevenColumnReader,
    Reader,
    TableReader,
    iter_recordings,
    read_recordings,
)
from physio_vad.io.base import Choice


@pytest.fixture
def people(tmp_path):
    for name in ("S1", "S2", "S10", "S3"):
        write_text(tmp_path / f"{name}.csv", eleven_values(500))
    return tmp_path


def names(recordings):
    return [one.subject for one in recordings]


def test_people_come_in_natural_order(people):
    assert names(read_recordings(people)) == ["S1", "S2", "S3", "S10"]


def test_a_single_file(people):
    assert names(read_recordings(str(people / "S10.csv"))) == ["S10"]


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [(2, ["S1", "S2"]), (99, ["S1", "S2", "S3", "S10"]), (["S10", "S2"], ["S2", "S10"])],
)
def test_some_of_the_people(people, subjects, expected):
    assert names(read_recordings(people, subjects=subjects)) == expected


def test_people_who_are_not_wanted_are_not_read(people):
    (people / "S10.csv").write_text("")
    assert names(read_recordings(people, subjects=3)) == ["S1", "S2", "S3"]
    assert names(read_recordings(people, subjects=["S3"])) == ["S3"]


def test_notes_beside_the_tables_are_no_tables(people):
    (people / "README.txt").write_text("about these files")
    assert names(read_recordings(people)) == ["S1", "S2", "S3", "S10"]


def test_the_first_minutes_are_copied(people):
    (short,) = read_recordings(people, subjects=1, minutes=1 / 60)
    (whole,) = read_recordings(people, subjects=1)
    assert short.stop == 1
    np.testing.assert_array_equal(short.signals["eeg"].values, whole.signals["eeg"].values[:, :250])
    base = short.signals["eeg"].values.base
    assert base is None or base.size == 500


def test_progress_is_reported(people):
    calls = []
    read_recordings(people, progress=lambda *call: calls.append(call))
    assert calls == [("S1", 1, 4), ("S2", 2, 4), ("S3", 3, 4), ("S10", 4, 4)]


def test_one_at_a_time(people):
    recordings = iter_recordings(people)
    (people / "S10.csv").unlink()
    assert next(recordings).subject == "S1"


def test_a_bad_file_stops_or_is_left_out(people):
    (people / "S2.csv").write_text("")
    with pytest.raises(ReadError, match=r"S2\.csv: is empty"):
        read_recordings(people)
    with pytest.warns(SkippedWarning, match=r"left out: .*S2\.csv: is empty"):
        assert names(read_recordings(people, on_error="skip")) == ["S1", "S3", "S10"]


def test_all_files_bad(people):
    for path in people.iterdir():
        path.write_text("no,table\n")
    with (
        pytest.warns(SkippedWarning),
        pytest.raises(ReadError, match=r"none of 4 files could be read; the first: .*S1\.csv"),
    ):
        read_recordings(people, on_error="skip")


def test_a_wrong_option_is_wrong_for_every_file(people):
    with pytest.raises(ArgumentError, match="the rate must be declared"):
        read_recordings(people, ElevenColumnReader(sfreq=None), on_error="skip")


def test_an_unreadable_file_is_named(people):
    (people / "S1.csv").unlink()
    (people / "S1.csv").symlink_to(people / "nowhere.csv")
    with pytest.raises(ReadError, match=r"S1\.csv: cannot be read: No such file"):
        read_recordings(people / ".." / people.name, Broken(people / "S1.csv"))


class Broken(Reader):
    """Finds one file, whatever there is."""

    name = "broken"

    def __init__(self, path):
        self.path = path

    def find(self, path):
        from physio_vad.io import Source

        return [Source((self.path,))]

    def read(self, source):
        if source.files[0].suffix == ".txt":
            raise KeyError("what a library raises")
        source.files[0].read_bytes()
        yield from ()


def test_what_libraries_raise_becomes_ours(people):
    with pytest.raises(ReadError, match=r"a\.txt: cannot be read: KeyError: 'what a library"):
        read_recordings(people, Broken(people / "a.txt"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"layout": "elven-column"}, "unknown layout 'elven-column'; did you mean 'eleven-column'"),
        ({"layout": 11}, "layout must be a name or a Reader"),
        ({"on_error": "ignore"}, "on_error must be 'raise' or 'skip'"),
        ({"minutes": 0}, "minutes must be above 0"),
        ({"subjects": 0}, "subjects must be a number from 1 on"),
        ({"subjects": ["S4"]}, "unknown subject 'S4'"),
    ],
)
def test_arguments_that_cannot_be(people, arguments, expected):
    with pytest.raises(ArgumentError, match=expected):
        read_recordings(people, **arguments)


def test_a_missing_folder(tmp_path):
    with pytest.raises(ReadError, match="nowhere: there is no such file or folder"):
        read_recordings(tmp_path / "nowhere")


@pytest.mark.parametrize("name", [name for name in READERS if name != "table"])
def test_every_reader_says_what_an_empty_folder_lacks(tmp_path, name):
    assert READERS[name].name == name
    with pytest.raises(ReadError, match=tmp_path.name):
        read_recordings(tmp_path, name)


def test_the_first_people_keep_all_of_their_files(tmp_path):
    """Two people of two files each: the first person is one person, with two recordings."""
    rows = "eda,valence\n" + "2.5,5\n" * 40
    for name in ("anna_1", "anna_2", "ben_1", "ben_2"):
        (tmp_path / f"{name}.csv").write_text(rows)
    reader = TableReader(
        columns={"eda": {"modality": "eda", "unit": "uS"}},
        labels=["valence"],
        sfreq=4.0,
        files="{subject}_{trial}.csv",
    )
    found = read_recordings(tmp_path, reader, subjects=1)
    assert [(one.subject, one.trial) for one in found] == [("anna", "1"), ("anna", "2")]
    choice = Choice(1)
    assert [choice.takes(name) for name in ("a", "a", "b", "a")] == [True, True, False, True]
