"""A small WESAD folder: conditions of some seconds, counts that differ between sensors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from layouts.write_e4 import START, e4_members, write_zip
from layouts.write_pickle import dumps

SENSORS = ["ECG", "EDA", "EMG", "TEMP", "XYZ", "XYZ", "XYZ", "RESPIRATION"]
COUNTS = [32768 + 6554, 13107, 32768 - 6554, 32768, 28000, 33000, 38000, 49152]
QUEST = """# Subj;S2;;;
# ORDER;Base;TSST;Medi 1;sRead;;
# START;0.02;0.06;0.1;0.09;;
# END;0.05;0.08;0.15;0.1;;
;;;;
# PANAS;1;2;3;;
# DIM;7;2;;
# DIM;3;8;;
# DIM;6;1;;
"""


def write_wesad(folder: Path, subject: str = "S2", seconds: int = 18) -> Path:
    """The wrist begins 3 s after the chest, whose clock is two hours ahead."""
    home = folder / subject
    home.mkdir(parents=True)
    (home / f"{subject}_quest.csv").write_text(QUEST)
    header = {"sensor": SENSORS, "sampling rate": 700, "date": "2020-09-13", "time": "14:26:37.000"}
    rows = np.column_stack(
        [np.arange(700 * seconds), np.zeros(700 * seconds), np.tile(COUNTS, (700 * seconds, 1))]
    ).astype(int)
    with (home / f"{subject}_respiban.txt").open("w") as stream:
        stream.write("# OpenSignals Text File Format\n")
        stream.write(f"# {json.dumps({'00:07:80:D8:AB:58': header})}\n# EndOfHeader\n")
        np.savetxt(stream, rows, fmt="%d", delimiter="\t")
    assert START == 1_600_000_000.0  # 2020-09-13 12:26:40 UTC
    write_zip(home / f"{subject}_E4_Data.zip", e4_members())
    return folder


def write_wesad_pickle(folder: Path, subject: str = "S2", quest: bool = True) -> Path:
    """Ten seconds: codes 0, 1 from 2 s, 0 from 4 s, 2 from 6 s, 7 from 8 s; value = 10 sensor."""
    home = folder / subject
    home.mkdir(parents=True, exist_ok=True)

    def sensors(**rates: tuple[int, int]) -> dict[str, np.ndarray]:
        return {
            name: np.tile(10.0 * place + np.arange(width), (10 * rate, 1))
            for place, (name, (rate, width)) in enumerate(rates.items(), start=1)
        }

    chest = dict.fromkeys(("ECG", "EMG", "EDA", "Temp", "Resp"), (700, 1))
    content = {
        "signal": {
            "chest": sensors(ACC=(700, 3), **chest),
            "wrist": sensors(ACC=(32, 3), BVP=(64, 1), EDA=(4, 1), TEMP=(4, 1)),
        },
        "label": np.repeat(np.array([0, 1, 0, 2, 7], dtype="i4"), 1400),
        "subject": subject,
    }
    (home / f"{subject}.pkl").write_bytes(dumps(content))
    if quest:
        text = QUEST.replace("Medi 1;", "").replace("0.1;0.09", "0.09").replace("0.15;", "")
        (home / f"{subject}_quest.csv").write_text(text.replace("# DIM;6;1;;\n", ""))
    return folder
