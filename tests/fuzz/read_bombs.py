"""Read files that want to become large, one after the other: read_bombs.py FOLDER [SHRINK].

Every budget and every bomb is divided by SHRINK (1 by default). It prints one line of JSON: for
each bomb the bytes of its files, the most memory that reading it added, its CPU time, and what
came of it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))

import mne
from layouts.write_bombs import BOMBS, write

from physio_vad.exceptions import PhysioVadError
from physio_vad.features.windows import cut_recording
from physio_vad.io import iter_recordings
from physio_vad.io.formats import budget

SIZE = 2**31


def memory(what: str) -> int:
    """Read a line of this process's state in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(what))


def read(folder: Path, name: str, size: int) -> dict[str, object]:
    """Write a bomb, read it, cut it into windows, and measure."""
    reader = write(folder, name, size)
    n_bytes = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before, begin = memory("VmRSS"), time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for recording in iter_recordings(folder, reader):
                cut_recording(recording, 10.0, 5.0)
        outcome = "read"
    except PhysioVadError as error:
        outcome = f"refused: {error}"
    except BaseException as error:
        outcome = f"raw: {type(error).__name__}: {error}"
    seconds = time.process_time() - begin
    return {
        "bytes": n_bytes, "grown": memory("VmHWM") - before, "seconds": seconds, "outcome": outcome
    }  # fmt: skip


def main(folder: Path, shrink: int, names: list[str]) -> None:
    """Read all, small ones first so that what is imported late is there."""
    logging.disable()
    mne.set_log_level("ERROR")
    for name in sorted(set(BOMBS) - {"excel_with_one_far_cell", "acq_of_endless_markers"}):
        read(folder / name, name, 2**16)
    budget.MADE //= shrink
    budget.UNPACKED //= shrink
    budget.SECONDS = max(budget.SECONDS / shrink, 1.0)
    print(json.dumps({name: read(folder / name, name, SIZE // shrink) for name in names or BOMBS}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1, sys.argv[3:])
