"""The whole way on simulated people: skill where there is coupling, none where there is not."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from physio_vad import (
    Evaluation,
    FeatureExtractor,
    build_pipeline,
    deploy,
    evaluate,
    extract_features,
    load_model,
    make_windows,
    read_recordings,
    save_model,
    simulate_recordings,
    write_eleven_column,
)
from physio_vad.exceptions import GroupsError, MissingSensorWarning, SkippedWarning


def evaluated(
    *, n_subjects: int, minutes: float, coupling: float, seed: int, model: str = "multioutput"
) -> Evaluation:
    people = simulate_recordings(
        n_subjects=n_subjects, minutes=minutes, coupling=coupling, seed=seed
    )
    windows, y = make_windows(people)
    return evaluate(build_pipeline(model, random_state=0), extract_features(windows), y)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["multioutput", "chain"])
def test_coupling_is_found_for_every_target(model):
    result = evaluated(n_subjects=16, minutes=4, coupling=1.0, seed=0, model=model)
    for target in ("valence", "arousal", "dominance"):
        rmse = result.summary().loc[target, "rmse"]
        assert (rmse < result.baselines.loc[target, "rmse"]).all()
    assert (result.skill_interval()["low"] > 0).all()


@pytest.mark.slow
def test_no_skill_without_coupling():
    skill = [
        evaluated(n_subjects=10, minutes=3, coupling=0.0, seed=seed).skill for seed in range(6)
    ]
    by_seed = pd.concat(skill, axis=1).mean(axis=0)
    assert by_seed.mean() <= 0
    assert ttest_1samp(by_seed, 0, alternative="greater").pvalue > 0.5


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    write_eleven_column(simulate_recordings(n_subjects=5, minutes=1, seed=4), folder)
    return folder


def test_one_model_file_goes_from_raw_signals_to_predictions(people, tmp_path):
    recordings = read_recordings(people)
    windows, y = make_windows(recordings)
    X = extract_features(windows)
    pipeline = build_pipeline("chain", random_state=0).fit(X, y)
    save_model(tmp_path / "m.joblib", deploy(pipeline, FeatureExtractor()), targets=y.columns)
    model = load_model(tmp_path / "m.joblib")
    expected = pipeline.predict(X)
    np.testing.assert_array_equal(model.predict(windows), expected)
    np.testing.assert_array_equal(model.predict(X), expected)
    one = model.predict(windows.loc[[("S03", "1", 4)]])
    # one row is interpolated by another branch than many: the last bit may differ
    np.testing.assert_allclose(one, expected[[2 * 11 + 4]], rtol=1e-12)


def test_both_doors_evaluate_alike(people):
    windows, y = make_windows(read_recordings(people))
    table = evaluate(
        build_pipeline(estimator="ridge"), extract_features(windows, ["temperature", "eda"]), y
    )
    raw = evaluate(
        build_pipeline(estimator="ridge", features=FeatureExtractor(["temperature", "eda"])),
        windows,
        y,
    )
    pd.testing.assert_series_equal(raw.skill, table.skill)


def test_a_sensor_that_a_new_person_lacks_is_nan_not_an_error(people):
    recordings = read_recordings(people)
    windows, y = make_windows(recordings)
    pipeline = build_pipeline(random_state=0).fit(extract_features(windows), y)
    deployed = deploy(pipeline, FeatureExtractor())
    eda_only = type(recordings[0])("new", {"eda": recordings[0].signals["eda"]})
    with pytest.warns(MissingSensorWarning, match=r"no eeg of new; .* from what is there \(eda\)"):
        predicted = deployed.predict(make_windows([eda_only])[0])
    assert predicted.shape == (11, 3)
    assert np.isfinite(predicted).all()


def test_a_bad_file_among_twenty_costs_its_own_windows_only(people, tmp_path):
    for path in people.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "S02.csv").write_text("")
    with pytest.warns(SkippedWarning, match=r"S02\.csv"):
        recordings = read_recordings(tmp_path, on_error="skip")
    assert [one.subject for one in recordings] == ["S01", "S03", "S04", "S05"]
    windows, _ = make_windows(recordings)
    kept = extract_features(windows)
    everyone = extract_features(make_windows(read_recordings(people))[0])
    pd.testing.assert_frame_equal(kept, everyone.loc[kept.index])


def test_one_person_cannot_be_left_out(people):
    windows, y = make_windows(read_recordings(people, subjects=1))
    with pytest.raises(GroupsError, match="the table has 1"):
        evaluate(build_pipeline(), extract_features(windows), y)


def test_nan_and_inf_stay_where_they_are(people):
    (recording,) = read_recordings(people, subjects=1)
    eda = recording.signals["eda"]
    values = eda.values.copy()
    values[:, :2500] = np.nan
    values[:, 2500:3000] = np.inf
    broken = type(recording)(
        "x", {"eda": type(eda)(values, eda.sfreq, eda.unit)}, recording.ratings
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        X = extract_features(make_windows([broken])[0], ["eda"])
    assert len(caught) == 1
    assert X.loc[("x", "1", 0)].drop("eda__quality").isna().all()
    assert X.loc[("x", "1", 0), "eda__quality"] == 0
    assert np.isfinite(X.loc[("x", "1", 10), "eda__scl_mean"])
    assert not np.isinf(X.to_numpy()).any()
