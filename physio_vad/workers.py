"""Worker processes that start with everything imported.

A worker of joblib's imports numpy, pandas, scikit-learn and the rest anew, which takes longer than
many a task. On Linux workers are therefore copies of a small server that has imported these once
(`fork_server`). All else stays joblib's: a worker that dies is noticed, the main script is not run
again, large arrays are shared. On other systems, and where joblib was told to use another engine,
nothing changes.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal

from joblib import parallel_config
from joblib._parallel_backends import LokyBackend
from joblib.externals.loky.backend import context as loky_context
from joblib.parallel import get_active_backend

FORKS = sys.platform == "linux" and not sys.flags.ignore_environment
"""Elsewhere there is no fork, or one that the system's own libraries do not survive."""

if FORKS or TYPE_CHECKING:
    from physio_vad import fork_server


def will_need(*modules: str) -> None:
    """Name modules that workers are going to need and this process may not have imported.

    Parameters
    ----------
    *modules : str
        Full names; without effect once a worker has been started.
    """
    if FORKS:
        fork_server.SERVER.needed.update(dict.fromkeys(modules))


def stop_server() -> None:
    """End the server at once, for a process that is about to end without its usual steps."""
    if FORKS:
        fork_server.SERVER.kill()


def worker_processes(
    threads: int | None = None, prefer: Literal["threads", "processes"] | None = None
) -> AbstractContextManager[Any]:
    """Let joblib start its processes from the server, unless it is to use another engine.

    Parameters
    ----------
    threads : int, optional
        Threads of numerical libraries in a process; by default as joblib shares the cores.
    prefer : {"threads", "processes"}, optional
        What `joblib.Parallel` is going to be told.

    Returns
    -------
    context manager
        To be held while `joblib.Parallel` is made and called.
    """
    active: Any = get_active_backend(prefer=prefer)[0]
    config: AbstractContextManager[Any]
    if not isinstance(active, LokyBackend):
        config = parallel_config()
        return config
    ours = FORKS and type(active) is LokyBackend and not getattr(active, "backend_kwargs", None)
    if threads is None:
        threads = active.inner_max_num_threads
    backend = _PreloadedBackend() if ours else active
    config = parallel_config(backend, inner_max_num_threads=threads)
    return config


class _PreloadedBackend(LokyBackend):  # type: ignore[misc]
    """joblib's processes, started from the server."""

    def configure(self, *args: Any, **kwargs: Any) -> Any:
        fork_server.SERVER.ensure_running()  # it imports while the first tasks are made
        before = loky_context.get_start_method()
        loky_context.set_start_method(fork_server.METHOD, force=True)
        try:
            return super().configure(*args, **kwargs)
        finally:
            loky_context.set_start_method(before, force=True)
