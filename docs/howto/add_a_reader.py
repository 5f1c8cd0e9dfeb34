"""
Add a reader
============

A layout that no reader knows takes one class with two methods: what is there, and how one source is
read. The base class chooses people, cuts minutes, leaves out bad files and wraps errors.

Here: a made-up logger that writes one JSON file per session, ``anna_1.json``.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from physio_vad import Ratings, Recording, Signal, read_recordings
from physio_vad.exceptions import ReadError
from physio_vad.io import READERS, Reader, Source


@dataclass(frozen=True, kw_only=True)
class LoggerReader(Reader):
    """Sessions of the JSON logger: ``<subject>_<trial>.json``.

    Parameters
    ----------
    unit : str
        Unit of the skin conductance, which the logger does not state.
    """

    name: ClassVar[str] = "json-logger"

    unit: str = "uS"

    def find(self, path: Path) -> list[Source]:
        """List the sessions, in natural order."""
        files = [path] if path.is_file() else sorted(path.glob("*_*.json"))
        if not files:
            raise ReadError(f"{path}: holds no <subject>_<trial>.json")
        return [Source((one,), *one.stem.split("_")) for one in files]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one session."""
        content = json.loads(source.files[0].read_text(encoding="utf-8"))
        skin = Signal(np.array(content["gsr"]), sfreq=content["rate"], unit=self.unit)
        ratings = Ratings.constant(content["felt"], scale=dict.fromkeys(content["felt"], (1, 9)))
        yield Recording(str(source.subject), {"eda": skin}, ratings, trial=str(source.trial))


READERS["json-logger"] = LoggerReader  # in the library: one line in physio_vad/io/__init__.py

# %%
# Two sessions, one of them broken.

folder = Path(tempfile.mkdtemp())
session = {"rate": 4, "gsr": [2.5] * 120, "felt": {"valence": 6, "arousal": 3}}
(folder / "anna_1.json").write_text(json.dumps(session))
(folder / "ben_1.json").write_text("{}")

read_recordings(folder, "json-logger", subjects=["anna"])

# %%
# A plain ``KeyError`` in `read` became an error that says which file it was:

try:
    read_recordings(folder, "json-logger")
except ReadError as error:
    print(str(error).replace(str(folder), "sessions"))

# %%
# The options are the fields of the class, so a recipe has them without further work:
# ``[layout]``, ``name = "json-logger"``, ``unit = "nS"``.
#
# Files of a device have bases that know more: `DeviceReader` joins the files of a person and cuts
# trials, ``TextDevice`` in ``physio_vad/io/devices/text.py`` finds columns and clocks by name.
#
# To put it into the library: the class in a file of ``physio_vad/io/``, one line in `READERS`, a
# writer of small files in ``tests/layouts/``, a recipe in ``pipelines/`` with one line in
# ``tests/layouts/write_studies.py``, and a row in both tables of the README. The tests say what is
# missing.
