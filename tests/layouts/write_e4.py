"""Small Empatica E4 exports: each sensor at its own rate, start and length."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

START = 1_600_000_000.0


def e4_members(seconds: int = 20) -> dict[str, str]:
    """BVP starts 2 s late, EDA ends 5 s early; values count up from 100, 200, 300 and 400."""

    def column(start: float, sfreq: int, first: float, n_rows: int) -> str:
        head = [f"{START + start:.6f}", f"{sfreq:.6f}"]
        return "\n".join(head + [f"{first + row}" for row in range(n_rows)]) + "\n"

    head = ", ".join([f"{START:.6f}"] * 3), ", ".join(["32.000000"] * 3)
    acc = "\n".join([*head, *(f"{row % 64},{-row % 64},64" for row in range(32 * seconds))])
    return {
        "BVP.csv": column(2, 64, 100, 64 * (seconds - 2)),
        "EDA.csv": column(0, 4, 200, 4 * (seconds - 5)),
        "TEMP.csv": column(0, 4, 300, 4 * seconds),
        "HR.csv": column(10, 1, 400, seconds - 10),
        "ACC.csv": acc + "\n",
        "IBI.csv": f"{START + 2:.6f}, IBI\n1.500000,0.800000\n2.250000,0.750000\n",
        "tags.csv": f"{START + 6:.2f}\n{START + 12:.2f}\n",
        "info.txt": "about these files\n",
    }


def write_folder(folder: Path, members: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def write_zip(path: Path, members: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in members.items():
            zipped.writestr(name, text)
    return path


def write_blocks(folder: Path, rows: str, targets: str = "stress") -> Path:
    path = folder / "blocks.csv"
    path.write_text(f"subject,task,start,stop,{targets}\n{rows}")
    return path
