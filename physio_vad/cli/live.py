"""The commands behind a sensor: ``live``, ``replay``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from physio_vad.cli.options import ModelFile
from physio_vad.cli.printing import say
from physio_vad.cli.stopping import first_to_say

Speed = Annotated[float, typer.Option(help="How many times real time a replay runs.")]


def live(
    model: ModelFile,
    source: Annotated[str, typer.Option(help="Where samples come from: replay:FILE or lsl:NAME.")],
    out_: Annotated[Path, typer.Option("--out", help="New folder for the recording.")],
    delay: Annotated[
        float, typer.Option(help="Seconds that predictions wait for signal after their window.")
    ] = 1.0,
    step: Annotated[float, typer.Option(help="Seconds between predictions.")] = 1.0,
    speed: Speed = 1.0,
    interval: Annotated[
        float | None,
        typer.Option(
            help="Coverage of intervals, one that the model has; 0.8 if it has that.",
            show_default=False,
        ),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            help="Unit of a stream that does not say its own: eeg=uV.", show_default=False
        ),
    ] = None,
    rest: Annotated[
        str | None,
        typer.Option(
            help="Rest period of a model that is normalised by it, BEGIN:END in seconds.",
            show_default=False,
        ),
    ] = None,
    page: Annotated[bool, typer.Option(help="Show the session on a page.")] = True,
    host: Annotated[
        str, typer.Option(help="Address of the page; others than this computer need its token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the page; 0 is any free one.")] = 8765,
) -> None:
    """Predict as samples come, a line a prediction and on a page, and record them.

    Poor signal is withheld, with the reason. Ctrl-C ends the session; the recording is read with
    the layout `live`.

    A model file runs code when it is loaded: use only files from people you trust.
    """
    from physio_vad.study.live_session import run_live

    try:
        run_live(
            model,
            source,
            out_,
            delay=delay,
            step=step,
            speed=speed,
            interval=interval,
            units=dict(one.partition("=")[::2] for one in unit or []),
            say=say,
            rest=rest,
            host=host if page else None,
            port=port,
        )
    except KeyboardInterrupt:  # how a session with a sensor ends
        if first_to_say():
            say(f"stopped; what was recorded in {out_} is read with the layout live")


def replay(
    file: Annotated[Path, typer.Argument(help="Recording to send.")],
    name: Annotated[str, typer.Option(help="Name of the streams.")] = "physio-vad",
    layout: Annotated[str, typer.Option(help="Layout of the file.")] = "eleven-column",
    speed: Speed = 1.0,
    wait: Annotated[float, typer.Option(help="Seconds to wait for a reader.")] = 60.0,
) -> None:
    """Send a recording into the lab streaming layer, as a sensor would.

    Needs the extra `[live]`. Read it with `physio-vad live MODEL --source lsl:NAME`.
    """
    from physio_vad.study.live_session import run_replay

    run_replay(file, name, layout=layout, speed=speed, wait=wait, say=say)
