"""What a live session recorded is read as it was written, or refused."""

import json

import numpy as np
import pytest

from physio_vad import read_recordings
from physio_vad.exceptions import ReadError
from physio_vad.io.devices.live import frame

nan = np.nan
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


def read(folder, *chunks, sfreq=1.0):
    """Read chunks of samples and their stamps, one channel."""
    content = b"".join(
        frame(np.array(samples, dtype=float, ndmin=2), np.array(times, dtype=float, ndmin=1))
        for samples, times in chunks
    )
    write(folder, content, {**NOTE, "sensors": [{**SENSOR, "sfreq": sfreq}]})
    return read_recordings(folder, "live")[0].signals["eda"]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([([1, 2], 0), ([3], 4)], [1, 2, nan, nan, 3]),  # lost
        ([([1, 2], 0), ([3], 2.4), ([4], 3.4)], [1, 2, 3, 4]),  # late
        ([([1, 2, 3], [0, 1.1, 3]), ([4], 4)], [1, 2, nan, 3, 4]),  # a stamp for each
        ([([3], 2), ([1, 2], 0), ([4], 3)], [1, 2, 3, 4]),  # in another order at first
        ([([1, 2], 0), ([2, 3], 1)], [1, 2, 3]),  # sent twice
        ([([1, 2, nan], 0), ([3, 4], 2)], [1, 2, 3, 4]),  # sent again, and now known
        ([([1, 2, 3], 0), ([7, 8], 1), ([9], 5)], [1, 2, 3, 7, 8, nan, nan, 9]),  # set back
        ([([2], 9), ([1], 0)], [1, *[nan] * 8, 2]),
        ([([1, 2, 3], 0), ([7, 8], 1), ([9], 1)], [1, 2, 3, 7, 8, 9]),  # twice
        ([([1, 2, 3], 11), ([4, 5], 0)], [1, 2, 3, 4, 5]),  # to before all
        ([([1], 0), ([2, 3], 602), ([4], 604)], [1, 2, 3, 4]),  # set ahead
        ([([1], 0), ([2], 601)], [1, *[nan] * 600, 2]),  # ten minutes were lost
        ([([1], 0), ([], []), ([], 1), ([2], 1)], [1, 2]),  # chunks of nothing
    ],
)
def test_samples_stand_where_their_stamps_say_unless_the_clock_was_set(tmp_path, chunks, expected):
    found = read(tmp_path, *chunks)
    np.testing.assert_array_equal(found.values[0], expected)


def test_a_long_recording_of_two_channels(tmp_path):
    samples = np.arange(6000.0).reshape(2, 3000)
    chunks = [(samples[:, i : i + 7], np.array([100 + i / 8])) for i in range(0, 3000, 7)]
    sensor = {**SENSOR, "sfreq": 8.0, "channels": ["a", "b"]}
    write(tmp_path, b"".join(frame(*one) for one in chunks), {**NOTE, "sensors": [sensor]})
    found = read_recordings(tmp_path, "live")[0].signals["eda"]
    np.testing.assert_array_equal(found.values, samples)
    assert (found.start, found.sfreq, found.channels) == (100, 8, ("a", "b"))


def test_events_are_put_in_order(tmp_path):
    beats = [(np.array([[0.8, 0.9]]), np.array([2.0, 3.0])), (np.array([[0.7]]), np.array([1.0]))]
    sensor = {**SENSOR, "modality": "ibi", "sfreq": None, "unit": "s"}
    write(tmp_path, note={**NOTE, "sensors": [sensor]})
    (tmp_path / "ibi.samples").write_bytes(b"".join(frame(*one) for one in beats))
    found = read_recordings(tmp_path, "live")[0].signals["ibi"]
    assert (found.times.tolist(), found.values.tolist()) == ([1, 2, 3], [0.7, 0.8, 0.9])


def test_what_recorded_nothing_is_left_out_and_said_if_nothing_is_left(tmp_path):
    other = {**SENSOR, "modality": "ppg"}
    write(tmp_path, note={**NOTE, "sensors": [other, SENSOR]})
    (tmp_path / "ppg.samples").write_bytes(b"")
    assert list(read_recordings(tmp_path, "live")[0].signals) == ["eda"]
    write(tmp_path, b"")
    with pytest.raises(ReadError, match="nothing was recorded"):
        values(tmp_path)


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
