"""Rows and predictions of a stream beside those of the batch, by modality and by model.

Run ``python benchmarks/live_parity.py [--data FOLDER]``. 20 simulated people (and 5 real recordings
where the folder has them) are pushed in random chunks of one sample to 5 s, sensors out of step,
with a delay of ``"settling"``. Largest distance of a feature as a share of its range over the
recording; numbers that are there on one side only; largest distance of a prediction as a share of
the scale.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import parser, show
from as_live import person

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import FeatureExtractor, Recording, Signal, build_pipeline, deploy
from physio_vad import extract_features, make_windows, read_recordings
from physio_vad.evaluation.movement import movement
from physio_vad.features.inputs import inputs_of
from physio_vad.live import Stream
from physio_vad.live.answers import Answers
from physio_vad.persistence import Model
from physio_vad.recording.recording import Events
from physio_vad.regressors import MODELS

LENGTH, STEP = 10.0, 5.0
SCALE = {"valence": (1.0, 9.0), "arousal": (1.0, 9.0), "dominance": (1.0, 9.0)}


def chunks(recording: Recording, rng: np.random.Generator) -> list[tuple]:
    """Cut every sensor at random; each keeps its own order, the sensors drift apart."""
    parts = []
    for name, signal in recording.signals.items():
        behind = rng.uniform(0, 3)  # seconds by which a sensor is late
        n_samples = len(signal.times)
        rate = 1.0 if isinstance(signal, Events) else signal.sfreq
        first = 0
        while first < n_samples:
            last = first + int(rng.integers(1, max(int(5 * rate), 2)))
            some = slice(first, last)
            when = signal.times[min(last, n_samples) - 1] + behind
            if isinstance(signal, Events):
                parts.append((when, name, signal.values[some], signal.times[some]))
            else:
                parts.append((when, name, signal.values[:, some], float(signal.times[first])))
            first = last
    return [one[1:] for one in sorted(parts, key=lambda one: one[0])]


def fitted(tables: list[pd.DataFrame], windows: pd.DataFrame, kind: str) -> Model:
    """Fit a model on rows with made-up ratings: parity asks for no truth."""
    X = pd.concat(tables)
    rng = np.random.default_rng(0)
    y = pd.DataFrame(5 + rng.normal(size=(len(X), 3)), X.index, list(SCALE))
    pipeline = build_pipeline(kind, random_state=0).fit(X, y)
    raw = deploy(pipeline, FeatureExtractor().fit(windows))
    inputs = inputs_of(windows["recording"].iloc[:1])
    return Model(raw, tuple(y), SCALE, tuple(X.columns), window_length=LENGTH, inputs=inputs)


def streamed(model: Model, recording: Recording, seed: int) -> pd.DataFrame:
    """Push a recording in random chunks; the rows that come of it."""
    stream = Stream(
        model, inputs_of([recording]), delay="settling", step=STEP, stale_after=1e9, min_quality=0
    )
    found = []
    for chunk in chunks(recording, np.random.default_rng(seed)):
        stream.push(*chunk)
        found += stream.predictions()
    found += stream.finish()
    return pd.DataFrame([one.features for one in found], columns=list(model.columns))


def cut(recording: Recording) -> pd.DataFrame:
    """Windows of a recording without its ratings."""
    plain = Recording(recording.subject, recording.signals)
    return make_windows([plain], length=LENGTH, step=STEP)[0]


def compared(recording: Recording, seed: int, model: Model) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the batch, and how far those of a stream are from them."""
    windows = cut(recording)
    batch = extract_features(windows)[list(model.columns)]
    live = streamed(model, recording, seed)
    live.index = batch.index
    return batch, movement(batch, live)


def real_recordings(folder: Path) -> Iterator[tuple[str, Recording]]:
    """Read some minutes of five recordings by other people's devices."""
    e4 = read_recordings(folder / "stress_predict_e4" / "S01", "empatica-e4")[0]
    yield "E4", e4.crop(600, 1200)
    table = next((folder / "physiokit_250hz").rglob("*baseline*.csv*"))
    data = pd.read_csv(table)
    seconds = (data["arduino_ts"] - data["arduino_ts"].iloc[0]) / 1e3
    rate = (len(data) - 1) / seconds.iloc[-1]
    columns = {name.lower(): name for name in data.columns}
    kinds = {"eda": "eda", "resp": "respiration", "ppg": "ppg"}
    units = {"eda": "uS", "respiration": "a.u.", "ppg": "a.u."}
    signals = {}
    for start, modality in kinds.items():
        column = next(name for low, name in columns.items() if low.startswith(start))
        values = data[column].to_numpy(dtype=float) / (1024 if modality == "eda" else 1)
        signals[modality] = Signal(values, rate, units[modality])
    yield "PhysioKit", Recording("physiokit", signals)
    eeg = read_recordings(folder / "eeglab_sample" / "eeglab_data.set", "mne")[0]
    yield "EEG sample", eeg
    for name in ("118e24", "118e06"):
        values = np.loadtxt(folder / "heartpy_ecg" / f"{name}.csv", delimiter=",", skiprows=1)
        values = values if values.ndim == 1 else values[:, -1]
        yield f"ECG {name}", Recording(name, {"ecg": Signal(values, 360.0, "mV")})


def main() -> None:
    warnings.simplefilter("ignore")
    made = parser(__doc__)
    made.add_argument("--data", type=Path, help="folder with real recordings")
    arguments = made.parse_args()
    people = [person(seed) for seed in range(3 if arguments.quick else 20)]
    windows = pd.concat([cut(one) for one in people[:3]])
    tables = [extract_features(cut(one)) for one in people[:3]]
    models = {kind: fitted(tables, windows, kind) for kind in MODELS}
    first = next(iter(models.values()))
    moved, apart = [], {}
    for number, one in enumerate(people):
        live = streamed(first, one, number)
        batch = extract_features(cut(one))[list(first.columns)]
        live.index = batch.index
        moved.append(movement(batch, live))
        for kind, model in models.items():
            said = model.predict(batch).to_numpy()
            answers = Answers(model)
            rows = [answers.predict(answers.scaled(row)) for row in live.to_numpy()]
            distance = np.abs(pd.DataFrame(rows).to_numpy() - said).max() / 8
            apart[kind] = max(apart.get(kind, 0.0), distance)
    largest = pd.concat(moved).groupby(level=0, sort=False)[["largest", "lost"]].max()
    result = {
        f"{len(people)} simulated people, by modality": largest,
        "Predictions, by model": pd.DataFrame({"largest": apart}),
    }
    if arguments.data:
        rows = {}
        for name, one in real_recordings(arguments.data):
            table = extract_features(cut(one))
            moved = compared(one, 0, fitted([table], cut(one), "multioutput"))[1]
            for modality, row in moved.iterrows():
                rows[name, modality] = row[["largest", "lost"]]
        result["Real recordings"] = pd.DataFrame(rows).T
    show(result, arguments.json)


if __name__ == "__main__":
    main()
