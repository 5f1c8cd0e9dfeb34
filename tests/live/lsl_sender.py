"""Send eight channels and some more into the lab streaming layer: NAME SECONDS SPEED UNIT."""

import sys
import time

import numpy as np

from physio_vad.live.lsl import LSLOutlet
from physio_vad.recording.recording import Events, Recording, Signal


def main():
    name, seconds, speed, unit = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    numbers = np.arange(seconds * 250, dtype=float)
    channels = [f"E{number}" for number in range(8)]
    signals = {
        "eeg": Signal(numbers + np.arange(8.0)[:, np.newaxis], 250.0, unit, channels),
        "temperature": Signal(np.full(seconds * 4, 33.0), 4.0, "C"),
        "ibi": Events(np.arange(1.0, seconds), np.full(seconds - 1, 0.9), "s"),
    }
    outlet = LSLOutlet(Recording("anna", signals), name)
    print("ready", flush=True)
    outlet.wait_for_readers(30)
    time.sleep(0.3)
    print(outlet.send(speed), flush=True)
    outlet.wait_until_left(60)


if __name__ == "__main__":
    main()
