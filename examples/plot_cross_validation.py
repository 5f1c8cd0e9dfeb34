"""
Plain scikit-learn: cross-validation and a grid by person
=========================================================

The pipeline is an ordinary scikit-learn `Pipeline`, so every tool of scikit-learn takes it. What
must be said each time is who is who: ``groups`` for the splitter. The model reads the person from
the row index itself.
"""

from sklearn.model_selection import GridSearchCV, GroupKFold, LeaveOneGroupOut, cross_validate

from physio_vad import build_pipeline, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=5, minutes=2, seed=2))
X = extract_features(windows, ["eda", "temperature", "emg"])
subjects = X.index.get_level_values("subject")

# Leave one person out. The scores are scikit-learn's own, averaged over the three targets.
scores = cross_validate(
    build_pipeline("chain", estimator="ridge", select=10, random_state=0),
    X,
    y,
    groups=subjects,
    cv=LeaveOneGroupOut(),
    scoring=("neg_mean_absolute_error", "neg_root_mean_squared_error"),
)
print("MAE of each person left out: ", (-scores["test_neg_mean_absolute_error"]).round(2))

# Tuning is part of training: the grid sees the training people only, split by person again.
grid = GridSearchCV(
    build_pipeline("multioutput", estimator="ridge", select=10),
    {"select__k": [5, 10, 20], "model__estimator__alpha": [1.0, 100.0]},
    cv=GroupKFold(3),
    scoring="neg_root_mean_squared_error",
)
train = subjects != "S05"
grid.fit(X[train], y[train], groups=subjects[train])
print("chosen:", grid.best_params_)
print("predictions for S05, never seen:")
print(grid.predict(X[~train])[:3].round(2))
