"""What a live session recorded is read as it was written, or refused."""

import json

import numpy as np
import pytest

from physio_vad import read_recordings
from physio_vad.exceptions import ReadError
from physio_vad.io.devices.live import frame

SENSOR = {"modality": "eda", "sfreq": 4.0, "unit": "uS", "channels": ["0"]}
NOTE = {"subject": "a", "trial": "1", "start_time": 0.0, "sensors": [SENSOR]}
CHUNKS = [(np.arange(4.0)[None] + 4 * i, np.array([float(i)])) for i in range(3)]


def write(folder, content=None, note=NOTE):
    (folder / "live.json").write_text(json.dumps(note))
    content = b"".join(frame(*one) for one in CHUNKS) if content is None else content
    (folder / "eda.samples").write_bytes(content)
    return content


def values(folder):
    return read_recordings(folder, "live")[0].signals["eda"].values[0]


def test_what_was_written_is_read(tmp_path):
    write(tmp_path)
    np.testing.assert_array_equal(values(tmp_path), np.arange(12))


def test_no_flipped_bit_passes(tmp_path):
    content = write(tmp_path)
    for place in range(len(content)):
        write(tmp_path, content[:place] + bytes([content[place] ^ 64]) + content[place + 1 :])
        with pytest.raises(ReadError, match=r"eda\.samples: the chunk at byte \d+ is not as it"):
            values(tmp_path)


def test_a_chunk_that_was_cut_off_by_a_kill_ends_the_recording(tmp_path):
    content = write(tmp_path)
    for kept in range(len(content) // 3 * 2, len(content)):
        write(tmp_path, content[:kept])
        np.testing.assert_array_equal(values(tmp_path), np.arange(8))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sensors": [{**SENSOR, "modality": "../eda"}]}, "must have modality, sfreq"),
        ({"sensors": [{**SENSOR, "sfreq": 0}]}, "must have modality, sfreq"),
        ({"subject": 3}, "must have text as 'subject', got 3"),
        ({"start_time": "now"}, "must have seconds or null as 'start_time'"),
    ],
)
def test_a_note_of_something_else_is_refused(tmp_path, changes, said):
    write(tmp_path, note={**NOTE, **changes})
    with pytest.raises(ReadError, match=said):
        values(tmp_path)


def test_a_sensor_whose_file_is_gone_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "eda.samples").unlink()
    with pytest.raises(ReadError, match=r"eda\.samples: "):
        values(tmp_path)
