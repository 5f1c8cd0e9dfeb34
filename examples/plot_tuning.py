"""
Tuning: part of training, never of the score
============================================

A search tries many settings and keeps the best, so its own score is too good: it is the best of
many. Here each person left out is predicted by a model that was tuned on the others, with people
kept whole in the inner folds too; only that outer score is reported. Beside it stands the model
with its defaults: on small tables tuning often gains nothing.
"""

from physio_vad import build_pipeline, extract_features, make_windows, simulate_recordings
from physio_vad.evaluation import compare_models, nested_search
from physio_vad.regressors import search_space
from physio_vad.report import plot_loss, plot_scores

windows, y = make_windows(simulate_recordings(n_subjects=6, minutes=2, seed=2))
X = extract_features(windows, ["eda", "temperature", "emg"])

space = search_space("chain", "ridge")
default = build_pipeline("chain", estimator="ridge", random_state=0)
tuned = nested_search(default, space, n_iter=4, inner_folds=3, random_state=0)
comparison = compare_models({"default": default, "tuned": tuned}, X, y, random_state=0)
print(comparison)
scores = plot_scores(comparison.evaluations)

# For use: the same search on everybody. Its inner score is not looked at.
print("chosen:", tuned.fit(X, y).best_params_)

# A network shows how it was trained: the loss of people held out says where it stopped.
network = build_pipeline("shared", random_state=0).set_params(model__max_epochs=60, model__cv=3)
loss = plot_loss(network.fit(X, y))  # a matplotlib figure: loss.savefig("loss.png")
