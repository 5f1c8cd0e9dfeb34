"""Rows and predictions of a stream beside those of the batch, by modality and by model.

Run ``python benchmarks/live_parity.py [--data FOLDER]``. 20 simulated people (and 5 real recordings
where the folder has them) are pushed in random chunks of one sample to 5 s, sensors out of step,
with a delay of ``"settling"``. Largest distance of a feature as a share of its range over the
recording; numbers that are there on one side only; largest distance of a prediction as a share of
the scale, and the range over which predictions go. Models learn ratings that features foretell: one
that says the mean to everybody would be equal whatever the rows.
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
    """Fit a model, `"online"` after a comma for how it is normalised, on ratings it can learn."""
    X, (name, *normalise) = pd.concat(tables), kind.split(", ")
    rng = np.random.default_rng(0)
    known = X.fillna(X.mean()).fillna(0.0)
    scores = (known - known.mean()) / (known.std() + 1e-9)
    weights = rng.normal(size=(X.shape[1], 3)) / np.sqrt(X.shape[1])
    y = 5 + 2 * scores.clip(-3, 3).to_numpy() @ weights + rng.normal(0, 0.3, (len(X), 3))
    y = pd.DataFrame(y.clip(1, 9), X.index, list(SCALE))
    pipeline = build_pipeline(name, normalise=next(iter(normalise), None), random_state=0).fit(X, y)
    raw = deploy(pipeline, FeatureExtractor().fit(windows))
    inputs = inputs_of(windows["recording"].iloc[:1])
    return Model(raw, tuple(y), SCALE, tuple(X.columns), window_length=LENGTH, inputs=inputs)


def thirds(table: pd.DataFrame) -> list[pd.DataFrame]:
    """Take a recording for three people, as models with folds inside need more than one."""
    places = np.array_split(np.arange(len(table)), 3)
    parts = [table.iloc[some].droplevel("subject") for some in places]
    return [pd.concat({f"part {at}": one}, names=["subject"]) for at, one in enumerate(parts)]


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


def compared(
    recording: Recording, seed: int, models: dict[str, Model]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say how far rows of a stream are from the batch, by modality, and predictions, by model."""
    columns = list(next(iter(models.values())).columns)
    batch = extract_features(cut(recording))[columns]
    live = streamed(next(iter(models.values())), recording, seed)
    live.index = batch.index
    rows = {}
    for kind, model in models.items():
        said, answers = model.predict(batch).to_numpy(), Answers(model)
        told = [answers.predict(answers.scaled(row)) for row in live.to_numpy()]
        rows[kind] = {
            "largest": np.abs(pd.DataFrame(told).to_numpy() - said).max() / 8,
            "predictions range over": np.ptp(said, axis=0).max() / 8,
        }
    moved = movement(batch, live)[["largest", "lost"]].assign(rows=len(batch))
    return moved, pd.DataFrame.from_dict(rows, orient="index")


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


def together(found: dict[str, tuple[pd.DataFrame, pd.DataFrame]]) -> tuple[pd.DataFrame, ...]:
    """Give the largest distance over recordings, by modality and by model."""
    moved, apart = (pd.concat([one[side] for one in found.values()]) for side in (0, 1))
    by = moved.groupby(level=0, sort=False)
    rows = by[["largest", "lost"]].max().assign(rows=by["rows"].sum(), recordings=by.size())
    return rows, apart.groupby(level=0, sort=False).max()


def main() -> None:
    warnings.simplefilter("ignore")
    made = parser(__doc__)
    made.add_argument("--data", type=Path, help="folder with real recordings")
    arguments = made.parse_args()
    kinds = [*MODELS, "multioutput, online"]
    people = [person(seed) for seed in range(3 if arguments.quick else 20)]
    windows = pd.concat([cut(one) for one in people[:3]])
    tables = [extract_features(cut(one)) for one in people[:3]]
    models = {kind: fitted(tables, windows, kind) for kind in kinds}
    simulated = {str(at): compared(one, at, models) for at, one in enumerate(people)}
    moved, apart = together(simulated)
    result = {f"{len(people)} simulated people, by modality": moved, "By model": apart}
    if arguments.data:
        found = {}
        for name, one in real_recordings(arguments.data):
            table = extract_features(cut(one))
            models = {kind: fitted(thirds(table), cut(one), kind) for kind in kinds}
            found[name] = compared(one, 0, models)
        result["Real recordings"] = pd.concat({name: one[0] for name, one in found.items()})
        result["Real recordings, by model"] = together(found)[1]
    show(result, arguments.json)


if __name__ == "__main__":
    main()
