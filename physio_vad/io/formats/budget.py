"""What reading one source may cost, whatever its files claim: bytes made of them, and time.

Parsers say what they are about to make, `make` and `unpack`, and are stopped where it is too much.
Libraries that loop over what a file claims are stopped from outside, once their time is up.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar

from physio_vad.exceptions import ReadError

T = TypeVar("T")

MADE = 2**30
"""Bytes that may be made of any source,"""
MADE_PER_BYTE = 16
"""or else of each byte of its files, unpacked: 4 times what text and 16-bit numbers decode to."""
UNPACKED = 2**28
"""Bytes that any source may unpack to,"""
UNPACKED_PER_BYTE = 32
"""or else each byte of its files; recordings do not shrink to less."""
SECONDS = 10.0
"""CPU time that any source may take; libraries are imported in it,"""
SECONDS_PER_MB = 5.0
"""or else each megabyte of its files."""

OBJECT = 64
"""About what a small Python object and its place in a list take, in bytes."""
_STEPS = 1024
_PERIOD = 0.1
"""Seconds between two looks at who has used up their time."""

_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


class _OutOfTimeError(BaseException):
    """Raised in a thread from outside; libraries that catch every Exception let it pass."""


class Budget:
    """What one source may still cost.

    Parameters
    ----------
    files : sequence of Path
        Files and folders of the source; errors name the first.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._made = self._unpacked = 0
        self._spent = 0.0

    def spend(self, call: Callable[[], T]) -> T:
        """Call something that reads the source.

        Raises
        ------
        ReadError
            If it makes, unpacks or takes too much.
        """
        before, begin = _current.get(), time.thread_time()
        watch = _Watch(SECONDS - self._spent, lambda: self._seconds() - self._spent)
        try:
            _current.set(self)
            try:
                result = call()
            finally:
                watch.stop()
                self._spent += time.thread_time() - begin
        except _OutOfTimeError:
            watch.settle()
            raise self._too_long() from None
        finally:
            _current.set(before)
        if self._spent > SECONDS and self._spent > self._seconds():
            raise self._too_long()
        return result

    def _too_long(self) -> ReadError:
        return ReadError(
            f"{self._files[0]}: takes more than {self._seconds():.0f} s of computing to read, "
            f"which no recording of its {self._size / 1e6:.1f} MB does; it is damaged, or made to "
            "stop who reads it"
        )

    def make(self, n_bytes: float) -> None:
        """Count bytes that are about to be made."""
        self._made += int(n_bytes)
        if self._made > MADE:
            self._check(self._made, MADE_PER_BYTE * max(self._size, self._unpacked), "makes")

    def unpack(self, n_bytes: int) -> None:
        """Count bytes that were unpacked."""
        self._unpacked += n_bytes
        if self._unpacked > UNPACKED:
            self._check(self._unpacked, UNPACKED_PER_BYTE * self._size, "unpacks to")

    def _check(self, asked: float, limit: float, what: str) -> None:
        if asked > limit:
            raise ReadError(
                f"{self._files[0]}: {what} {asked / 2**20:.0f} MiB of {self._size / 2**20:.1f} "
                "MiB, which no recording does; it is damaged, or made to fill the memory"
            )

    def _seconds(self) -> float:
        return max(SECONDS, SECONDS_PER_MB * self._size / 1e6)

    @functools.cached_property
    def _size(self) -> int:
        inside = itertools.chain(*map(_with_sidecars, self._files))
        return sum(one.stat().st_size for one in set(inside) if one.is_file())


def _with_sidecars(path: Path) -> Iterable[Path]:
    """List a folder's files, or a file and those beside it whose names go on as its does."""
    if path.is_dir():
        return path.rglob("*")
    stem = path.name.split(".")[0]
    return (one for one in path.parent.iterdir() if one.name.startswith(stem))


class _Watch:
    """Stops the thread that made it once its CPU time is up; looks no sooner than it can be."""

    def __init__(self, at_least: float, left: Callable[[], float]) -> None:
        self._target, self._lock = threading.get_ident(), threading.Lock()
        self._done = self._raised = False
        self._left, self._due = left, time.monotonic() + at_least
        if hasattr(time, "pthread_getcpuclockid"):  # elsewhere only what parsers count is bounded
            self._clock = time.pthread_getcpuclockid(self._target)
            self._begin = time.clock_gettime(self._clock)
            _watcher.add(self)

    def stop(self) -> None:
        """Let the thread go on; after this nothing is raised in it, but what is on its way is here.

        To call an error back would leave the interpreter in search of one for good: all of it runs
        slower then (a quarter in Python 3.12), and never ends where a debugger traces it (3.11).
        """
        _watcher.watches.discard(self)
        with self._lock:
            self._done = True
        if self._raised:
            for _ in range(1000):  # steps in Python, the first of which meets it
                pass

    def settle(self) -> None:
        """Stop, whatever may still come."""
        while True:
            try:
                return self.stop()
            except _OutOfTimeError:
                continue

    def look(self) -> None:
        """Stop the thread if its time is up."""
        if time.monotonic() < self._due:
            return
        with self._lock:
            if self._done:
                return  # and maybe its thread, whose clock is gone then
            left = self._left() - (time.clock_gettime(self._clock) - self._begin)
            self._due = time.monotonic() + left
            if left <= 0:
                self._raised = True
                _raise_in(self._target, _OutOfTimeError)


class _Watcher:
    """The one thread that looks at all watches, as long as there are any."""

    def __init__(self) -> None:
        self.watches: set[_Watch] = set()
        self._thread: threading.Thread | None = None

    def add(self, watch: _Watch) -> None:
        """Look at one more; the thread is gone where there was none, and after a fork."""
        self.watches.add(watch)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()

    def _look(self) -> None:
        while self.watches:
            time.sleep(_PERIOD)
            for watch in list(self.watches):
                watch.look()
            if not self.watches:
                self._thread = None  # before the last look: whoever comes after it starts another


_watcher = _Watcher()


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Raise in another thread at its next step in Python."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def make(n_bytes: float) -> None:
    """Say that bytes are about to be made of the source that is being read, if one is.

    Raises
    ------
    ReadError
        If they are too many.
    """
    budget = _current.get()
    if budget is not None:
        budget.make(n_bytes)


def unpack(n_bytes: int) -> None:
    """Say that bytes were unpacked from the source that is being read, if one is.

    Raises
    ------
    ReadError
        If they are too many.
    """
    budget = _current.get()
    if budget is not None:
        budget.unpack(n_bytes)


def metered(items: Iterable[T], bytes_each: int | Callable[[T], int] = OBJECT) -> Iterator[T]:
    """Count objects while they are made.

    Parameters
    ----------
    items : iterable
        What is made.
    bytes_each : int or callable
        What one takes.

    Yields
    ------
    object
        The items.
    """
    waiting = 0
    for number, item in enumerate(items):
        waiting += bytes_each if isinstance(bytes_each, int) else bytes_each(item)
        if number % _STEPS == 0:
            make(waiting)
            waiting = 0
        yield item
    make(waiting)
