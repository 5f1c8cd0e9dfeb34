import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import Ridge

from physio_vad.evaluation import Evaluation, SubjectHoldout, evaluate
from physio_vad.evaluation.within import within_sentence
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.integrity import read_json, write_json, write_table
from physio_vad.metrics import METRICS


@pytest.fixture
def evaluation(make_tables) -> Evaluation:
    X, y = make_tables(6, stimuli=True, offset=0.5)
    y.iloc[4] = np.nan
    return evaluate(Ridge(), X, y, cv="grouped-k-fold", random_state=0)


def rmse(truth, answer) -> float:
    return float(np.sqrt(np.nanmean((truth - answer) ** 2)))


def test_the_layout_of_predictions(evaluation) -> None:
    names = ["subject", "trial", "window", "start", "stop", "stimulus", "fold"]
    answers = ["predicted", *evaluation.info["baselines"]]
    for target in ("valence", "arousal"):
        names += [target, f"{target}_predicted"]
    for name in answers[1:]:
        names += [f"valence_{name}", f"arousal_{name}"]
    assert list(evaluation.predictions) == names


def test_scores_are_recomputed_from_predictions(evaluation) -> None:
    table, scores = evaluation.predictions, evaluation.scores
    assert list(scores) == ["level", "fold", "subject", "target", "metric", "value", "n"]
    assert scores["level"].unique().tolist() == ["pooled", "fold", "subject"]
    assert len(scores) == 2 * 6 * (1 + 5 + 6)
    for row in scores.itertuples():
        part = table
        if row.level == "fold":
            part = table[table["fold"] == row.fold]
        elif row.level == "subject":
            part = table[table["subject"] == row.subject]
        value = METRICS[row.metric](part[row.target], part[f"{row.target}_predicted"])
        assert row.value == pytest.approx(value, rel=1e-9, nan_ok=True)
        assert row.n == part[row.target].notna().sum()


def test_baselines_and_skill_are_recomputed_from_predictions(evaluation) -> None:
    table = evaluation.predictions
    for (target, name), row in evaluation.baselines.iterrows():
        for metric, value in row.items():
            expected = METRICS[metric](table[target], table[f"{target}_{name}"])
            assert value == pytest.approx(expected, rel=1e-9)
    for target, skill in evaluation.skill.items():
        errors = {
            name: rmse(table[target], table[f"{target}_{name}"])
            for name in evaluation.info["baselines"]
        }
        best = min(errors, key=errors.get)
        assert evaluation.best_baselines[target] == best
        model = rmse(table[target], table[f"{target}_predicted"])
        assert skill == pytest.approx(1 - model / errors[best])


def test_the_summary_stands_on_the_same_numbers(evaluation) -> None:
    summary = evaluation.summary()
    assert summary.index.tolist() == ["valence", "arousal"]
    table, scores = evaluation.predictions, evaluation.scores
    for target, row in summary.iterrows():
        assert row["rmse"] == pytest.approx(rmse(table[target], table[f"{target}_predicted"]))
        people = scores.query("level == 'subject' and metric == 'ccc' and target == @target")
        assert row["ccc_subject"] == pytest.approx(people["value"].mean())
        assert row["baseline_rmse"] == pytest.approx(
            evaluation.baselines.loc[(target, row["baseline"]), "rmse"]
        )
        assert row["skill_low"] <= row["skill"] <= row["skill_high"]
        assert (row["trials"], row["subjects"]) == (24, 6)
    assert summary["windows"].tolist() == [71, 71]


def test_intervals_leave_each_person_out(evaluation) -> None:
    """Jackknife of log(1 - skill), degrees of freedom of the effective number of people."""
    table, best = evaluation.predictions, evaluation.best_baselines["arousal"]

    def logarithm(part):
        model = rmse(part["arousal"], part["arousal_predicted"])
        return np.log(model / rmse(part["arousal"], part[f"arousal_{best}"]))

    people = table["subject"].unique()
    without = np.array([logarithm(table[table["subject"] != one]) for one in people])
    square = (table["arousal"] - table["arousal"].mean()) ** 2
    share = square.groupby(table["subject"]).sum()
    free = share.sum() ** 2 / (share**2).sum() - 1
    error = 1.25 * np.sqrt(5 / 6 * ((without - without.mean()) ** 2).sum())
    half = stats.t.ppf(0.9, free) * error
    bounds = 1 - np.exp(logarithm(table) + np.array([half, -half]))
    assert evaluation.skill_interval(0.8).loc["arousal"].tolist() == pytest.approx(bounds)


def test_intervals_hold_what_is_true(make_evaluation) -> None:
    """At 6 people a percentile interval covers .73 to .86."""
    many = [make_evaluation(6, 40, uneven=0.4, offset=0.7, seed=seed) for seed in range(200)]
    true = np.log(1 - np.mean([one.skill for one in many]))
    covered = [
        one.skill_interval()
        .loc["valence"]
        .pipe(lambda bounds: bounds["low"] <= 1 - np.exp(true) <= bounds["high"])
        for one in many
    ]
    assert 0.92 <= np.mean(covered) <= 0.995


def test_r_within_people_has_an_interval_and_a_chance(make_evaluation) -> None:
    evaluation = make_evaluation(8, 40, offset=3.0)
    row = evaluation.within_people().loc["valence"]
    table = evaluation.predictions
    r = [one["valence"].corr(one["valence_predicted"]) for _, one in table.groupby("subject")]
    assert row["value"] == pytest.approx(np.mean(r))
    half = stats.t.ppf(0.975, 7) * 1.75 * np.std(r, ddof=1) / np.sqrt(8)
    assert [row["low"], row["high"]] == pytest.approx([np.mean(r) - half, np.mean(r) + half])
    assert row["p"] < 0.02
    summary = evaluation.summary().loc["valence"]
    assert summary["r_subject_p"] == row["p"]
    assert summary["r_subject_low"] == row["low"]
    sentence = within_sentence(evaluation, "valence")
    assert sentence.startswith(f"The body follows valence within people (r {row['value']:.2f}, ")
    assert sentence.endswith("not shown to predict better than the best baseline (training mean).")


def test_the_chance_of_r_within_people_is_that_of_all_shifts() -> None:
    """Of a model that knows every rating, in 400 people of six windows each, one constant."""
    n_people, n_windows = 400, 6
    truth = np.random.default_rng(0).normal(size=(n_people, n_windows))
    shifted = np.stack([np.roll(truth, shift, axis=1) for shift in range(n_windows)])
    centred = truth - truth.mean(axis=1, keepdims=True)
    r = (shifted * centred).sum(axis=2) / (centred**2).sum(axis=1)
    expected = (n_people - r.mean(axis=0).sum()) / np.sqrt(2 * r.var(axis=0).sum())
    truth = np.vstack([truth, [[3.0] * n_windows]])
    table = pd.DataFrame({"subject": np.repeat([f"s{i}" for i in range(n_people + 1)], n_windows)})
    table = table.assign(trial="1", window=np.tile(np.arange(n_windows), n_people + 1))
    table = table.assign(start=0.0, stop=1.0, stimulus=None, fold=0)
    table = table.assign(valence=truth.ravel(), valence_predicted=truth.ravel())
    row = Evaluation(table, {"targets": ["valence"]}).within_people().loc["valence"]
    assert row["value"] == pytest.approx(1)  # who rates all alike is left out
    assert stats.norm.isf(row["p"]) == pytest.approx(expected, rel=0.02)


def test_a_person_with_one_rated_window_has_scores_and_one_without_has_none(
    make_evaluation,
) -> None:
    evaluation = make_evaluation(4, 10)
    table = evaluation.predictions
    people = table["subject"].unique()
    table.loc[(table["subject"] == people[1]) & (table["window"] != 3), "valence"] = np.nan
    table.loc[table["subject"] == people[2], "valence"] = np.nan
    scores = evaluation.with_predictions(table, "window").scores
    by_person = scores[scores["level"] == "subject"].set_index("subject")["n"]
    assert by_person.to_dict() == {people[0]: 10, people[1]: 1, people[3]: 10}
    assert scores[scores["level"] == "pooled"]["n"].tolist() == [21]


def test_what_says_nothing_within_people_is_said_so(make_evaluation) -> None:
    chance = []
    for seed in range(40):
        evaluation = make_evaluation(8, 40, seed=seed)
        answer = evaluation.predictions["valence_predicted"].to_numpy()
        evaluation.predictions["valence_predicted"] = np.roll(answer, 40)  # of the person before
        chance.append(evaluation.within_people()["p"].iloc[0])
    assert np.mean(np.array(chance) < 0.05) <= 0.1
    assert 0.3 < np.mean(chance) < 0.7
    evaluation.predictions["valence_predicted"] = 5.0
    assert np.isnan(evaluation.within_people()["p"].iloc[0])
    assert "predicts of it, vary too little" in within_sentence(evaluation, "valence")
    evaluation.predictions["valence"] = 3.0
    assert "does not vary" in within_sentence(evaluation, "valence")
    evaluation.predictions["valence"] = np.nan
    assert "nothing is known of it" in within_sentence(evaluation, "valence")


def test_intervals_hold_the_value(evaluation) -> None:
    table = evaluation.intervals()
    assert table.index.names == ["target", "metric"]
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    with pytest.raises(ArgumentError, match="level"):
        evaluation.intervals(level=95)


def test_two_people_have_no_interval(make_tables) -> None:
    evaluation = evaluate(Ridge(), *make_tables(1), cv="within-subject-chronological")
    assert evaluation.skill_interval().isna().all(axis=None)
    assert evaluate(Ridge(), *make_tables(2)).skill_interval().isna().all(axis=None)
    assert evaluate(Ridge(), *make_tables(3)).skill_interval().notna().all(axis=None)
    assert np.isfinite(evaluation.summary()["skill"]).all()


def test_saving_and_loading_keep_everything(evaluation, tmp_path) -> None:
    assert evaluation.save(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == [
        "evaluation.json",
        "predictions.parquet",
    ]
    again = Evaluation.load(tmp_path / "a" / "b")
    pd.testing.assert_frame_equal(again.predictions, evaluation.predictions)
    assert again.info == evaluation.info
    pd.testing.assert_frame_equal(again.summary(), evaluation.summary())
    again.save(tmp_path / "a" / "b")


@pytest.mark.parametrize("metrics", [["rmse"], list(METRICS)], ids=["one metric", "all"])
def test_one_target_and_one_baseline_are_enough(metrics, make_evaluation, tmp_path) -> None:
    evaluation = make_evaluation(3, 4)
    evaluation.info["metrics"] = metrics
    again = Evaluation.load(evaluation.save(tmp_path))
    pd.testing.assert_frame_equal(again.scores, evaluation.scores)


def test_loading_says_what_is_wrong(evaluation, tmp_path) -> None:
    with pytest.raises(ReadError, match="holds no evaluation"):
        Evaluation.load(tmp_path / "nowhere")
    evaluation.save(tmp_path)
    sheet = tmp_path / "evaluation.json"
    info = read_json(sheet, remedy="")
    write_json(sheet, {**info, "baselines": [*info["baselines"], "other"]})
    with pytest.raises(ReadError, match=r"columns \['valence_other', 'arousal_other'\]"):
        Evaluation.load(tmp_path)
    write_json(sheet, {**info, "format": "physio_vad evaluation 99"})
    with pytest.raises(ReadError, match="'format' must be"):
        Evaluation.load(tmp_path)
    sheet.write_text("{")
    with pytest.raises(ReadError, match=r"evaluation\.json: damaged"):
        Evaluation.load(tmp_path)
    write_json(sheet, info)
    (tmp_path / "predictions.parquet").write_bytes(b"no parquet")
    with pytest.raises(ReadError, match=r"predictions\.parquet: damaged, .*evaluate again"):
        Evaluation.load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"targets": []},
        {"targets": "valence"},
        {"targets": [["valence"]]},
        {"metrics": ["none_such"]},
        {"metrics": []},
        {"baselines": []},
        {"metrics": [{}]},
        {"baselines": None},
        {"scale": {"valence": [1]}},
        {"scale": {"valence": ["a", "b"]}},
        {"cv": 3},
        {"window": {"length": "10"}},
        {"window": []},
        {"n_folds": "6"},
        {"new_people": "yes"},
        {"seconds": {"fit": 1.0}},
        {"versions": ["numpy"]},
        {"pipeline": None},
        {"findings": {}},
        {"findings": [{"level": "error"}]},
        {"recipe": {"model": 3}},
        {"random_state": "0"},
        {"files": []},
        {"files": {"predictions.parquet": None}},
    ],
    ids=str,
)
def test_an_entry_of_another_kind_is_refused_by_name(change, evaluation, tmp_path) -> None:
    sheet = evaluation.save(tmp_path) / "evaluation.json"
    write_json(sheet, read_json(sheet, remedy="") | change)
    with pytest.raises(ReadError, match=r"(evaluation\.json: must have|predictions\.parquet)"):
        Evaluation.load(tmp_path)


def test_columns_of_another_kind_are_refused(evaluation, tmp_path) -> None:
    sheet = evaluation.save(tmp_path) / "evaluation.json"
    table = evaluation.predictions.assign(valence="high")
    digest = write_table(tmp_path / "predictions.parquet", table, index=False)
    write_json(sheet, read_json(sheet, remedy="") | {"files": {"predictions.parquet": digest}})
    with pytest.raises(ReadError, match="columns valence must hold numbers"):
        Evaluation.load(tmp_path)


def test_its_text_is_short_and_says_the_split(evaluation) -> None:
    lines = repr(evaluation).splitlines()
    assert lines[0] == "Evaluation by grouped-k-fold: 6 subjects"
    assert lines[1].startswith("  valence: RMSE ")
    assert "skill" in lines[2]


def test_repeated_draws_score_every_prediction(make_tables) -> None:
    X, y = make_tables(6)
    evaluation = evaluate(Ridge(), X, y, cv=SubjectHoldout(n_repeats=5, random_state=0))
    assert evaluation.predictions["fold"].nunique() == 5
    assert len(evaluation.predictions) == 5 * 12
