"""How a command ends that is told to: by Ctrl-C, a cluster, a container, a closed terminal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

from physio_vad.atomic import remove_open

_GRACE = 1.0
"""Seconds that finished files and messages get before everything is ended."""

received: list[int] = []
"""Signals that have come."""

_said: list[str] = []


def first_to_say() -> str:
    """Give the message that the command was stopped to who asks first, others get none."""
    text = "" if _said else "stopped; finished files stay, and the same command goes on from them"
    _said.append(text)
    return text


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Stop on INT, TERM and HUP alike: as on Ctrl-C, and for good after a second."""
    received.clear()
    _said.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {
        number: signal.signal(number, _stop) for number in map(signal.Signals.__getitem__, names)
    }
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    fd_before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_end_in_time, args=(told, set(before)), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(fd_before)
        os.close(tell)
        for number, handler in before.items():
            signal.signal(number, handler)
        threading.excepthook = threading.__excepthook__


def _end_in_time(told: int, numbers: set[signal.Signals]) -> None:
    """End all a second after a signal, though the main thread may hear of none in a long call."""
    while number := os.read(told, 1):
        if number[0] in numbers:
            time.sleep(_GRACE)
            end(128 + number[0])
    os.close(told)


def _stop(number: int, _: FrameType | None) -> None:
    received.append(number)
    threading.excepthook = _no_word
    raise KeyboardInterrupt


def _no_word(_: threading.ExceptHookArgs) -> None:
    """Threads that look after workers complain when these go; that was asked for."""


def end(code: int) -> None:
    """End all processes that were started, and this one, without waiting for anything."""
    if text := first_to_say():  # a busy machine did not get to it
        with contextlib.suppress(OSError):
            os.write(2, f"{text}\n".encode())
    import multiprocessing

    try:
        for worker in multiprocessing.active_children():
            with contextlib.suppress(OSError, ValueError):
                worker.kill()
        if "physio_vad.workers" in sys.modules:  # it is slow to import
            sys.modules["physio_vad.workers"].stop_server()
        remove_open()
    finally:
        os._exit(code)
