"""Read what `lsl_sender` sends: NAME PATIENCE WAIT ENOUGH; print what came as JSON.

It ends when nothing comes for so many seconds, or so many samples came.
"""

import json
import sys
import time

import numpy as np

from physio_vad.exceptions import PhysioVadError
from physio_vad.live.buffer import SampleBuffer
from physio_vad.live.lsl import LSLSource


def main():
    name = sys.argv[1]
    patience, wait, enough = map(float, sys.argv[2:])
    try:
        source = LSLSource([name], wanted=["eeg", "temperature", "ibi"], wait=wait)
    except PhysioVadError as error:
        print(json.dumps({"error": str(error)}))
        return
    sensors = {one.modality: one for one in source.sensors}
    print("reading", flush=True)
    buffer = SampleBuffer(sensors["eeg"], 3600.0)
    came, last, longest = dict.fromkeys(sensors, 0), time.monotonic(), 0.0
    for chunk in source:
        now = time.monotonic()
        if chunk is None:
            if now - last > patience:
                break
            continue
        longest, last = max(longest, now - last), now
        came[chunk.modality] += np.shape(chunk.samples)[-1]
        if came["eeg"] >= enough:
            break
        if chunk.modality == "eeg":
            whole = np.flatnonzero(np.diff(chunk.times) > 1.5 / 250) + 1
            for part in np.split(np.arange(len(chunk.times)), whole):
                buffer.push(chunk.samples[:, part], chunk.times[part[0]])
    there = buffer.values[:, : buffer.next - buffer.first]
    steps = np.diff(there[0][np.isfinite(there[0])])
    units = {key: (one.unit, len(one.channels), one.sfreq) for key, one in sensors.items()}
    print(
        json.dumps(
            {
                "units": units,
                "came": came,
                "lost": buffer.n_lost,
                "jumps": buffer.n_jumps,
                "in order": bool((steps == 1).all()),
                "gap": float((buffer.next - len(steps) - 1) / 250),
                "longest": longest,
            }
        )
    )


if __name__ == "__main__":
    main()
