"""How a command ends that is told to: by Ctrl-C, a cluster, a container, a closed terminal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

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
    numbers = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.signal(number, _stop) for number in numbers if number is not None}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        threading.excepthook = threading.__excepthook__


def _stop(number: int, _: FrameType | None) -> None:
    received.append(number)
    if len(received) == 1:
        threading.excepthook = _no_word
        last = threading.Timer(_GRACE, end, (128 + number,))
        last.daemon = True
        last.start()
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
    finally:
        os._exit(code)
