"""
Five minutes: from recordings to an honest score
================================================

Simulated people stand in for yours, so that the example runs anywhere. Replace the second line of
code by ``recordings = read_recordings("my_folder", "eleven-column")``.
"""

from physio_vad import (
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    simulate_recordings,
)
from physio_vad.report import plot_predictions, plot_scores

# Eight sensors of a few people, and what they rated from second to second.
recordings = simulate_recordings(n_subjects=5, minutes=2, seed=1)
print(recordings[0])

# Windows of 10 s every 5 s. Each row is (subject, trial, window); the label is the mean rating.
windows, y = make_windows(recordings, length=10, step=5)
print(y.head(3))

# One row a window, one column a feature; the name says what it is: <modality>__<feature>.
X = extract_features(windows)
print(f"{X.shape[1]} features, for example", list(X.columns[:3]))

# Each person in turn is left out, predicted by a model trained on the others, and compared with
# what one can say without looking at the body at all.
results = {
    name: evaluate(build_pipeline(name, random_state=0), X, y) for name in ("multioutput", "chain")
}
for name, result in results.items():
    print(name)
    print(result.summary()[["rmse", "ccc", "baseline", "baseline_rmse", "skill"]].round(3))

# Five simulated people for two minutes prove nothing: look at the intervals.
figure_scores = plot_scores(results)
figure_time = plot_predictions(results["chain"])
