"""A file is there whole or not at all, also where the process ends in the middle of writing."""

import subprocess
import sys

import pytest

from physio_vad.atomic import remove_open, replacing

ENDS = """
import sys
from physio_vad.atomic import replacing
from physio_vad.cli.stopping import end
with replacing(sys.argv[1]) as temporary:
    temporary.write_text("half")
    end(3)
"""


def test_a_process_that_ends_at_once_leaves_nothing_half(tmp_path):
    (tmp_path / "a.txt").write_text("before")
    done = subprocess.run([sys.executable, "-c", ENDS, str(tmp_path / "a.txt")], check=False)
    assert done.returncode == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "before"


def test_what_is_finished_stays(tmp_path):
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    with pytest.raises(KeyError), replacing(tmp_path / "b.txt") as temporary:
        raise KeyError
    remove_open()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
