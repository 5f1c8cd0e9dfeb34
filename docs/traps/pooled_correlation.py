"""
Pooled correlation
==================

People use a scale at different levels: one lives between 2 and 4, another between 6 and 8. A
model that knows the level, from age or from how much somebody sweats, gets a high correlation
over all rows of all people. It may follow nobody through a single minute.

Here one feature tells the level of a person. The others are noise, and what a person feels from
moment to moment is in none of them.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from physio_vad import build_pipeline, evaluate
from physio_vad.report import STYLE

plt.style.use(STYLE)
rng = np.random.default_rng(0)
index = pd.MultiIndex.from_product(
    [[f"S{number:02}" for number in range(1, 25)], ["1"], range(20)],
    names=["subject", "trial", "window"],
)
level = rng.normal(size=24)
X = pd.DataFrame(rng.normal(size=(len(index), 5)), index, [f"feature {n}" for n in range(5)])
X["feature 0"] = np.repeat(level + 0.3 * rng.normal(size=24), 20)
y = pd.DataFrame({"arousal": 5 + np.repeat(level, 20) + rng.normal(size=len(index))}, index)
y.attrs["scale"] = {"arousal": (0.0, 10.0)}

result = evaluate(build_pipeline(estimator="ridge"), X, y)
scores = result.summary().loc["arousal"]
pd.Series(
    {
        "wrong: r over all rows": scores["r"],
        "honest: r within a person, mean": scores["r_subject"],
    },
    name="arousal",
).round(2).to_frame()

# %%
# The picture of it: one colour a person. The cloud rises, no colour does.

table = result.predictions
figure, axes = plt.subplots(figsize=(5, 4))
for name in table["subject"].unique()[::4]:
    one = table[table["subject"] == name]
    axes.scatter(one["arousal_predicted"], one["arousal"], label=name, s=18)
axes.set(xlabel="predicted arousal", ylabel="rated arousal")
legend = axes.legend(title="person")

# %%
# What to do
# ----------
# Read both columns of `Evaluation.summary`: ``r`` is pooled, ``r_subject`` is the mean over
# people; so it is for every score. Where the level of a new person matters, learn it from some
# labelled minutes of that person (`calibrate`). Where it does not, a pooled correlation answers a
# question nobody asked.
