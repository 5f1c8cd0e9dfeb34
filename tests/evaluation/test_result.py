import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from physio_vad.evaluation import Evaluation, SubjectHoldout, evaluate
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


def test_intervals_resample_whole_people(evaluation) -> None:
    table, rng = evaluation.predictions, np.random.default_rng(0)
    draws = rng.multinomial(6, np.full(6, 1 / 6), size=50)
    parts = [part for _, part in table.groupby("subject", sort=False)]
    best = evaluation.best_baselines["arousal"]
    skills = []
    for draw in draws:
        drawn = pd.concat(
            [part for part, times in zip(parts, draw, strict=True) for _ in range(times)]
        )
        model = rmse(drawn["arousal"], drawn["arousal_predicted"])
        skills.append(1 - model / rmse(drawn["arousal"], drawn[f"arousal_{best}"]))
    low, high = np.quantile(skills, [0.1, 0.9])
    interval = evaluation.skill_interval(0.8, n_resamples=50).loc["arousal"]
    assert interval.tolist() == pytest.approx([low, high])


def test_intervals_hold_the_value(evaluation) -> None:
    table = evaluation.intervals()
    assert table.index.names == ["target", "metric"]
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    with pytest.raises(ArgumentError, match="level"):
        evaluation.intervals(level=95)


def test_one_person_has_no_interval(make_tables) -> None:
    evaluation = evaluate(Ridge(), *make_tables(1), cv="within-subject-chronological")
    assert evaluation.skill_interval().isna().all(axis=None)
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
