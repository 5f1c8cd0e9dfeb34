"""
Knowing the video
=================

People watch the same eight videos. A sensor sees which video runs: its light drives the pupil,
its loud places make everybody start. A model can then answer with what the training people said
about this video. It predicts well for people never seen, and has read no emotion at all.

Here the features hold a fingerprint of the video and noise. What the person feels beyond what
everybody feels is in none of them.
"""

import numpy as np
import pandas as pd

from physio_vad import build_pipeline, evaluate

rng = np.random.default_rng(1)
people, videos = [f"S{number:02}" for number in range(1, 13)], [f"video {n}" for n in range(1, 9)]
index = pd.MultiIndex.from_product([people, videos, range(4)], names=["subject", "trial", "window"])
video = index.get_level_values("trial").map(videos.index).to_numpy()

fingerprint = rng.normal(size=(len(videos), 6))[video]
X = pd.DataFrame(
    fingerprint + 0.3 * rng.normal(size=(len(index), 6)), index, [f"feature {n}" for n in range(6)]
)
everybody = 5 + 1.5 * rng.normal(size=len(videos))[video]
own = np.repeat(rng.normal(size=len(people) * len(videos)), 4)
y = pd.DataFrame({"valence": np.clip(everybody + own, 1, 9)}, index)
y.attrs["scale"] = {"valence": (1.0, 9.0)}
y.attrs["stimulus"] = {person: {name: name for name in videos} for person in people}

model = build_pipeline(random_state=0)
known = evaluate(model, X, y)  # a new person, videos that the training people saw
new = evaluate(model, X, y, cv="leave-subject-and-stimulus-out")  # and a new video

pd.DataFrame(
    {
        "wrong: against the training mean": {
            "RMSE": known.summary().loc["valence", "rmse"],
            "RMSE of the baseline": known.baselines.loc[("valence", "training_mean"), "rmse"],
        },
        "honest: against the mean of the video": {
            "RMSE": known.summary().loc["valence", "rmse"],
            "RMSE of the baseline": known.baselines.loc[("valence", "stimulus_mean"), "rmse"],
        },
        "honest: a new video": {
            "RMSE": new.summary().loc["valence", "rmse"],
            "RMSE of the baseline": new.baselines.loc[("valence", "training_mean"), "rmse"],
        },
    }
).T.assign(skill=lambda table: 1 - table["RMSE"] / table["RMSE of the baseline"]).round(2)

# %%
# The first row would make a paper. The second says that a list of the videos' mean ratings, which
# looks at nobody, does as well. The third is what remains when the video is new.
#
# What to do
# ----------
# Say which video each trial showed (``stimulus`` of a `Recording`; the readers of data sets do
# it). `evaluate` then compares with the mean of the video by itself, and skill counts against the
# best baseline. A timetable that all share is the same trap without videos: the baseline
# ``session_course`` is a clock. Claim something about new videos only after
# ``cv="leave-subject-and-stimulus-out"``.
