"""From the raw samples of one window to its prediction, and to the answer of the model alone.

Run ``python benchmarks/latency.py``. A model is fitted on 5 people, then predicts a window of 10 s
from the last 2 and the last 5 minutes of eight channels at 250 Hz, as a live session would: heart
rate variability and slow waves look back for minutes. Milliseconds on the clock.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import clock, eight_channels, parser, repeated, show

import warnings

import numpy as np
import pandas as pd

from physio_vad import FeatureExtractor, Ratings, Recording, build_pipeline, deploy, make_windows
from physio_vad import extract_features


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


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = parser(__doc__).parse_args()
    windows, y = make_windows(people(5))
    X = extract_features(windows)
    rows = {}
    for model in ("multioutput", "chain_ensemble", "stack"):
        pipeline = build_pipeline(model, random_state=0).fit(X, y)
        live = deploy(pipeline, FeatureExtractor().fit(windows))
        for minutes in (2, 5):
            buffer = repeated(eight_channels(5.0, seed=9), 1, "new").crop(0, 60 * minutes)
            last = make_windows([buffer])[0].iloc[-1:]
            spent = [1e3 * clock(lambda m=live, w=last: m.predict(w)) for _ in range(40)][5:]
            rows[model, f"raw, {minutes} min buffer"] = spent
        table = [1e3 * clock(lambda m=pipeline: m.predict(X.iloc[-1:])) for _ in range(40)][5:]
        rows[model, "from features"] = table
    found = pd.DataFrame(rows).T
    quantiles = {f"{share:.0%}": found.quantile(share, axis=1) for share in (0.0, 0.5, 0.95)}
    show({"One window, ms (least, median, 95 %)": pd.DataFrame(quantiles)}, arguments.json)


if __name__ == "__main__":
    main()
