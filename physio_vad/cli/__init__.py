"""The command ``physio-vad``."""

from physio_vad.cli.commands import main

__all__ = ["main"]
