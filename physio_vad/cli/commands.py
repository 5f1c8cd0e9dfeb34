"""The command ``physio-vad``: every step of a study from the shell.

The modules of the commands import only what their options need, so that help comes at once; each
command imports its work when it is run.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated, NoReturn

import typer

from physio_vad import __version__
from physio_vad.cli.listing import list_
from physio_vad.cli.live import live, replay
from physio_vad.cli.predictions import predict, run, train
from physio_vad.cli.printing import out, say_marked
from physio_vad.cli.scores import compare, evaluate, report, tune
from physio_vad.cli.simulated import demo, simulate
from physio_vad.cli.stopping import end, received, stopping
from physio_vad.cli.tables import check_leakage_, features, init, table
from physio_vad.exceptions import PhysioVadError

app = typer.Typer(
    help="From raw body recordings of several people to valence, arousal and dominance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for _command in (
    demo,
    simulate,
    init,
    features,
    table,
    evaluate,
    compare,
    tune,
    train,
    predict,
    run,
    live,
    replay,
    report,
):
    app.command()(_command)
app.command("check-leakage")(check_leakage_)
app.command("list")(list_)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """From raw body recordings of several people to valence, arousal and dominance."""
    if version:
        out.print(__version__)
        raise typer.Exit


def main() -> NoReturn:
    """Run the command; errors of ours become one line and exit code 1."""
    _hold_streams()
    with stopping():
        code = _run_command()
        try:
            if sys.stdout is None:
                code = code or _fail("standard output is closed: what was to be shown is lost")
            else:
                sys.stdout.flush()
        except OSError as error:
            code = _fail(f"standard output: {error.strerror}")
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes once more at its end
        if received:
            end(128 + received[0])
    sys.exit(code)


def _hold_streams() -> None:
    """Put nothing where a standard stream was closed: a file opened next would get its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _run_command() -> int:
    try:
        app(standalone_mode=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except PhysioVadError as error:
        return _fail(f"{type(error).__name__}: {error}")
    except RuntimeError as error:
        from concurrent.futures import BrokenExecutor

        if not isinstance(error, BrokenExecutor):
            raise
        return _fail(
            "a worker process was killed, often for want of memory; what was finished stays, and "
            "the same command goes on from it: give fewer --jobs or more memory"
        )
    except OSError as error:
        return _fail(f"{error.filename or 'a file or stream'}: {error.strerror or error}")
    except MemoryError as error:
        return _fail(
            f"not enough memory{f': {error}' if str(error) else ''}; what was finished stays: give "
            "less at once, such as fewer --minutes, --subjects or --jobs"
        )
    return 0


def _fail(text: str) -> int:
    with contextlib.suppress(OSError):  # standard error may be what failed
        say_marked("[bold red]error:[/bold red]", text)
    return 1


if __name__ == "__main__":
    main()
