"""A small study of three simulated people in the files of each device, for its recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from layouts import write_devices as devices
from layouts.write_studies import body, brain, rated_blocks

SECONDS = 80


def head(person: int, n_channels: int, sfreq: float) -> np.ndarray:
    return brain(person, n_channels, sfreq, 0, SECONDS)


def rr(person: int) -> np.ndarray:
    rng = np.random.default_rng(person)
    return 850.0 + 40 * person + 30 * rng.normal(size=round(SECONDS / 0.9))


def muse(folder: Path) -> None:
    for person in range(3):
        devices.write_mind_monitor(folder / f"P{person}.csv", 800 + head(person, 4, 256.0))
    rated_blocks(folder)


def openbci(folder: Path) -> None:
    for person in range(3):
        path = folder / f"P{person}.txt"
        devices.write_openbci(path, head(person, 8, 250.0), named=person > 0)
    rated_blocks(folder)


def emotiv(folder: Path) -> None:
    for person in range(3):
        devices.write_emotiv(folder / f"P{person}.csv", 4200 + head(person, 14, 128.0))
    rated_blocks(folder)


def shimmer(folder: Path) -> None:
    for person in range(3):
        kinds = {
            "GSR_Skin_Conductance_CAL": ("uS", body(person, "eda", 128, 0, SECONDS)),
            "PPG_A13_CAL": ("mV", body(person, "ppg", 128, 0, SECONDS)),
        }
        devices.write_shimmer(folder / f"P{person}_Session1_Shimmer_40AC_Calibrated_SD.csv", kinds)
    rated_blocks(folder)


def polar(folder: Path) -> None:
    for person in range(3):
        home = folder / f"P{person}"
        ecg = 1000 * body(person, "ecg", 130, 0, SECONDS)
        devices.write_polar(home, ecg, rr=rr(person))
        (home / "Polar_H10_12345678_20200913_122640_HR.txt").unlink()
    rated_blocks(folder)


def garmin(folder: Path) -> None:
    for person in range(3):
        devices.write_garmin(folder / f"P{person}", rr(person), 25 * SECONDS)
    rated_blocks(folder)


def embraceplus(folder: Path) -> None:
    for person in range(3):
        for part in range(2):
            at = part * SECONDS / 2
            devices.write_embraceplus(
                folder / "2020-09-13" / f"P{person}_{1600000000 + round(at)}.avro",
                body(person, "ppg", 64, at, SECONDS / 2),
                eda=body(person, "eda", 4, at, SECONDS / 2),
                temperature=body(person, "temperature", 1, at, SECONDS / 2),
                start=devices.START + at,
            )
    rated_blocks(folder)


def lab(person: int, sfreq: float, mark: str = "") -> dict[tuple[str, str], np.ndarray]:
    kinds = {
        (f"EDA{mark}", "microsiemens"): "eda",
        (f"ECG{mark}", "mV"): "ecg",
        (f"RESP{mark}", "V"): "respiration",
    }
    return {key: body(person, kind, sfreq, 0, SECONDS) for key, kind in kinds.items()}


def acqknowledge(folder: Path) -> None:
    channels = lab(0, 200, " - BIOPAC")
    devices.write_acqknowledge_text(folder / "P0.txt", channels, 200, time=True)
    devices.write_acqknowledge_text(folder / "P1.txt", lab(1, 200), 200, time=False)
    devices.write_acqknowledge_mat(folder / "P2.mat", lab(2, 200), 200)
    rated_blocks(folder)


def wfdb(folder: Path) -> None:
    for person in range(3):
        devices.write_wfdb(folder / f"P{person}", lab(person, 200), 200)
    rated_blocks(folder)


def bids(folder: Path) -> None:
    for person in range(3):
        kinds = [body(person, kind, 100, 0, SECONDS) for kind in ("eda", "ppg", "respiration")]
        devices.write_bids(folder, f"P{person}", np.array(kinds), 100)


def labchart(folder: Path) -> None:
    devices.write_labchart_text(folder / "P0.txt", lab(0, 200), 200)
    for person in (1, 2):
        path = folder / f"P{person}.mat"
        devices.write_labchart_mat(path, lab(person, 200), [200.0] * 3)
    rated_blocks(folder)


WRITERS = {
    one.__name__: one
    for one in (
        muse,
        openbci,
        emotiv,
        shimmer,
        polar,
        garmin,
        embraceplus,
        acqknowledge,
        labchart,
        wfdb,
        bids,
    )
}
"""By the name of the recipe."""
