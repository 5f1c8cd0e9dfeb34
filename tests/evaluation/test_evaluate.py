import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from physio_vad.evaluation import SPLITS, Evaluation, LeaveOneSubjectOut, evaluate
from physio_vad.evaluation.folds import takes_unrated
from physio_vad.exceptions import ArgumentError, GroupsError, LeakageError, PhysioVadError
from physio_vad.pipeline import build_pipeline


class Spy(RegressorMixin, BaseEstimator):
    """Predicts zeros and writes down what it was given."""

    seen: list = []  # noqa: RUF012  shared on purpose: clones write here

    def __init__(self, width=2):
        self.width = width

    def fit(self, X, y):
        self.seen.append((X.index, y))
        self.fitted_ = True
        return self

    def predict(self, X):
        self.seen.append((X.index, None))
        return np.zeros((len(X), self.width))


class Nothing(BaseEstimator):
    """A step that passes the table on."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return X


@pytest.fixture
def spy():
    Spy.seen = []
    return Spy()


def test_it_fits_clones_on_one_side_and_predicts_the_other(spy, make_tables) -> None:
    X, y = make_tables(3)
    evaluate(spy, X, y)
    assert len(Spy.seen) == 6
    for (train, labels), (test, _) in zip(Spy.seen[::2], Spy.seen[1::2], strict=True):
        assert train.equals(labels.index)
        assert labels.attrs == y.attrs
        assert set(train.unique("subject")).isdisjoint(test.unique("subject"))


def test_coupled_people_show_skill(make_tables) -> None:
    X, y = make_tables(8, coupling=2.0)
    evaluation = evaluate(Ridge(), X, y)
    assert (evaluation.skill > 0.3).all()
    assert (evaluation.skill_interval()["low"] > 0).all()


def test_no_coupling_shows_no_skill(make_tables) -> None:
    skills, lows = [], []
    for seed in range(20):
        X, y = make_tables(10, 4, 3, coupling=0.0, offset=1.0, seed=seed, n_features=8)
        evaluation = evaluate(Ridge(10.0), X, y)
        skills.append(evaluation.skill)
        lows.append(evaluation.skill_interval()["low"])
    assert (np.array(lows) > 0).mean() <= 0.1
    values = np.array(skills)
    assert values.mean() < 0
    assert stats.ttest_1samp(values.mean(axis=1), 0, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize("cv", sorted(SPLITS))
def test_every_named_split_runs(cv, make_tables) -> None:
    X, y = make_tables(5, stimuli=True)
    evaluation = evaluate(Ridge(), X, y, cv=cv, random_state=0)
    assert evaluation.info["cv"] == cv
    assert not evaluation.leaky
    names = set(evaluation.info["baselines"])
    assert {"scale_midpoint", "training_mean"} <= names
    assert ("subject_mean" in names) == (
        cv in ("leave-stimulus-out", "within-subject-chronological")
    )
    assert ("last_value" in names) == (cv == "within-subject-chronological")
    by_subject = cv in ("leave-one-subject-out", "grouped-k-fold", "holdout")
    assert ("stimulus_mean" in names) == by_subject


def test_a_timetable_shared_by_all_is_a_baseline(make_tables) -> None:
    X, y = make_tables(8, 1, 30, constant=False, coupling=0.3)
    y += 3 * np.sin(X.index.get_level_values("window").to_numpy() / 5)[:, np.newaxis]
    evaluation = evaluate(Ridge(), X, y)
    assert (evaluation.best_baselines == "session_course").all()
    assert (evaluation.skill < 0).all()


def test_plain_splitters_and_lists_are_taken(make_tables) -> None:
    X, y = make_tables(4)
    named = evaluate(Ridge(), X, y)
    for cv in (
        LeaveOneGroupOut(),
        LeaveOneSubjectOut(),
        GroupKFold(4),
        list(LeaveOneSubjectOut().split(X, y)),
    ):
        other = evaluate(Ridge(), X, y, cv=cv)
        keys = ["subject", "trial", "window"]
        columns = [*keys, "valence", "valence_predicted"]
        pd.testing.assert_frame_equal(
            named.predictions[columns],
            other.predictions[columns].sort_values(keys, ignore_index=True),
        )
    assert other.info["cv"] == "list of (train, test)"


def test_a_leaky_split_raises_or_is_marked(make_tables) -> None:
    X, y = make_tables(4)
    cv = KFold(5, shuffle=True, random_state=0)
    with pytest.raises(LeakageError, match="subject 's00'"):
        evaluate(Ridge(), X, y, cv=cv)
    evaluation = evaluate(Ridge(), X, y, cv=cv, allow_leakage=True)
    assert evaluation.leaky
    assert "error (shared_borders): training and test side share subject 's00'" in repr(evaluation)
    assert not evaluate(Ridge(), X, y, allow_leakage=True).leaky


def test_two_processes_give_the_same(make_tables) -> None:
    X, y = make_tables(4)
    model = RandomForestRegressor(5, random_state=0, n_jobs=2)
    one, two = (evaluate(model, X, y, n_jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.predictions, two.predictions)


def test_unrated_rows_are_predicted_not_scored(spy, make_tables) -> None:
    X, y = make_tables(3)
    y.iloc[:3] = np.nan
    y.iloc[3, 0] = np.nan
    evaluation = evaluate(spy, X, y)
    assert len(evaluation.predictions) == len(X)
    counts = evaluation.scores.query("level == 'pooled' and metric == 'rmse'")["n"]
    assert counts.tolist() == [len(X) - 4, len(X) - 3]
    assert all(labels.notna().any(axis=1).all() for _, labels in Spy.seen[::2])
    assert len(Spy.seen[2][0]) == 24 - 3


def test_a_normaliser_sees_the_unrated_rows(spy, make_tables) -> None:
    X, y = make_tables(3)
    y.iloc[:3] = np.nan
    model = make_pipeline(Nothing(), spy)
    model.steps[0] = ("normalise", model.steps[0][1])
    assert takes_unrated(model)
    evaluate(model, X, y)
    assert len(Spy.seen[2][0]) == 24
    model.set_params(normalise="passthrough")
    assert not takes_unrated(model)


def test_rest_windows_are_not_in_the_predictions(make_tables) -> None:
    X, y = make_tables(3)
    X.index = y.index = X.index.set_levels(X.index.levels[2] - 1, level="window")
    y[y.index.get_level_values("window") < 0] = np.nan
    evaluation = evaluate(Ridge(), X, y)
    assert len(evaluation.predictions) == len(X) - 12
    assert (evaluation.predictions["window"] >= 0).all()


def test_people_without_ratings_are_no_fold(make_tables) -> None:
    X, y = make_tables(4)
    y.loc["s01"] = np.nan
    evaluation = evaluate(Ridge(), X, y)
    assert evaluation.info["n_folds"] == 3
    assert evaluation.subjects == ("s00", "s02", "s03")


def test_one_target_as_a_series(make_tables) -> None:
    X, y = make_tables(3)
    evaluation = evaluate(Ridge(), X, y["valence"])
    assert evaluation.targets == ("valence",)
    assert evaluation.skill.index.tolist() == ["valence"]


def test_times_come_from_the_grid_or_the_window_table(make_tables) -> None:
    X, y = make_tables(3)
    predictions = evaluate(Ridge(), X, y).predictions
    assert predictions["start"].tolist()[:3] == [0.0, 5.0, 10.0]
    assert predictions["stop"].tolist()[:3] == [10.0, 15.0, 20.0]
    y.attrs.pop("window")
    assert evaluate(Ridge(), X, y).predictions["start"].isna().all()


def test_metrics_and_baselines_can_be_chosen(make_tables) -> None:
    X, y = make_tables(3)
    evaluation = evaluate(Ridge(), X, y, metrics=["ccc", "mae"], baselines=["training_mean"])
    assert evaluation.scores["metric"].unique().tolist() == ["ccc", "mae"]
    assert evaluation.best_baselines.tolist() == ["training_mean"] * 2
    own = {"seven": lambda fold: np.full((len(fold.test), 2), 7.0)}
    evaluation = evaluate(Ridge(), X, y, baselines=own)
    assert evaluation.predictions["arousal_seven"].eq(7).all()


def test_progress_is_told(make_tables) -> None:
    X, y = make_tables(3)
    calls = []
    evaluate(Ridge(), X, y, progress=lambda *call: calls.append(call))
    assert calls == [("folds", 1, 3), ("folds", 2, 3), ("folds", 3, 3)]


class TestErrors:
    def test_indexes_must_be_equal(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(ArgumentError, match=r"X has 36 rows and y has 35.*y\.loc"):
            evaluate(Ridge(), X, y[1:])
        with pytest.raises(ArgumentError, match="row 0 is s00/t0/0 in X and s02/t3/2 in y"):
            evaluate(Ridge(), X, y[::-1])
        with pytest.raises(ArgumentError, match="repeat an index entry, first s00/t0/0"):
            evaluate(Ridge(), pd.concat([X, X[:1]]), pd.concat([y, y[:1]]))

    def test_tables_must_be_tables(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(ArgumentError, match="got ndarray and DataFrame"):
            evaluate(Ridge(), X.to_numpy(), y)
        with pytest.raises(GroupsError, match=r"'subject', 'trial', 'window'\]"):
            evaluate(Ridge(), X.reset_index(drop=True), y.reset_index(drop=True))

    def test_all_labels_missing(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(ArgumentError, match=r"all 36 labels of \['valence', 'arousal'\]"):
            evaluate(Ridge(), X, y * np.nan)

    def test_one_subject(self, make_tables) -> None:
        with pytest.raises(GroupsError, match="leave-one-subject-out cannot run"):
            evaluate(Ridge(), *make_tables(1))

    def test_a_target_nobody_else_rated(self, make_tables) -> None:
        X, y = make_tables(3)
        y.loc[["s01", "s02"], "arousal"] = np.nan
        with pytest.raises(GroupsError, match=r"fold 0 \(subject 's00'.*\['arousal'\]"):
            evaluate(Ridge(), X, y)

    def test_a_fold_that_fails_is_named(self, make_tables) -> None:
        X, y = make_tables(3)
        y.loc[("s01", "t0", 0), "arousal"] = np.nan
        with pytest.raises(PhysioVadError, match=r"fold 0 \(subject 's00' on.*failed: ValueError"):
            evaluate(make_pipeline(StandardScaler(), Ridge()), X, y)

    def test_predictions_must_fit(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(ArgumentError, match="predicts 3 columns, y has 2"):
            evaluate(Spy(3), X, y)

    def test_unknown_names(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(ArgumentError, match="unknown split 'loso'"):
            evaluate(Ridge(), X, y, cv="loso")
        with pytest.raises(ArgumentError, match="did you mean 'rmse'"):
            evaluate(Ridge(), X, y, metrics=["rmsee"])
        with pytest.raises(ArgumentError, match="did you mean 'training_mean'"):
            evaluate(Ridge(), X, y, baselines=["train_mean"])

    def test_no_baselines_is_no_result(self, make_tables) -> None:
        X, y = make_tables(3)
        for none in ([], {}):
            with pytest.raises(ArgumentError, match="at least one baseline"):
                evaluate(Ridge(), X, y, baselines=none)

    def test_a_baseline_that_does_not_apply(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(ArgumentError, match="'stimulus_mean' does not apply"):
            evaluate(Ridge(), X, y, baselines=["stimulus_mean"])
        del y.attrs["scale"]["arousal"]
        with pytest.raises(ArgumentError, match="no baseline applies to 'arousal'"):
            evaluate(Ridge(), X, y, baselines=["scale_midpoint"])
        best = evaluate(Ridge(), X, y).best_baselines
        assert best["arousal"] != "scale_midpoint"

    def test_cv_must_be_folds(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(ArgumentError, match="cv must be the name of a split"):
            evaluate(Ridge(), X, y, cv=5)
        with pytest.raises(ArgumentError, match="must be \\(train, test\\), got 3 parts"):
            evaluate(Ridge(), X, y, cv=[([0], [1], [2])])

    def test_nothing_to_score(self, make_tables) -> None:
        X, y = make_tables(3)
        y.loc["s02"] = np.nan
        with pytest.raises(ArgumentError, match="no fold has a rating on its test side"):
            evaluate(Ridge(), X, y, cv=[(np.arange(24), np.arange(24, 36))])


def test_it_is_an_evaluation(make_tables) -> None:
    assert isinstance(evaluate(Ridge(), *make_tables(3)), Evaluation)


def test_a_baseline_without_any_error_leaves_no_skill(make_tables) -> None:
    X, y = make_tables(3)
    y["arousal"] = 5.0
    evaluation = evaluate(Ridge(), X, y)
    assert np.isnan(evaluation.skill["arousal"])
    assert evaluation.summary().loc["arousal", ["skill_low", "skill_high"]].isna().all()


class TestScale:
    def test_a_lost_scale_is_noted_and_can_be_said_again(self, make_tables, tmp_path) -> None:
        tables = make_tables(4)
        for name, table in zip("Xy", tables, strict=True):
            table.to_csv(tmp_path / name)
        X, y = (
            pd.read_csv(tmp_path / name, index_col=["subject", "trial", "window"]) for name in "Xy"
        )
        lost = evaluate(Ridge(), X, y)
        assert [(one.level, one.check) for one in lost.findings] == [("note", "no_scale")]
        assert "no scale is declared for valence, arousal" in repr(lost)
        assert "scale_midpoint" not in lost.info["baselines"]
        again = evaluate(Ridge(), X, y, scale=(1, 9))
        expected = evaluate(Ridge(), *tables)
        assert again.findings == expected.findings == ()
        assert again.info["scale"] == expected.info["scale"]
        pd.testing.assert_frame_equal(again.baselines, expected.baselines)
        assert y.attrs == {}

    def test_a_parquet_file_keeps_all(self, make_tables, tmp_path) -> None:
        X, y = make_tables(4, stimuli=True)
        y.to_parquet(tmp_path / "y")
        kept = evaluate(Ridge(), X, pd.read_parquet(tmp_path / "y"))
        pd.testing.assert_frame_equal(kept.predictions, evaluate(Ridge(), X, y).predictions)

    def test_of_one_target_only(self, make_tables) -> None:
        X, y = make_tables(4)
        del y.attrs["scale"]
        evaluation = evaluate(Ridge(), X, y, scale={"arousal": (0, 10)})
        assert evaluation.info["scale"] == {"arousal": [0.0, 10.0]}
        assert (evaluation.predictions["arousal_scale_midpoint"] == 5.0).all()
        assert evaluation.predictions["start"].notna().all()
        assert evaluation.findings[-1].seen == "no scale is declared for valence"
        assert evaluate(Ridge(), X, y, baselines=["training_mean"]).findings == ()

    @pytest.mark.parametrize("scale", [(9, 1), (1, 5, 9), 9, ("1", "9"), (1, np.inf), (np.nan, 9)])
    def test_must_be_two_numbers(self, make_tables, scale) -> None:
        with pytest.raises(ArgumentError, match=r"scale must be \(low, high\), such as \(1, 9\)"):
            evaluate(Ridge(), *make_tables(3), scale=scale)

    def test_knows_its_targets(self, make_tables) -> None:
        with pytest.raises(ArgumentError, match="unknown target in scale 'arousel'; did you mean"):
            evaluate(Ridge(), *make_tables(3), scale={"arousel": (1, 9)})

    def test_a_table_without_index_is_told_how_to_be_read(self, make_tables) -> None:
        X, y = make_tables(3)
        with pytest.raises(GroupsError, match=r"index_col=\['subject', 'trial', 'window'\]"):
            evaluate(Ridge(), X.reset_index(), y.reset_index())


def test_the_model_is_called_what_build_pipeline_calls_it(make_tables) -> None:
    X, y = make_tables(3)
    pipeline = build_pipeline("chain", estimator="ridge")
    assert evaluate(pipeline, X, y).info["model"] == "chain"
    assert evaluate(Ridge(), X, y).info["model"] == "model"


@pytest.mark.parametrize(
    "names",
    [
        *(["subject"], ["trial"], ["window"], ["fold"], ["start"], ["stop"], ["stimulus"]),
        *(["x", "x_predicted"], ["x", "x_training_mean"], ["x", "x_low"]),
    ],
)
def test_targets_with_names_of_our_columns_are_refused_at_once(make_tables, names) -> None:
    X, y = make_tables(6)
    y = pd.DataFrame(dict.fromkeys(names, y.iloc[:, 0]))
    with pytest.raises(ArgumentError, match=f"cannot be called '{names[-1]}'"):
        evaluate(Ridge(), X, y)


def test_a_row_without_a_subject_is_refused(make_tables):
    X, y = make_tables(4)
    names = X.index.to_frame(index=False)
    names.loc[names["subject"] == names["subject"].iloc[0], "subject"] = None
    index = pd.MultiIndex.from_frame(names)
    with pytest.raises(GroupsError, match=r"'subject' is missing in .* rows, first in row 0"):
        evaluate(Ridge(), X.set_axis(index), y.set_axis(index))


def test_ratings_with_their_index_as_columns_say_so(make_tables):
    X, y = make_tables(4)
    with pytest.raises(ArgumentError, match=r"y = y\.set_index\(\['subject', 'trial', 'window'\]"):
        evaluate(Ridge(), X, y.reset_index())
    with pytest.raises(ArgumentError, match=r"y\.index = X\.index"):
        evaluate(Ridge(), X, y.reset_index(drop=True))
