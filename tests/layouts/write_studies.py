"""A small study of three simulated people in each layout, for its recipe."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import mne
import numpy as np
import pandas as pd
from layouts import write_acq, write_ceap, write_mahnob, write_opensignals, write_wesad, write_xdf
from layouts.write_case import SIGNALS
from layouts.write_e4 import START, write_blocks, write_folder
from layouts.write_matlab import cell
from layouts.write_pickle import dumps
from scipy.io import savemat

from physio_vad import simulate_recordings, write_eleven_column
from physio_vad.io.montages import BIOSEMI_32
from physio_vad.synthetic import simulate_beats, simulate_ecg

SECONDS = 240
LOW_HIGH = ((2.0, 7.0, 5.0, 4.0), (8.0, 3.0, 6.0, 5.0))
BLOCKS = "subject,start,stop,valence,arousal,dominance\n"


@functools.cache
def people():
    return simulate_recordings(n_subjects=3, minutes=SECONDS / 60, sfreq=128.0, seed=5)


@functools.cache
def heart(person: int) -> np.ndarray:
    beats = simulate_beats(65.0 + 5 * person, SECONDS, rng=person)
    return simulate_ecg(beats, 256.0, SECONDS, rng=person)


def body(person: int, modality: str, sfreq: float, start: float, seconds: float) -> np.ndarray:
    """One channel of a simulated person at any rate."""
    values = heart(person) if modality == "ecg" else people()[person].signals[modality].values[0]
    rate = len(values) / SECONDS
    times = start + np.arange(round(seconds * sfreq)) / sfreq
    return np.interp(times, np.arange(len(values)) / rate, values)


def brain(person: int, n_channels: int, sfreq: float, start: float, seconds: float) -> np.ndarray:
    values = body(person, "eeg", sfreq, start, seconds)
    return np.stack([np.roll(values, 7 * place) for place in range(n_channels)])


def rated_blocks(folder: Path, ending: str = "") -> None:
    """Two rated minutes each, in ratings.csv."""
    rows = "".join(
        f"P{person}{ending},{60 * i},{60 * i + 60},{v[0]},{v[1]},{v[2]}\n"
        for person in range(3)
        for i, v in enumerate(LOW_HIGH)
    )
    (folder / "ratings.csv").write_text(BLOCKS + rows)


def eleven_column(folder: Path) -> None:
    write_eleven_column(simulate_recordings(n_subjects=3, minutes=1, seed=5), folder)


def stress_predict(folder: Path) -> None:
    """Two calm and two stressful minutes each, in the E4 export layout."""
    rows = ""
    for person in range(3):
        write_folder(folder / f"P{person}", wrist(person))
        for start, task, stress in (
            (0, "rest", 0),
            (60, "stroop", 1),
            (120, "talk", 1),
            (180, "end", 0),
        ):
            rows += f"P{person},{task},{start},{start + 60},{stress}\n"
    write_blocks(folder, rows)


def wrist(person: int) -> dict[str, str]:
    members = {}
    for name, modality, sfreq in (
        ("BVP", "ppg", 64),
        ("EDA", "eda", 4),
        ("TEMP", "temperature", 4),
    ):
        lines = [START, sfreq, *body(person, modality, sfreq, 0, SECONDS)]
        members[f"{name}.csv"] = "\n".join(f"{value:.6f}" for value in lines)
    return members


def hku956(folder: Path) -> None:
    """Four songs a person, of a minute each."""
    people = folder / "1. physiological_signals"
    rows = "participant_id,song_no,song_id,valence_rating,valence,arousal_rating,arousal\n"
    for person in range(3):
        for song in range(4):
            for name, modality, sfreq in (
                ("BVP", "ppg", 64),
                ("EDA", "eda", 4),
                ("TEMP", "temperature", 4),
            ):
                path = people / f"hku{person}" / name / f"{song}_{700 + song}.csv"
                path.parent.mkdir(parents=True, exist_ok=True)
                values = body(person, modality, sfreq, 60 * song, 60)
                path.write_text("".join(f"{value:.6f}\n" for value in values))
            valence, arousal = (song - 2) * 2.5, -9 + 3 * song + person
            rows += f"hku{person},{song},{700 + song},{valence},x,{arousal},y\n"
    (folder / "3. AV_ratings.csv").write_text(rows)


def deap(folder: Path) -> None:
    folder.mkdir()
    kinds = ("eog", "eog", "emg", "emg", "eda", "respiration", "ppg", "temperature")
    for person in range(3):
        trials = []
        for trial in range(2):
            at = 60.0 * trial
            others = [body(person, kind, 128, at, 43) for kind in kinds]
            trials.append(np.concatenate([brain(person, 32, 128, at, 43), others]))
        content = {"data": np.array(trials), "labels": np.array(LOW_HIGH)}
        (folder / f"s{person + 1:02}.dat").write_bytes(dumps(content))


def dreamer(folder: Path) -> None:
    folder.mkdir()
    data = []
    for person in range(3):
        one: dict[str, object] = {
            f"Score{name}": np.array([[2.0], [4.0 - place]])
            for place, name in enumerate(("Valence", "Arousal", "Dominance"))
        }
        for name, sfreq in (("EEG", 128), ("ECG", 256)):
            parts = {}
            for part, start in (("baseline", 0), ("stimuli", 40)):
                spans = [(start + 80 * clip, 40) for clip in range(2)]
                rows = [
                    brain(person, 14, sfreq, *span)
                    if name == "EEG"
                    else np.stack([body(person, "ecg", sfreq, *span)] * 2)
                    for span in spans
                ]
                parts[part] = cell(*(values.T for values in rows), column=True)
            one[name] = parts
        data.append(one)
    top = {"Data": cell(*data), "EEG_SamplingRate": 128, "ECG_SamplingRate": 256}
    top |= {"noOfSubjects": 3, "noOfVideoSequences": 2}
    savemat(folder / "DREAMER.mat", {"DREAMER": top})


def amigos(folder: Path) -> None:
    folder.mkdir()
    for person in range(3):
        videos = []
        for video in range(2):
            span = (80 * video, 65)
            rows = [body(person, kind, 128, *span) for kind in ("ecg", "ecg", "eda")]
            videos.append(np.concatenate([brain(person, 14, 128, *span), rows]).T)
        external = [
            np.array([[1, 0.1, -0.2], [2, 0.3, 0], [3, 0.5, 0.2 - 0.3 * i]]) for i in range(2)
        ]
        own = np.array([[2, 4, 6, 8, 1, 1, 0, 0, 0, 0, 0, 0]])
        content = {"joined_data": cell(*videos), "labels_selfassessment": cell(own, own)}
        content |= {"labels_ext_annotation": cell(*external), "VideoIDs": cell("10", "N1")}
        savemat(folder / f"Data_Preprocessed_P{person + 1:02}.mat", content)


def case(folder: Path) -> None:
    kinds = ["ecg", "ppg", "eda", "respiration", "temperature", "emg", "emg", "emg"]
    for person in range(3):
        parts = [(1, 0, 30), (10, 30, 2), (2, 32, 30)]
        frames = []
        for video, at, seconds in parts:
            rows = [body(person, kind, 1000, at, seconds) for kind in kinds]
            frame = pd.DataFrame(np.array(rows).T, columns=SIGNALS).round(5)
            frame.insert(0, "daqtime", 1000.0 * at + np.arange(len(frame)))
            frames.append(frame.assign(video=video))
        times = np.arange(20 * 62) / 20
        felt = pd.DataFrame({"jstime": 1000 * times, "valence": 5 + np.sin(times / 9)})
        felt["arousal"] = 5 + np.cos(times / 7)
        felt["video"] = np.select([times < 30, times < 32], [1, 10], 2)
        for name, table in (("physiological", pd.concat(frames)), ("annotations", felt)):
            path = folder / "data" / "interpolated" / name / f"sub_{person + 1}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            table.to_csv(path, index=False)


def wesad(folder: Path) -> None:
    quest = "# ORDER;Base;TSST;;\n# START;0.0;2.0;;\n# END;2.0;4.0;;\n# DIM;{};2;;\n# DIM;3;{};;\n"
    header = {"sensor": write_wesad.SENSORS, "sampling rate": 700}
    header |= {"date": "2020-09-13", "time": "14:26:40.000"}
    for person in range(3):
        home = folder / f"S{person + 2}"
        write_folder(home / f"S{person + 2}_E4_Data", wrist(person))
        (home / f"S{person + 2}_quest.csv").write_text(quest.format(6 + person, 7 - person))
        text = f"# OpenSignals Text File Format\n# {json.dumps({'a': header})}\n# EndOfHeader\n"
        (home / f"S{person + 2}_respiban.txt").write_text(text)


def mahnob(folder: Path) -> None:
    kinds = {"EXG1": "ecg", "EXG2": "ecg", "EXG3": "ecg", "Resp": "respiration"}
    for person in range(3):
        for trial in range(2):
            span = (90.0 * trial, 90)
            made = {name: 1000 * body(person, kind, 128, *span) for name, kind in kinds.items()}
            made |= {"GSR1": 1e6 / body(person, "eda", 128, *span)}
            made |= {"Temp": body(person, "temperature", 128, *span)}
            made |= dict(zip(BIOSEMI_32, brain(person, 32, 128, *span), strict=True))
            write_mahnob.write_session(
                folder,
                10 * person + trial + 1,
                subject=person + 1,
                seconds=30,
                margin=30,
                channels=made,
                sfreq=128,
            )


def ceap360vr(folder: Path) -> None:
    kinds = {"BVP": "ppg", "EDA": "eda", "SKT": "temperature"}
    for person in range(3):
        values = {
            name: body(person, kind, write_ceap.SENSORS[name], 0, 40)
            for name, kind in kinds.items()
        }
        write_ceap.write_person(folder, person + 1, videos=2, seconds=40, values=values)


def eeg_files(folder: Path) -> None:
    folder.mkdir()
    info = mne.create_info(["F3", "F4", "EOG1", "GSR"], 128.0, ["eeg", "eeg", "eeg", "misc"])
    for person in range(3):
        volts = 1e-6 * brain(person, 2, 128, 0, 120)
        eye = 1e-6 * body(person, "eog", 128, 0, 120)
        skin = body(person, "eda", 128, 0, 120)
        raw = mne.io.RawArray(np.concatenate([volts, [eye, skin]]), info, verbose="error")
        raw.save(folder / f"P{person}_raw.fif", verbose="error")
    rated_blocks(folder, "_raw")


def lab_streams(folder: Path) -> None:
    for person in range(3):
        values = brain(person, 2, 100, 0, 120).T
        skin = body(person, "eda", 4, 0, 120)[:, np.newaxis]
        write_xdf.write_xdf(folder / f"P{person}.xdf", seconds=120, values=values, skin=skin)
    rated_blocks(folder)


def opensignals(folder: Path) -> None:
    for person in range(3):
        ecg, skin, breath = (
            body(person, kind, 1000, 0, 80) for kind in ("ecg", "eda", "respiration")
        )
        write_opensignals.write_opensignals(
            folder / f"P{person}.txt",
            ECG=2**16 * (ecg / 3 + 0.5),
            EDA=2**16 * skin * 0.12 / 3,
            RESP=2**15 + 5000 * breath,
            LUX=np.zeros(len(ecg)),
        )
    rated_blocks(folder)


def biopac(folder: Path) -> None:
    folder.mkdir()
    for person in range(3):
        names = {
            ("EDA - GSR100C", "microsiemens"): "eda",
            ("EKG - ERS100C", "mV"): "ecg",
            ("RESP - RSP100C", "Volts"): "respiration",
        }
        channels = {key: body(person, kind, 250, 0, 120) for key, kind in names.items()}
        channels[("Pulse", "Volts")] = np.zeros(250 * 120)
        write_acq.write_acq(folder / f"P{person}.acq", channels, 250)
    rated_blocks(folder)


def wide_table(folder: Path) -> None:
    folder.mkdir()
    for person in range(3):
        table = pd.DataFrame(
            {
                "clock": 1000 * np.arange(128 * 120) / 128,
                "skin": body(person, "eda", 128, 0, 120),
                "finger": body(person, "ppg", 128, 0, 120),
                "battery": 1.0,
            }
        )
        for name, low, high in zip(("valence", "arousal", "dominance"), *LOW_HIGH, strict=False):
            table[name] = np.where(table["clock"] < 60_000, low, high)
        table.to_csv(folder / f"P{person}.csv", index=False, sep=";", decimal=",")


WRITERS = {
    one.__name__: one
    for one in (
        eleven_column,
        stress_predict,
        hku956,
        deap,
        dreamer,
        amigos,
        case,
        wesad,
        mahnob,
        ceap360vr,
        eeg_files,
        lab_streams,
        opensignals,
        biopac,
        wide_table,
    )
}
"""By the name of the recipe."""
