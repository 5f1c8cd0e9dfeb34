"""From raw samples to a prediction: a live update, a window from scratch, the model alone.

Run ``python benchmarks/latency.py``. Models are fitted on 5 people. Then a session of eight
channels at 250 Hz is pushed in chunks of .2 s, with a prediction each: CPU milliseconds of an
update of `physio_vad.live.Stream` by delay, beside extracting the window from the last minutes
anew, and from features that are there. ``60 s`` has modalities that look back for a minute;
``default`` ones look back for three.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import cpu, eight_channels, parser, show

import itertools
import time
import warnings
from functools import partial

import numpy as np
import pandas as pd

from physio_vad import FeatureExtractor, Ratings, Recording, build_pipeline, deploy, make_windows
from physio_vad import extract_features
from physio_vad.features.inputs import inputs_of
from physio_vad.live import Stream
from physio_vad.live.answers import Answers
from physio_vad.live.sources import Replay
from physio_vad.modalities import ECG, PPG
from physio_vad.persistence import Model


def people(number: int) -> list[Recording]:
    """Five minutes of everybody, with ratings."""
    rng = np.random.default_rng(0)
    times = np.arange(0.0, 300.0, 10.0)
    made = []
    for name in range(number):
        ratings = Ratings.series(times, rng.normal(size=(30, 3)))
        signals = eight_channels(5.0, seed=name).signals
        made.append(Recording(f"S{name}", signals, ratings))
    return made


def fitted(model: str, context: float | None) -> Model:
    """Fit a model that takes raw windows."""
    windows, y = make_windows(people(5))
    heart = {} if context is None else {"lf_context": context}
    modalities = [ECG(**heart), PPG(**heart), "eeg", "eog", "eda", "temperature", "respiration"]
    X = extract_features(windows, modalities)
    pipeline = build_pipeline(model, random_state=0).fit(X, y)
    raw = deploy(pipeline, FeatureExtractor(modalities).fit(windows))
    inputs = inputs_of(windows["recording"].iloc[:1])
    return Model(raw, tuple(y.columns), {}, tuple(X.columns), window_length=10.0, inputs=inputs)


def updates(model: Model, delay: float | str, n_updates: int) -> list[float]:
    """CPU milliseconds of pushing .2 s of every sensor and predicting, once all is warm."""
    stream = Stream(model, model.inputs, delay=delay, step=0.2)
    warm = 30 + max(stream.warm_up + stream.settling, 250.0) + stream.delay
    recording = eight_channels(warm / 60 + n_updates * 0.2 / 60, seed=9)
    spent = []
    chunks = Replay(recording, speed=np.inf, chunk=0.2)
    for _, some in itertools.groupby(chunks, key=lambda one: round(float(one.times) / 0.2)):
        parts = list(some)
        begin = time.process_time()
        for one in parts:
            stream.push(one.modality, one.samples, one.times)
        if parts[0].times >= warm - 20:
            for _ in stream.predictions():
                pass
            spent.append(1e3 * (time.process_time() - begin))
        else:  # as if predictions had been taken all along
            stream.skip()
    return spent[5:]


def from_scratch(model: Model, minutes: float, n_times: int) -> list[float]:
    """CPU milliseconds of predicting the last window of a buffer that is extracted anew."""
    buffer = eight_channels(5.0, seed=9).crop(0, 60 * minutes)
    last = make_windows([buffer])[0].iloc[-1:]
    return [1e3 * cpu(lambda: model.predict(last)) for _ in range(n_times + 5)][5:]


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = parser(__doc__).parse_args()
    number = 60 if arguments.quick else 300
    rows = {}
    for context in (60.0, None):
        name = "60 s" if context else "default"
        model = fitted("multioutput", context)
        for delay in (0.0, 0.6, 1.0, 5.0, "settling"):
            rows[name, f"live, delay {delay}"] = updates(model, delay, number)
        for minutes in (1, 5):
            rows[name, f"anew, {minutes} min buffer"] = from_scratch(model, minutes, number // 5)
    for kind in ("multioutput", "chain_ensemble", "stack"):
        model = fitted(kind, None)
        answers = Answers(model)
        task = partial(answers.predict, np.zeros(len(model.columns)))
        rows[kind, "model alone"] = [1e3 * cpu(task) for _ in range(40)]
    quantiles = {
        f"{share:.0%}": {name: float(np.quantile(spent, share)) for name, spent in rows.items()}
        for share in (0.5, 0.9, 0.99, 1.0)
    }
    show({"One update, CPU ms": pd.DataFrame(quantiles).loc[list(rows)]}, arguments.json)


if __name__ == "__main__":
    main()
