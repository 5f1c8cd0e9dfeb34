"""The command that puts a saved model behind a sensor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from physio_vad.cli.printing import say
from physio_vad.live.recorder import Recorder
from physio_vad.live.sources import Replay, open_source
from physio_vad.live.stream import Prediction, Stream
from physio_vad.persistence import load_model
from physio_vad.study.recipe import make_recipe


def run_live(
    model_file: Path,
    source: str,
    folder: Path,
    *,
    delay: float,
    step: float,
    speed: float,
    interval: float | None,
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
    """
    model = load_model(model_file)
    reader = make_recipe(model.recipe).reader() if model.recipe else "eleven-column"
    opened = open_source(source, layout=reader, speed=speed)
    stream = Stream(model, opened.sensors, delay=delay, step=step, interval=interval)
    say(
        f"delay {stream.delay:g} s (settled from {stream.settling:g} s on), warm-up "
        f"{stream.warm_up:g} s, recorded in {folder}"
    )
    with Recorder(folder, stream.sensors.values()) as recorder:
        for one in predicted(stream, opened, recorder):
            say(line(one))
    for name, row in stream.status().iterrows():
        say(f"{name}: {row['lost']} samples lost, {row['late']} late, drift {row['drift']:.0f} ppm")


def predicted(stream: Stream, source: Replay, recorder: Recorder) -> Iterator[Prediction]:
    """Record what comes, and give what falls due."""
    for chunk in source:
        recorder.push(chunk.modality, chunk.samples, chunk.times)
        stream.push(chunk.modality, chunk.samples, chunk.times)
        yield from stream.predictions()
    yield from stream.finish()


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
