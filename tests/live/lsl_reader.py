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
    buffer = SampleBuffer(sensors["eeg"], 60.0)
    came, last, longest = dict.fromkeys(sensors, 0), time.monotonic(), 0.0
    number, in_order = -1.0, True  # the newest sample says its number
    for chunk in source:
        now = time.monotonic()
        if chunk is None:
            if now - last > patience:
                break
            continue
        longest, last = max(longest, now - last), now
        came[chunk.modality] += np.shape(chunk.samples)[-1]
        if chunk.modality == "eeg":
            steps = np.diff(chunk.samples, axis=1, prepend=number + np.arange(8.0)[:, np.newaxis])
            in_order, number = in_order and bool((steps == 1).all()), chunk.samples[0, -1]
            whole = np.flatnonzero(np.diff(chunk.times) > 1.5 / 250) + 1
            for part in np.split(np.arange(len(chunk.times)), whole):
                buffer.push(chunk.samples[:, part], chunk.times[part[0]])
        if came["eeg"] >= enough:
            break
    units = {key: (one.unit, len(one.channels), one.sfreq) for key, one in sensors.items()}
    print(
        json.dumps(
            {
                "units": units,
                "came": came,
                "lost": buffer.n_lost,
                "jumps": buffer.n_jumps,
                "in order": in_order,
                "gap": (buffer.next - came["eeg"]) / 250,
                "longest": longest,
            }
        )
    )


if __name__ == "__main__":
    main()
