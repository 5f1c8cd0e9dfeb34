"""Over the lab streaming layer, between processes: nothing lost, wrong units refused, restarts."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError, MissingExtraError
from physio_vad.features.inputs import Input
from physio_vad.live.lsl import in_time, need_pylsl, parts_of
from physio_vad.live.sources import Chunk

try:
    need_pylsl()
except MissingExtraError as error:
    pytest.skip(f"liblsl cannot be loaded: {error}", allow_module_level=True)

HERE = Path(__file__).parent
SETTINGS = """
[ports]
IPv6 = disable
[multicast]
ResolveScope = machine
[lab]
KnownPeers = {127.0.0.1}
"""


@pytest.fixture
def start(tmp_path):
    """Start scripts that find each other on this machine only; end those that are left."""
    settings = tmp_path / "lsl.cfg"
    settings.write_text(SETTINGS + f"SessionID = {uuid.uuid4().hex}\n")
    environment = {**os.environ, "LSLAPICFG": str(settings), "OMP_NUM_THREADS": "1"}
    running = []

    def run(script, *arguments):
        command = [sys.executable, str(HERE / f"{script}.py"), *map(str, arguments)]
        with (tmp_path / f"{script}.txt").open("a") as errors:
            started = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, env=environment, text=True
            )
        running.append(started)
        return started

    yield run
    for one in running:
        one.kill()
        one.communicate()


def said(reader, folder):
    """Give the last line of a reader, or fail with its errors."""
    lines = reader.communicate(timeout=60)[0].splitlines()
    assert lines, (folder / "lsl_reader.txt").read_text()
    return json.loads(lines[-1])


@pytest.mark.slow
def test_every_sample_arrives_once_and_in_order(start, tmp_path):
    sender = start("lsl_sender", "demo", 60, 30, "uV")
    reader = start("lsl_reader", "demo", 2, 20, 1e9)
    told = said(reader, tmp_path)
    assert sender.communicate(timeout=10)[0].split() == ["ready", str(60 * 254 + 59)]
    assert told["units"] == {
        "eeg": ["uV", 8, 250.0],
        "temperature": ["C", 1, 4.0],
        "ibi": ["s", 0, None],
    }
    assert told["came"] == {"eeg": 15000, "temperature": 240, "ibi": 59}
    assert (told["lost"], told["jumps"], told["in order"]) == (0, 0, True)


def test_a_source_that_is_killed_and_restarted_leaves_a_gap(start, tmp_path):
    sender = start("lsl_sender", "demo", 600, 1, "uV")
    reader = start("lsl_reader", "demo", 30, 20, 700)
    assert reader.stdout.readline() == "reading\n"
    sender.stdout.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        sender.wait(1.0)
    sender.kill()
    again = start("lsl_sender", "demo", 60, 1, "uV")
    told = said(reader, tmp_path)
    again.kill()
    assert told["jumps"] == 0
    assert told["gap"] == pytest.approx(told["lost"] / 250, abs=0.01)
    assert told["lost"] > 100
    assert told["came"]["eeg"] >= 700


def test_sensors_that_are_read_after_a_pause_take_turns():
    fast, slow = np.arange(0.0, 40.0, 0.004), np.arange(0.0, 40.0, 0.25)
    beats = np.array([1.0, 30.0])
    back = np.concatenate([slow[:80], slow[80:] - 25.0])  # a clock that was set
    given = [
        Chunk("eeg", np.arange(2 * len(fast)).reshape(2, -1), fast),
        Chunk("temperature", slow[np.newaxis], slow),
        Chunk("eda", slow[np.newaxis], back),
        Chunk("ibi", beats, beats),
    ]
    newest = dict.fromkeys(("eeg", "temperature"), 0.0)
    found = in_time(given)
    for one in found:
        if one.modality in newest:
            newest[one.modality] = one.times[-1]
            assert max(newest.values()) - min(newest.values()) < 0.5
    for one in given:
        parts = [part for part in found if part.modality == one.modality]
        assert np.array_equal(np.concatenate([part.samples for part in parts], -1), one.samples)
        assert np.array_equal(np.concatenate([part.times for part in parts]), one.times)


def described(kind, *channels, rate=250.0):
    """Describe a stream: of each channel its label, type and unit."""
    pylsl = need_pylsl()
    info = pylsl.StreamInfo("device", kind, len(channels), rate, pylsl.cf_float32, "device-1")
    parent = info.desc().append_child("channels")
    for about in channels:
        channel = parent.append_child("channel")
        for key, value in zip(("label", "type", "unit"), about, strict=True):
            channel.append_child_value(key, value)
    return info


def test_what_a_stream_gives_is_read_from_its_description():
    info = described(
        "Biosignals", ("A", "ECG", "mV"), ("B", "EDA", "microsiemens"), ("C", "ECG", "mV")
    )
    ecg, eda = parts_of(info, {})
    assert (ecg.sensor, ecg.rows) == (Input("ecg", "mV", ("A", "C"), 250.0), [0, 2])
    assert (eda.sensor, eda.rows) == (Input("eda", "uS", ("B",), 250.0), [1])
    (ibi,) = parts_of(described("ibi", ("0", "", "s"), rate=0.0), {})
    assert ibi.sensor == Input("ibi", "s")
    (eeg,) = parts_of(described("EEG", ("Cz", "", "")), {"eeg": "uV"})
    assert eeg.sensor.unit == "uV"


@pytest.mark.parametrize("unit", ["furlongs", "", "uS"])
def test_a_unit_that_is_not_known_is_refused(unit):
    info = described("EEG", ("Cz", "EEG", "uV"), ("Pz", "EEG", unit))
    with pytest.raises(ArgumentError, match="'device': the unit of eeg must be known"):
        parts_of(info, {})
    with pytest.raises(ArgumentError, match="neither it nor its channels"):
        parts_of(described("Markers", ("A", "", "uV")), {})


def test_a_name_that_nobody_has_is_refused_with_those_there_are(start, tmp_path):
    assert start("lsl_sender", "other", 60, 1, "uV").stdout.readline() == "ready\n"
    told = said(start("lsl_reader", "demo", 2, 1, 1), tmp_path)
    assert "is named ['demo']; there are ['other']" in told["error"]
