"""A process that has imported the library and does nothing but split off workers.

It starts no thread but those that survive a copy by themselves (an allocator's), so nothing is cut
off in the middle. Python's own server of this kind (`multiprocessing.forkserver`) would run the
main script again in each worker; loky's start of a process, which does not, is joined to it.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import context, forkserver, popen_forkserver, util
from multiprocessing import resource_tracker as python_tracker
from typing import Any

import numpy as np
from joblib._parallel_backends import LokyBackend
from joblib.externals.loky.backend import context as loky_context
from joblib.externals.loky.backend import reduction, resource_tracker, spawn
from joblib.externals.loky.backend.process import LokyProcess
from threadpoolctl import threadpool_limits

METHOD = "physio_vad"
"""Name of this way to start a process, among those of `multiprocessing`."""
THREADS: list[str] = list(LokyBackend.MAX_NUM_THREADS_VARS)
"""Environment variables with a number of threads."""


class Server(forkserver.ForkServer):
    """The process that workers are copies of; it ends with the last process that knows it.

    Attributes
    ----------
    needed : dict of str to None
        Modules to import beside those of the library that this process has imported.
    """

    _forkserver_pid: int | None

    def __init__(self) -> None:
        super().__init__()
        self.needed: dict[str, None] = {}

    def ensure_running(self) -> None:
        """Start it unless it runs."""
        ours = [name for name in sys.modules if name.startswith("physio_vad.")]
        ours = [name for name in ours if not name.startswith(("physio_vad.cli", "physio_vad.live"))]
        self.set_forkserver_preload(["physio_vad.gc_off", *ours, *self.needed])
        with _environment_of_server():
            for tracker in (resource_tracker, python_tracker):
                tracker.ensure_running()  # a process too, which would look in this folder
            with _deaf_to_interrupts():  # not before: starting a tracker undoes it
                super().ensure_running()

    def kill(self) -> None:
        """End it, in the middle of its imports too."""
        if self._forkserver_pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._forkserver_pid, signal.SIGKILL)


SERVER = Server()
atexit.register(SERVER.kill)


@contextmanager
def _environment_of_server() -> Iterator[None]:
    """Let it find the modules that this process finds; one thread."""
    path = [os.getcwd() if place == "" else place for place in sys.path]
    changed = {"PYTHONPATH": os.pathsep.join(path), "PYTHONSAFEPATH": "1"}
    changed |= dict.fromkeys(THREADS, "1")
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C, which reaches all of a terminal."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


class _Popen(popen_forkserver.Popen):
    """A worker as its parent sees it."""

    _fds: list[int]

    def _launch(self, process_obj: Any) -> None:
        process_obj.tracker = self.duplicate_for_child(resource_tracker.getfd())
        about = spawn.get_preparation_data(process_obj.name, init_main_module=False)
        data = io.BytesIO()
        context.set_spawning_popen(self)
        try:
            reduction.dump(about, data)
            reduction.dump(process_obj, data)
        finally:
            context.set_spawning_popen(None)
        self.sentinel, to_worker = SERVER.connect_to_new_process(self._fds)
        # that end stays open as long as this process lives, by which the worker knows that it does
        self.finalizer = util.Finalize(self, _close, (os.dup(to_worker), self.sentinel))
        with open(to_worker, "wb") as pipe:
            pipe.write(data.getbuffer())
        self.pid = forkserver.read_signed(self.sentinel)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class Worker(LokyProcess):  # type: ignore[misc]
    """A worker of loky's; what it inherits from the server and must not is set anew."""

    _start_method = METHOD

    def __init__(self, *args: Any, env: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, env={**os.environ, **(env or {})}, **kwargs)
        self.tracker = 0

    @staticmethod
    def _Popen(process_obj: Any) -> _Popen:
        return _Popen(process_obj)

    def run(self) -> None:
        """Work, in the environment of the process that asked."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked ends its workers
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        inherited = forkserver.get_inherited_fds()
        assert inherited is not None
        resource_tracker._resource_tracker._fd = inherited[self.tracker]
        os.environ.clear()
        os.environ.update(self.env)
        threads = max(int(self.env.get(name, 1)) for name in THREADS)
        if threads > 1:
            threadpool_limits(threads)
        np.random.seed()  # noqa: NPY002 - copies of the server would draw the same numbers
        gc.freeze()  # what was imported is shared as long as nobody looks at it
        gc.enable()
        super().run()


class _Context(loky_context.LokyContext):  # type: ignore[misc]
    _name = METHOD
    Process = Worker


loky_context.START_METHODS.append(METHOD)
context._concrete_contexts[METHOD] = _Context()  # type: ignore[attr-defined]
