"""What was recorded is read again, also after a kill."""

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError
from physio_vad.io import read_recordings
from physio_vad.live.recorder import Recorder
from physio_vad.live.sources import Replay
from physio_vad.recording.recording import Events, Recording, Signal


def person():
    """Give three sensors at rates of their own, one of them with events."""
    rng = np.random.default_rng(0)
    return Recording(
        "anna",
        {
            "eda": Signal(rng.normal(5, 1, 80), 4.0, "uS"),
            "eeg": Signal(rng.normal(0, 9, (2, 2000)), 100.0, "uV", ("F3", "F4"), 0.5),
            "ibi": Events(np.arange(1.0, 19.0), rng.normal(0.8, 0.1, 18), "s"),
        },
    )


def record(folder, source):
    with Recorder(folder, source.sensors, subject="anna") as recorder:
        for chunk in source:
            recorder.push(chunk.modality, chunk.samples, chunk.times)


@pytest.mark.parametrize("chunk", [0.03, 0.2, 7.0])
def test_a_replay_that_is_recorded_comes_back(tmp_path, chunk):
    given = person()
    record(tmp_path / "session", Replay(given, speed=np.inf, chunk=chunk))
    (found,) = read_recordings(tmp_path, "live")
    assert (found.subject, list(found.signals)) == ("anna", list(given.signals))
    for name, signal in given.signals.items():
        assert np.array_equal(found.signals[name].values, signal.values)
        assert np.allclose(found.signals[name].times, signal.times, rtol=0, atol=1e-9)
        assert found.signals[name].unit == signal.unit
    assert found.signals["eeg"].channels == ("F3", "F4")


def test_what_was_lost_is_missing(tmp_path):
    only = replace(person(), signals={"eeg": person().signals["eeg"]})
    source = Replay(only, speed=np.inf, chunk=1.0)
    with Recorder(tmp_path, source.sensors) as recorder:
        for number, chunk in enumerate(source):
            if number != 3:
                recorder.push(chunk.modality, chunk.samples, chunk.times)
    (found,) = read_recordings(tmp_path, "live")
    lost = np.isnan(found.signals["eeg"].values).all(axis=0)
    assert list(np.flatnonzero(lost)) == list(range(300, 400))
    with pytest.raises(ArgumentError, match="holds a recording"):
        Recorder(tmp_path, source.sensors)


@pytest.mark.parametrize("jump", [-1e6, -3.0, 1e6])
def test_a_clock_that_is_set_leaves_a_recording_that_reads(tmp_path, jump):
    only = replace(person(), signals={"eeg": person().signals["eeg"]})
    source = Replay(only, speed=np.inf, chunk=0.3)
    with Recorder(tmp_path, source.sensors) as recorder:
        for chunk in source:
            recorder.push(chunk.modality, chunk.samples, chunk.times + jump * (chunk.times > 9))
    (found,) = read_recordings(tmp_path, "live")
    assert np.array_equal(found.signals["eeg"].values, only.signals["eeg"].values)


def test_chunks_in_another_order_are_put_right(tmp_path):
    only = replace(person(), signals={"eeg": person().signals["eeg"]})
    source = Replay(only, speed=np.inf, chunk=0.3)
    chunks = list(source)
    chunks[0], chunks[1], chunks[5], chunks[9] = chunks[1], chunks[0], chunks[9], chunks[5]
    with Recorder(tmp_path, source.sensors) as recorder:
        for chunk in [*chunks, *chunks[3:5]]:
            recorder.push(chunk.modality, chunk.samples, chunk.times)
    (found,) = read_recordings(tmp_path, "live")
    assert np.array_equal(found.signals["eeg"].values, only.signals["eeg"].values)
    assert found.signals["eeg"].start == only.signals["eeg"].start


SCRIPT = """
import sys, time
import numpy as np
from physio_vad.features.inputs import Input
from physio_vad.live.recorder import Recorder
recorder = Recorder(sys.argv[1], [Input("eda", "uS", ("0",), 100.0)])
began, number = time.monotonic(), 0
print("ready", flush=True)
while True:
    recorder.push("eda", np.full((1, 10), float(number)), number / 10)
    number += 1
    time.sleep(max(began + number / 10 - time.monotonic(), 0))
"""


def test_a_kill_loses_a_second_at_most(tmp_path):
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        began = time.monotonic()
        time.sleep(2.3)
        process.kill()
        seconds = time.monotonic() - began
    (found,) = read_recordings(tmp_path, "live")
    assert found.stop > seconds - 1.1
    assert np.array_equal(found.signals["eda"].values[0], np.repeat(np.arange(found.stop * 10), 10))


def test_a_replay_keeps_to_the_clock():
    began = time.monotonic()
    chunks = list(Replay(person(), speed=20.0, chunk=1.0))
    assert 1.0 <= time.monotonic() - began < 4.0
    assert len(chunks) > 50
