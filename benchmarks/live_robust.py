"""A live session that lasts, is killed, loses samples, or comes over the network.

Run ``python benchmarks/live_robust.py [--only memory]``. A day of eight channels at 250 Hz is
pushed as fast as it goes, every sample of it, with a prediction every ``--step`` seconds, and the
memory of the process is read every hour; a recorder is killed with -9 at ten random moments; for
ten minutes eight channels at 250 Hz go over the lab streaming layer at ten times real time; chunks
are lost, come twice and in another order, clocks drift and jump. ``--quick`` takes two hours, three
kills and six seconds.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import eight_channels, parser, show
from latency import fitted

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import read_recordings
from physio_vad.features.inputs import Input
from physio_vad.live import Stream
from physio_vad.live.buffer import SampleBuffer

ROOT = Path(__file__).parents[1]
RECORD = """
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
RATE = 250.0
TRUTH = np.arange(120 * RATE)  # every sample is its own number
SETTINGS = "[multicast]\nResolveScope = machine\n[lab]\nKnownPeers = {127.0.0.1}\n"


def memory() -> float:
    """Memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def day(hours: float, step: float) -> pd.DataFrame:
    """Push the same four minutes over and over; memory after each hour."""
    model = fitted("multioutput", None)
    stream = Stream(model, model.inputs, delay=1.0, step=step)
    recording = eight_channels(4.0, seed=9)
    rows, n_found, begin = {}, 0, time.process_time()
    for minute in range(int(60 * hours)):
        for second in range(0, 60, 2):
            at = (minute % 4) * 60 + second
            for name, signal in recording.signals.items():
                part = signal.crop(at, at + 2)
                stream.push(name, part.values, 60.0 * minute + second)
            n_found += sum(1 for _ in stream.predictions())
        if minute % 60 == 59:
            rows[(minute + 1) // 60] = {
                "MiB": memory(),
                "predictions": n_found,
                "times real time": 60 * (minute + 1) / (time.process_time() - begin),
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("hours")


def kills(number: int) -> pd.DataFrame:
    """Kill recorders at random moments; seconds that are missing of what was pushed."""
    rng, rows = np.random.default_rng(0), []
    for _ in range(number):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", RECORD, folder]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
                process.stdout.readline()
                begin = time.monotonic()
                time.sleep(rng.uniform(1, 6))
                process.kill()
                seconds = time.monotonic() - begin
            (found,) = read_recordings(folder, "live")
            values = found.signals["eda"].values[0]
            whole = np.repeat(np.arange(len(values) // 10), 10)
            rows.append(
                {
                    "pushed s": seconds,
                    "missing s": seconds - found.stop,
                    "as pushed": np.array_equal(values[: len(whole)], whole),
                }
            )
    return pd.DataFrame(rows)


def faults(seed: int = 0) -> dict[str, list[tuple[int, np.ndarray, float]]]:
    """Damage two minutes of 250 Hz in chunks of 1 to 50 samples: (number, samples, stamp)."""
    rng, parts, first = np.random.default_rng(seed), [], 0
    while first < len(TRUTH):
        last = first + int(rng.integers(1, 50))
        parts.append((first, TRUTH[first:last], first / RATE))
        first = last
    kept = [one for one in parts if one[0] == 0 or rng.random() > 0.01]
    late = np.array([one[2] for one in parts]) + rng.uniform(0, 2, len(parts))
    late[0] = -1.0
    order = [at for at in np.argsort(late) for _ in range(1 + (rng.random() < 0.1))]

    def clock(change):
        return [(first, values, change(stamp)) for first, values, stamp in parts]

    return {
        "nothing": parts,
        "1 % of chunks lost": kept,
        "30 s lost": [one for one in parts if not 40 <= one[2] < 70],
        "a tenth twice, up to 2 s out of order": [parts[at] for at in order],
        "100 ppm fast": clock(lambda time: time * (1 + 1e-4)),
        "100 ppm slow, 10 s lost": [
            one for one in clock(lambda time: time * (1 - 1e-4)) if not 60 <= one[2] < 70
        ],
        "set back an hour": clock(lambda time: time - 3600.0 * (time > 50)),
        "set forward an hour": clock(lambda time: time + 3600.0 * (time > 50)),
    }


def dropouts() -> pd.DataFrame:
    """Push samples that are their own numbers, damaged; what a stream then holds and predicts."""
    rows = {}
    for name, parts in faults().items():
        sensor = Input("eda", "uS", (), RATE)
        buffer = SampleBuffer(sensor, len(TRUTH) / RATE + 5)
        for _, values, stamp in parts:
            buffer.push(values, stamp)
        found = buffer.signal(-np.inf, np.inf).values[0]
        there = np.flatnonzero(np.isfinite(found))
        came = np.unique(np.concatenate([values for _, values, _ in parts])).astype(int)
        rows[name] = {
            "came": len(came),
            "kept": len(there),
            "off by samples": int(np.abs(found[there] - there).max()),
            "numbers that never came": int((~np.isin(found[there], came)).sum()),
            "lost": buffer.n_lost,
            "late": buffer.n_late,
            "jumps": buffer.n_jumps,
            "drift ppm": round(buffer.drift),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def network(seconds: int) -> pd.DataFrame:
    """Send eight channels at 250 Hz over the lab streaming layer at ten times real time."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "lsl.cfg"
        settings.write_text(SETTINGS, encoding="ascii")
        environment = {**os.environ, "LSLAPICFG": str(settings)}
        scripts = ROOT / "tests" / "live"

        def start(script: str, *arguments: object) -> subprocess.Popen[str]:
            command = [sys.executable, str(scripts / script), *map(str, arguments)]
            return subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=environment,
            )

        sender = start("lsl_sender.py", "demo", seconds, 10, "uV")
        reader = start("lsl_reader.py", "demo", 3, 20, 1e12)
        told = json.loads(reader.communicate()[0].splitlines()[-1])
        n_sent = sender.communicate()[0].split()[-1]
    sent = {"eeg": 250 * seconds, "temperature": 4 * seconds, "ibi": seconds - 1}
    assert int(n_sent) == sum(sent.values())
    table = pd.DataFrame({"sent": sent, "came": told["came"]})
    told["of eight channels, all in order"] = told.pop("in order")
    for name in ("lost", "jumps", "of eight channels, all in order", "longest"):
        table.loc["eeg", name] = told[name]
    return table


def main() -> None:
    warnings.simplefilter("ignore")
    made = parser(__doc__)
    made.add_argument("--only", choices=["memory", "kills", "dropouts", "network"], help="one part")
    made.add_argument("--step", type=float, default=10.0, help="seconds between predictions")
    arguments = made.parse_args()
    quick, tables = arguments.quick, {}
    if arguments.only in (None, "memory"):
        hours = day(2 if quick else 24, arguments.step)
        grown = hours["MiB"].max() - hours["MiB"].iloc[0]
        tables[f"Memory of a session; at most {grown:.1f} MiB above the first hour's"] = hours
    if arguments.only in (None, "kills"):
        tables["Recorders killed with -9"] = kills(3 if quick else 10)
    if arguments.only in (None, "dropouts"):
        tables["Damaged chunks of a sensor of 250 Hz, two minutes"] = dropouts()
    if arguments.only in (None, "network"):
        tables["Lab streaming layer, ten times real time"] = network(60 if quick else 6000)
    show(tables, arguments.json)


if __name__ == "__main__":
    main()
