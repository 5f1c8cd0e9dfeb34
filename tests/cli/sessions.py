"""Processes of a session: a command and its workers."""

import os
from pathlib import Path


def processes(session: int) -> dict[int, float]:
    """CPU seconds of the living processes of a session."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[3]) == session and state[0] != "Z":
            ticks = int(state[11]) + int(state[12])
            found[int(path.name)] = ticks / os.sysconf("SC_CLK_TCK")
    return found
