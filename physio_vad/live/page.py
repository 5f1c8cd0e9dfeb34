"""One page that shows a running stream: a server of the standard library, events as they come.

It listens on this computer only unless it is told otherwise, and then wants a token. What it shows
is data, never code: one static page that runs the script it was shipped with and nothing else, by
its content security policy, and writes what comes as text.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import ipaddress
import json
import queue
import re
import secrets
import threading
from collections import deque
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import numpy as np

from physio_vad.exceptions import ArgumentError
from physio_vad.live.picture import sensor_pictures
from physio_vad.live.prediction import Prediction
from physio_vad.live.stream import Stream

TICK = 0.2
"""Seconds between two looks at the sensors."""

HISTORY = 300
"""Predictions that a page which opens late is given."""

LARGEST = 4096
"""Bytes of a rating at most."""


class LivePage:
    """Serves the page of a stream while others feed it.

    Hold `lock` while samples are pushed and predictions taken, and give each prediction to `show`.

    Parameters
    ----------
    stream : Stream
        What is shown; ratings that are given on the page go to it.
    host : str
        Address to listen on: this computer, or another, for which a token is needed.
    port : int
        0 for any that is free.
    token : str, optional
        By default a new one where others can reach the page, and none on this computer.

    Raises
    ------
    ArgumentError
        If the address cannot be listened on, or another host would be served without a token.
    """

    def __init__(
        self, stream: Stream, *, host: str = "127.0.0.1", port: int = 0, token: str | None = None
    ) -> None:
        self.stream, self.lock = stream, threading.Lock()
        self.local = _is_local(host)
        self.token = (None if self.local else secrets.token_urlsafe(16)) if token is None else token
        if not self.local and not self.token:
            raise ArgumentError(
                f"host {host!r}: others can reach it, so the token must not be empty"
            )
        self._history: deque[str] = deque(maxlen=HISTORY)
        self._listeners: list[queue.Queue[str | None]] = []
        self._quality: Mapping[str, float] = {}
        self._stopping, self.ended = threading.Event(), False
        try:
            self._server = _Server((host, port), type("_Bound", (_Handler,), {"page": self}))
        except (OSError, OverflowError, UnicodeError) as error:  # also a port or name that is none
            why = getattr(error, "strerror", None) or error
            raise ArgumentError(
                f"cannot listen on {host}:{port}: {why}; --port 0 takes any that is free"
            ) from None
        self._threads = [
            threading.Thread(target=task, daemon=True)
            for task in (partial(self._server.serve_forever, 0.05), self._tick)
        ]
        for one in self._threads:
            one.start()

    @property
    def address(self) -> str:
        """Where the page is."""
        host, port = self._server.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}/" + (f"?token={self.token}" if self.token else "")

    def show(self, one: Prediction) -> None:
        """Send a prediction to all that look.

        Parameters
        ----------
        one : Prediction
            The newest.
        """
        self._quality = one.quality
        values = {"values": one.values, "low": one.low, "high": one.high}
        message = _message(
            "prediction",
            {"time": one.time, "withheld": one.withheld, "warming": one.warming_up, **values},
        )
        with self.lock:
            self._history.append(message)
        self._send(message)

    def rate(self, ratings: Mapping[str, float]) -> None:
        """Take ratings of the newest window, as from the page.

        Parameters
        ----------
        ratings : mapping of str to float
            By target.
        """
        with self.lock:
            self.stream.rate(ratings)

    def close(self) -> None:
        """End the page; those that look are told that it has ended."""
        self._stopping.set()
        self._threads[1].join()
        self.ended = True
        self._send(self._status())
        for one in list(self._listeners):
            one.put(None)
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def listen(self) -> queue.Queue[str | None]:
        """Join those that look: messages from the beginning on, None at the end."""
        joined: queue.Queue[str | None] = queue.Queue(maxsize=2 * HISTORY)
        with self.lock:
            for message in (self._hello(), *self._history, self._status()):
                joined.put(message)
            self._listeners.append(joined)
        return joined

    def leave(self, joined: queue.Queue[str | None]) -> None:
        """Leave those that look."""
        with contextlib.suppress(ValueError):
            self._listeners.remove(joined)

    def _send(self, message: str) -> None:
        for one in list(self._listeners):
            try:
                one.put_nowait(message)
            except queue.Full:  # it does not read: its browser asks anew
                self.leave(one)

    def _tick(self) -> None:
        while not self._stopping.wait(TICK):
            if self._listeners:
                with self.lock:
                    message = self._status()
                self._send(message)

    def _hello(self) -> str:
        stream = self.stream
        scales = {name: stream.model.scale.get(name, (None, None)) for name in stream.targets}
        return _message(
            "hello",
            {
                "delay": stream.delay,
                "warm_up": stream.warm_up,
                "targets": [
                    {"name": name, "low": low, "high": high} for name, (low, high) in scales.items()
                ],
                "sensors": [
                    {"name": one.modality, "unit": one.unit} for one in stream.sensors.values()
                ],
            },
        )

    def _status(self) -> str:
        sensors = sensor_pictures(self.stream)
        for one in sensors:
            one["quality"] = self._quality.get(one["name"])
        state = {name: vars(one) for name, one in self.stream.calibration.state().items()}
        return _message(
            "status",
            {
                "sensors": sensors,
                "calibration": state,
                "unlike": self.stream.unlike,
                "ended": self.ended,
            },
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    """Answers ``/``, ``/events`` and ``/rate``."""

    page: LivePage
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """Give the page, or events as they come."""
        address = urlsplit(self.path)
        token = parse_qs(address.query).get("token", [""])[0]
        if not self._allowed(token):
            return
        if address.path == "/":
            self._answer(200, _PAGE, "text/html; charset=utf-8")
        elif address.path == "/events":
            self._events()
        else:
            self._refuse(404, "there is no such page")

    def do_POST(self) -> None:
        """Take a rating."""
        if not self._allowed(self.headers.get("X-Token", "")):
            return
        length = self.headers.get("Content-Length", "")
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        if self.path != "/rate" or not is_json:  # forms of other pages cannot send this
            self._refuse(404, "there is no such page")
        elif not length.isdigit() or int(length) > LARGEST:
            self._refuse(413, f"a rating has at most {LARGEST} bytes")
        else:
            self._rate(self.rfile.read(int(length)))

    def _rate(self, body: bytes) -> None:
        try:
            given = json.loads(body)
            self.page.rate({str(name): float(value) for name, value in given.items()})
        except (ArgumentError, ValueError, TypeError, AttributeError) as error:
            self._refuse(400, str(error))
        else:
            self._answer(200, b"{}", "application/json")

    def _events(self) -> None:
        self.send_response(200)
        self._headers("text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        joined = self.page.listen()
        try:
            while (message := joined.get()) is not None:
                self.wfile.write(message.encode())
        except OSError:  # whoever looked has gone
            pass
        finally:
            self.page.leave(joined)

    def _allowed(self, token: str) -> bool:
        """Refuse who has no token, and foreign pages, also where they name this computer anew."""
        page = self.page
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        origin = self.headers.get("Origin")
        if page.token and not hmac.compare_digest(token.encode(), page.token.encode()):
            self._refuse(403, "the address lacks its token")
        elif page.local and not _is_local(name):
            self._refuse(403, "this page has another address")
        elif origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            self._refuse(403, "another page may not ask")
        else:
            return True
        return False

    def _refuse(self, code: int, why: str) -> None:
        self.close_connection = True
        self._answer(code, json.dumps({"error": why}).encode(), "application/json")

    def _answer(self, code: int, content: bytes, kind: str) -> None:
        self.send_response(code)
        self._headers(kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _headers(self, kind: str) -> None:
        for name, value in {
            "Content-Type": kind,
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
        }.items():
            self.send_header(name, value)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _message(kind: str, content: Mapping[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(_plain(content), allow_nan=False)}\n\n"


def _plain(value: Any) -> Any:
    """Make JSON's own types of mappings, sequences and numbers; what is not finite is null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value.tolist()]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool | str | int | None):
        return value
    number = float(value)
    return round(number, 6) if np.isfinite(number) else None


_PAGE = resources.files("physio_vad.live").joinpath("page.html").read_bytes()


def _policy(page: bytes) -> str:
    """Allow the one script and the one style of the page, and nothing from anywhere else."""
    hashes = {}
    for tag in ("script", "style"):
        found = re.search(rf"<{tag}>(.*?)</{tag}>".encode(), page, re.DOTALL)
        assert found is not None
        hashes[tag] = base64.b64encode(hashlib.sha256(found[1]).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; "
        f"style-src 'sha256-{hashes['style']}'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


_POLICY = _policy(_PAGE)
