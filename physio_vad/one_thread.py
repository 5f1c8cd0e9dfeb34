"""Linear algebra in one thread: small matrices, whose last digits the cores must not decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the libraries of linear algebra to one thread, for a block or a function.

    Their threads wait for each other by turning in circles: on a matrix of some hundred columns
    they save nothing where cores are free, and cost ten times the work where other processes want
    these cores. They also add in another order, so that a model would depend on the machine it is
    fitted on.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()  # looking for them takes milliseconds
