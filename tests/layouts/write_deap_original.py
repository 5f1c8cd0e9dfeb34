"""Small original DEAP recordings: channel i holds i, plus 100 while a video runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from layouts.write_bdf import write_bdf

from physio_vad.io.montages import BIOSEMI_32

OTHERS = (*(f"EXG{i}" for i in range(1, 9)), "GSR1", "GSR2", "Erg1", "Erg2", "Resp", "Plet", "Temp")


def write_deap_original(folder: Path, person: int = 1, sfreq: int = 512) -> Path:
    """Fixation from 1 s, video from 3 s to 8 s, and again 10 s later; shown as 7 and 2."""
    n_samples = 20 * sfreq
    status = np.zeros(n_samples)
    running = np.zeros(n_samples)
    for begin in (0, 10):
        for seconds, code in ((1, 3), (3, 4), (8, 5)):
            status[(begin + seconds) * sfreq : (begin + seconds) * sfreq + 50] = code
        running[(begin + 3) * sfreq : (begin + 8) * sfreq] = 100
    # the electrodes stand in another order in this file than in the preprocessed ones
    names = (*BIOSEMI_32[::-1], *OTHERS)
    order = (*BIOSEMI_32, *OTHERS)
    channels = {name: running + order.index(name) for name in names}
    write_bdf(folder / "data_original" / f"s{person:02}.bdf", channels, sfreq, status=status)
    (folder / "metadata_csv").mkdir(exist_ok=True)
    (folder / "metadata_csv" / "participant_ratings.csv").write_text(
        "Participant_id,Trial,Experiment_id,Start_time,Valence,Arousal,Dominance,Liking,Familiarity\n"
        f"{person},2,2,1,4,3,2,1,5\n{person},1,7,1,8,7,6,5,5\n99,1,1,1,1,1,1,1,1\n"
    )
    return folder
