"""Polar sensors, recorded by the app Polar Sensor Logger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from physio_vad.io.devices.text import Known, TextDevice


@dataclass(frozen=True, kw_only=True)
class PolarReader(TextDevice):
    """Polar Sensor Logger: a folder a person, with one file a sensor.

    ECG, PPG, acceleration, and beats (``RR``, ``PPI``) as events. Columns are found by their name,
    since their order has changed; the rate is that of the sensor's clock, the time of day that of
    the phone, as if it were UTC. Heart rates are left out: they are made of the beats. Where files
    of several people lie in one folder, what stands before ``_ECG.txt`` and so on names them,
    unless that is the device's own name: ``Polar_H10_...``.

    Written after the headers and rows that public repositories quote of genuine files; tried on
    written files only.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "polar"

    known: ClassVar[tuple[Known, ...]] = (
        Known(r"ecg", "ecg", "uV"),
        Known(r"channel (\d)", "ppg", "a.u.", r"channel \1"),
        Known(r"([XYZ])", "acceleration", "mg", r"\1"),
        Known(r"(?:RR|PP)-interval", "ibi", "ms"),
    )
    clocks: ClassVar[tuple[str, ...]] = (
        "sensor timestamp",
        "timestamp",
        r"Phone (?:Data RX )?timestamp",
    )
    wall: ClassVar[str] = r"Phone (?:Data RX )?timestamp"
    person: ClassVar[str] = r"(?!Polar_)(?P<subject>.+)_(?:ECG|ACC|PPG|RR|PPI|HR)\.\w+$"
    folder_is_person: ClassVar[bool] = True

    def holds(self, head: bytes) -> bool:
        """Say whether the header is the app's, of a sensor that is used."""
        first = head.partition(b"\n")[0].lower()
        sensors = rb"ecg \[uv\]|channel 0|x \[m?g\]|(rr|pp)-interval"
        known = re.search(rb"phone (data rx )?timestamp", first)
        return bool(known and re.search(sensors, first))
