"""A small MAHNOB-HCI folder: channel i holds 10 i, so that a wrong order or unit shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from layouts.write_bdf import write_bdf

from physio_vad.io.montages import BIOSEMI_32

NAMES = (*BIOSEMI_32, "EXG1", "EXG2", "EXG3", "GSR1", "Resp", "Temp")
XML = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<session sessionId="{session}" isStim="{stim}" mediaFile="{media}" cutLenSec="{length}"
  feltArsl="2" feltVlnc="7" feltCtrl="4" feltPred="9" feltEmo="0">
 <subject id="{subject}" gender="male"/>
 <track type="Video" filename="P1-Rec1.avi"/>
</session>
"""


def write_session(
    folder: Path,
    session: int,
    subject: int = 1,
    seconds: int = 8,
    margin: int = 4,
    stim: int = 1,
    channels: dict[str, np.ndarray] | None = None,
    sfreq: int = 256,
) -> Path:
    home = folder / "Sessions" / str(session)
    n_samples = sfreq * (seconds + 2 * margin)
    made = {name: np.full(n_samples, 10.0 * place) for place, name in enumerate(NAMES)}
    write_bdf(
        home / f"Part_{subject}_S_Trial{session}_emotion.bdf",
        made | (channels or {}),
        sfreq,
        units={"GSR1": "Ohm", "Temp": "C"},
        status=np.zeros(n_samples),
    )
    text = XML.format(session=session, stim=stim, media="80.avi", length=seconds, subject=subject)
    (home / "session.xml").write_text(text)
    return home
