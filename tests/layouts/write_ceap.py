"""A small CEAP-360VR folder: values say their sensor and row, times begin late."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

SENSORS = {"ACC": 32, "SKT": 4, "EDA": 4, "BVP": 64}


def write_person(
    folder: Path,
    number: int = 1,
    videos: int = 2,
    seconds: int = 6,
    values: Mapping[str, np.ndarray] | None = None,
) -> Path:
    """Sensor values are 100, 200, ... by row; valence rises from 2, arousal falls from 8."""
    body, felt = [], []
    for video in range(1, videos + 1):
        part: dict[str, object] = {"VideoID": f"V{video}"}
        for place, (name, sfreq) in enumerate(SENSORS.items(), start=1):
            own = (values or {}).get(name, 100.0 * place + np.arange(seconds * sfreq))
            keys = ("ACC_X", "ACC_Y", "ACC_Z") if name == "ACC" else (name,)
            part[f"{name}_RawData"] = [
                {"TimeStamp": 50 + row / sfreq} | {key: float(one) for key in keys}
                for row, one in enumerate(own)
            ]
        part["IBI_RawData"] = [{"TimeStamp": 51.0, "IBI": 0.8}, {"TimeStamp": 51.75, "IBI": 0.75}]
        body.append(part)
        rows = [
            {"TimeStamp": row / 10, "Valence": 2 + row / 100, "Arousal": 8 - row / 100}
            for row in range(10 * seconds)
        ]
        felt.append({"VideoID": f"V{video}", "TimeStamp_Valence_Arousal_TransData": rows})
    person = {"ParticipantID": f"P{number}"}
    for path, content in (
        (
            folder / "5_PhysioData" / "Raw" / f"P{number}_Physio_RawData.json",
            {"Physio_RawData": [person | {"Video_Physio_RawData": body}]},
        ),
        (
            folder / "3_AnnotationData" / "Transformed" / f"P{number}_Annotation_TransData.json",
            {"ContinuousAnnotation_TransData": [person | {"Video_Annotation_TransData": felt}]},
        ),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return folder
