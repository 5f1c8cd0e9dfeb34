"""A whole session: a saved model behind a source, recorded as it comes."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from physio_vad.exceptions import ArgumentError, PhysioVadWarning
from physio_vad.io import read_recordings
from physio_vad.live.page import LivePage
from physio_vad.live.prediction import Prediction
from physio_vad.live.recorder import Recorder
from physio_vad.live.sources import LiveSource, open_source
from physio_vad.live.stream import Stream
from physio_vad.persistence import load_model
from physio_vad.study.recipe import make_recipe

USUAL = 0.8
"""Coverage of the intervals that are shown where none is asked for and the model has them."""


LINGER = 10.0
"""Seconds for which the streams stay after their last sample, for readers that are behind."""


def run_live(
    model_file: Path,
    source: str,
    folder: Path,
    *,
    delay: float,
    step: float,
    speed: float,
    interval: float | None,
    say: Callable[[str], None],
    units: Mapping[str, str] | None = None,
    rest: str | None = None,
    host: str | None = None,
    port: int = 0,
) -> None:
    """Predict what a source gives, line by line, and record it.

    Parameters
    ----------
    model_file : Path
        Saved model.
    source : str
        As of `open_source`.
    folder : Path
        Where the recording goes.
    delay, step, interval : float
        As of `Stream`.
    speed : float
        As of `Replay`.
    say : callable
        Takes a line of text.
    units : mapping of str to str, optional
        By modality, the unit of streams that do not say theirs.
    rest : str, optional
        Rest period, ``"BEGIN:END"`` in seconds.
    host : str, optional
        Address of a page that shows the session; none by default.
    port : int
        Of the page.
    """
    model = load_model(model_file)
    reader = make_recipe(model.recipe).reader() if model.recipe else "eleven-column"
    wanted = [one.modality for one in model.inputs]
    opened = open_source(source, layout=reader, speed=speed, wanted=wanted, units=units)
    if interval is None and f"{USUAL:g}" in model.half_widths:
        interval = USUAL
    stream = Stream(
        model, opened.sensors, delay=delay, step=step, interval=interval, rest=_period(rest)
    )
    stream.rehearse()
    say(
        f"delay {stream.delay:g} s (settled from {stream.settling:g} s on), warm-up "
        f"{stream.warm_up:g} s, recorded in {folder}"
    )
    with contextlib.ExitStack() as stack:
        page = None if host is None else stack.enter_context(LivePage(stream, host=host, port=port))
        recorder = stack.enter_context(Recorder(folder, stream.sensors.values()))
        if page is not None:
            say(f"page: {page.address}")
        silent: set[str] = set()
        caught = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always", PhysioVadWarning)
        stack.callback(_say_status, stream, say)  # also where the session is ended by Ctrl-C
        for one in predicted(stream, opened, recorder, page):
            if one is not None:
                say(line(one))
            silent = _told(stream, silent, say)
            for warned in caught:  # at once, as a session is long
                say(f"warning: {warned.message}")
            caught.clear()


def _say_status(stream: Stream, say: Callable[[str], None]) -> None:
    for name, row in stream.status().iterrows():
        say(f"{name}: {row['lost']} samples lost, {row['late']} late, drift {row['drift']:.0f} ppm")


def _period(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        begin, end = map(float, text.split(":"))
    except ValueError:
        raise ArgumentError(f"--rest must be BEGIN:END in seconds, got {text!r}") from None
    return begin, end


def predicted(
    stream: Stream, source: LiveSource, recorder: Recorder, page: LivePage | None = None
) -> Iterator[Prediction | None]:
    """Record what comes and give what falls due, None where nothing came; show it on a page."""
    for chunk in source:
        found: list[Prediction] = []
        if chunk is not None and chunk.modality in stream.sensors:
            recorder.push(chunk.modality, chunk.samples, chunk.times)
            with contextlib.nullcontext() if page is None else page.lock:
                stream.push(chunk.modality, chunk.samples, chunk.times)
                found = list(stream.predictions())
        yield from _shown(found, page)
        yield None
    yield from _shown(list(stream.finish()), page)


def _shown(found: list[Prediction], page: LivePage | None) -> Iterator[Prediction]:
    for one in found:
        if page is not None:
            page.show(one)
        yield one


def _told(stream: Stream, before: set[str], say: Callable[[str], None]) -> set[str]:
    """Say which sensors fell silent or came back since the last time; return the silent ones."""
    ages = stream.stale()
    for name in sorted(set(ages) - before):
        say(f"{name}: no samples for {ages[name]:.1f} s")
    for name in sorted(before - set(ages)):
        say(f"{name}: samples again")
    return set(ages)


def run_replay(
    file: Path,
    name: str,
    *,
    layout: str,
    speed: float,
    wait: float,
    say: Callable[[str], None],
) -> None:
    """Send a recording into the lab streaming layer.

    Parameters
    ----------
    file : Path
        Recording; of several the first is sent.
    name : str
        Name of the streams.
    layout : str
        How the file is read.
    speed : float
        As of `Replay`.
    wait : float
        Seconds to wait for a reader before it begins.
    say : callable
        Takes a line of text.
    """
    from physio_vad.live.lsl import LSLOutlet  # it needs an extra

    recording = read_recordings(file, layout)[0]
    outlet = LSLOutlet(recording, name)
    say(f"streams {name!r}: {', '.join(recording.signals)}; waiting {wait:g} s for a reader")
    read = outlet.wait_for_readers(wait)
    say("sending" if read else "nobody reads all streams; sending nevertheless")
    say(f"{outlet.send(speed)} samples and events sent")
    outlet.wait_until_left(LINGER)


def line(one: Prediction) -> str:
    """Write a prediction in one line."""
    what = one.withheld or ", ".join(_target(one, name) for name in one.values)
    poor = [f"{name} {share:.2f}" for name, share in one.quality.items() if share < 0.5]
    notes: Iterable[str] = [
        *(["warming up"] if one.warming_up else []),
        *([f"poor: {', '.join(poor)}"] if poor else []),
    ]
    return f"{one.time:8.1f} s  {what}" + "".join(f"  [{note}]" for note in notes)


def _target(one: Prediction, name: str) -> str:
    text = f"{name} {one.values[name]:.2f}"
    return f"{text} ({one.low[name]:.2f} to {one.high[name]:.2f})" if name in one.low else text
