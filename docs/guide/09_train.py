"""
9. Train
========

Training takes two lines. What takes thought is that **everything learned is learned from the
training people**: not only the model, also the means for scaling, the choice of features, the
values that fill gaps. A pipeline keeps them together, so nothing can slip through.
"""

from physio_vad import build_pipeline, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=20, minutes=2, seed=1))
X = extract_features(windows)

pipeline = build_pipeline("chain", estimator="ridge", select=30, random_state=0)
pipeline

# %%
# The steps always have the same names, in the same order; one that is not used is ``passthrough``.
#
# ``features``
#     only for models that take raw windows (page :doc:`15_save_load_predict`);
# ``normalise``
#     removes differences between people from the features, if you ask for it;
# ``impute``, ``scale``
#     fill empty cells and bring features to one scale, where the model needs that;
# ``select``
#     keeps the features that go best with the ratings;
# ``model``
#     predicts the three ratings.

people = X.index.get_level_values("subject")
train = people != "S20"
pipeline.fit(X[train], y[train])
predicted = pipeline.predict(X[~train])
predicted[:3].round(2)

# %%
# Three columns, in the order of ``y``: here

list(y.columns)

# %%
# Beside the truth of person S20, whom the model has never seen:

import matplotlib.pyplot as plt

from physio_vad.report import STYLE

plt.style.use(STYLE)
fig, axes = plt.subplots(3, figsize=(7, 5), sharex=True, sharey=True)
seconds = windows.loc["S20", "stop"]
for column, (ax, target) in enumerate(zip(axes, y.columns, strict=True)):
    ax.plot(seconds, y.loc["S20", target], label="rated")
    ax.plot(seconds, predicted[:, column], label="predicted", ls="--")
    ax.set(ylabel=target, ylim=(1, 9))
axes[-1].set_xlabel("seconds")
axes[0].legend(loc="upper right", ncols=2)
title = fig.suptitle("One person who was not in training")

# %%
# One person is an anecdote. Leave each of the twenty out in turn, and you have a result:

from physio_vad import evaluate

result = evaluate(pipeline, X, y)
result

# %%
# Extracting takes longest, so keep the tables. ``X.to_parquet("X.parquet")``, the same for ``y``,
# and ``pandas.read_parquet`` bring back all of it: the index, and what ``y.attrs`` says of scale,
# times and stimuli. A CSV file (``X.to_csv``, ``y.to_csv``) loses ``y.attrs``; read both by
# ``pandas.read_csv(path, index_col=["subject", "trial", "window"])`` and say the scale again:
# ``evaluate(pipeline, X, y, scale=(1, 9))``.
#
# Because it is an ordinary scikit-learn pipeline, ``cross_validate`` and ``GridSearchCV`` take it
# too. Then *you* must say who is who: ``groups=people`` for the splitter.
#
# What to look up next
# --------------------
# `build_pipeline`, `evaluate` and the :doc:`example with plain scikit-learn
# <../auto_examples/plot_cross_validation>`. Next: :doc:`10_scores`.
