"""Small DEAP, DREAMER and AMIGOS files: every value says its trial, its channel and its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from layouts.write_pickle import dumps
from scipy.io import savemat


def cell(*items: object, column: bool = False) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(-1, 1) if column else array.reshape(1, -1)


def deap_arrays(n_trials: int = 3, seconds: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    """Value = 1000 trial + channel + row / 10000; valence 1 + trial, arousal .25 more, ..."""
    rows = np.arange(int(128 * (3 + seconds))) / 10_000
    trials, channels = np.arange(n_trials), np.arange(40)
    data = 1000.0 * trials[:, None, None] + channels[None, :, None] + rows
    labels = 1.0 + trials[:, None] + 0.25 * np.arange(4)
    return data, labels


def write_deap(folder: Path, n_people: int = 1, **options: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for person in range(1, n_people + 1):
        data, labels = deap_arrays(**options)
        savemat(folder / f"s{person:02}.mat", {"data": data, "labels": labels})
    return folder


def write_deap_python(folder: Path, n_people: int = 1, **options: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for person in range(1, n_people + 1):
        data, labels = deap_arrays(**options)
        (folder / f"s{person:02}.dat").write_bytes(dumps({"labels": labels, "data": data}))
    return folder


def write_dreamer(folder: Path, n_people: int = 2, n_clips: int = 2) -> Path:
    """Value = 10000 person + 1000 clip + channel, below 0 in the baseline; rows are samples."""

    def part(person: int, clip: int, n_channels: int, n_rows: int, sign: float) -> np.ndarray:
        row = sign * (10_000.0 * person + 1000 * clip + np.arange(n_channels))
        return np.tile(row, (n_rows, 1))

    people = []
    for person in range(1, n_people + 1):
        streams = {}
        for name, n_channels, sfreq in (("EEG", 14, 128), ("ECG", 2, 256)):
            clips = range(1, n_clips + 1)
            streams[name] = {
                "baseline": cell(
                    *(part(person, i, n_channels, 4 * sfreq, -1) for i in clips), column=True
                ),
                "stimuli": cell(
                    *(part(person, i, n_channels, (8 + i) * sfreq, 1) for i in clips), column=True
                ),
            }
        scores = {
            f"Score{name}": np.full((n_clips, 1), value)
            for name, value in (("Valence", 1), ("Arousal", 3), ("Dominance", 5))
        }
        people.append({"Age": "22", "Gender": "male"} | streams | scores)
    top = {
        "Data": cell(*people),
        "EEG_SamplingRate": 128,
        "ECG_SamplingRate": 256,
        "noOfSubjects": n_people,
        "noOfVideoSequences": n_clips,
    }
    savemat(folder / "DREAMER.mat", {"DREAMER": top})
    return folder


def write_amigos(folder: Path, person: int = 1) -> Path:
    """Videos 10 and 13, one that was not seen, and the long video N1; value = video + channel."""

    def video(number: int, seconds: int) -> np.ndarray:
        return np.tile(100.0 * number + np.arange(17), (128 * (5 + seconds), 1))

    nothing = np.empty((0, 0))
    own = [2, 4, 6, 8, 1, 1, 0, 0, 0, 0, 0, 0]
    external = np.array([[1, 0.5, -0.5], [2, 0.25, -0.25], [3, 0.125, -0.125]])
    savemat(
        folder / f"Data_Preprocessed_P{person:02}.mat",
        {
            "joined_data": cell(video(10, 50), video(13, 8), nothing, video(1, 30)),
            "labels_selfassessment": cell(
                np.array([own]), np.array([[np.nan] * 12]), nothing, nothing
            ),
            "labels_ext_annotation": cell(external, external[:1], nothing, external[:2]),
            "VideoIDs": cell("10", "13", "18", "N1"),
        },
    )
    return folder
