"""Pictures of an evaluation: what stands in them, and that their numbers are right."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from physio_vad import report
from physio_vad.exceptions import ArgumentError
from physio_vad.report import plot_plane, plot_predictions, plot_scores, plot_skill
from physio_vad.report.style import STYLE
from physio_vad.report.tables import (
    choose_subjects,
    course,
    histogram,
    plane_points,
    score_table,
    skill_by_subject,
    subject_rmse,
)

SUBJECTS = [f"s{number}" for number in range(5)]


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]


def drawn(figure):
    """Draw it, because only then does matplotlib lay out and warn."""
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()  # the canvas of a figure outside pyplot draws nothing
    return figure


def test_predictions_have_a_row_a_target_and_a_column_a_subject(evaluation):
    figure = drawn(plot_predictions(evaluation))
    assert titles(figure)[:3] == [
        "best: s0\nRMSE over all targets 0.10",
        "median: s2\nRMSE over all targets 0.60",
        "worst: s4\nRMSE over all targets 1.10",
    ]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == [
        "valence (1 to 9)",
        "arousal (1 to 9)",
        "dominance (1 to 9)",
    ]
    assert {axes.get_xlabel() for axes in figure.axes[-3:]} == {"minutes"}
    assert figure.axes[0].get_yticks().tolist() == [1, 5, 9]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["rating", "prediction (out of fold)", "training mean"]


def test_predictions_draw_the_numbers_of_the_evaluation(evaluation):
    figure = plot_predictions(evaluation, ["s3"])
    truth, predicted, mean = figure.axes[1].get_lines()[:3]
    table = evaluation.predictions.query("subject == 's3' and trial == '0'")
    np.testing.assert_array_equal(truth.get_ydata(), table["arousal"])
    np.testing.assert_array_equal(predicted.get_ydata(), table["arousal_predicted"])
    np.testing.assert_array_equal(mean.get_ydata(), table["arousal_training_mean"])
    np.testing.assert_allclose(truth.get_xdata(), (table["start"] + 5) / 60)


def test_predictions_without_times_count_windows(make_evaluation):
    figure = drawn(plot_predictions(make_evaluation(["stress"], ["a"], times=False)))
    assert figure.axes[0].get_xlabel() == "windows"
    assert titles(figure) == ["best: a, RMSE 0.10"]


def test_unknown_subject(evaluation):
    with pytest.raises(ArgumentError, match="unknown subject 's9'; did you mean 's"):
        plot_predictions(evaluation, ["s9"])


def test_scores_stand_beside_the_baselines(make_evaluation, evaluation):
    other = make_evaluation()
    figure = drawn(plot_scores({"chain": evaluation, "multi_output": other}))
    assert titles(figure) == ["valence", "arousal", "dominance"]
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names == ["chain", "multi output", "scale midpoint", "training mean", "stimulus mean"]
    said = [text.get_text() for text in figure.axes[1].texts]
    value = score_table(evaluation).loc[("arousal", "predicted"), "value"]
    assert said[0] == said[1] == f"{value:.2f}"
    assert said[-1] == "not defined"
    assert figure.axes[0].get_xlabel() == "RMSE (lower is better)"
    assert "95% intervals over 5 subjects" in figure.get_suptitle()


def test_intervals_of_few_people_do_not_hide_the_scores(make_evaluation):
    few = make_evaluation(["arousal"], ["s1", "s2", "s3"])
    table = few.predictions
    table.loc[table["subject"] == "s3", "arousal_predicted"] += 3.0
    low, high = few.intervals().loc[("arousal", "rmse"), ["low", "high"]]
    figure = drawn(plot_scores(few))
    left, right = figure.axes[0].get_xlim()
    largest = score_table(few).loc["arousal", "value"].max()
    assert high - low > 10 * largest
    assert right - left < 8 * largest
    assert "goes on beyond its arrow" in figure.get_suptitle()
    assert "arrow" not in drawn(plot_scores(make_evaluation())).get_suptitle()


def test_scores_of_one_evaluation_by_another_metric(evaluation):
    figure = drawn(plot_scores(evaluation, "ccc", level=0.8))
    assert figure.axes[0].get_xlabel() == "CCC (higher is better)"
    assert "80%" in figure.get_suptitle()


def test_scores_refuse_what_cannot_stand_together(make_evaluation, evaluation):
    with pytest.raises(ArgumentError, match="at least one evaluation"):
        plot_scores({})
    with pytest.raises(ArgumentError, match="of the same targets"):
        plot_scores({"a": evaluation, "b": make_evaluation(["stress"])})
    with pytest.raises(ArgumentError, match="unknown metric 'rsme'; did you mean 'rmse'"):
        plot_scores(evaluation, "rsme")


@pytest.mark.parametrize("kind", ["scores", "predictions", "plane"])
def test_a_file_name_is_answered_by_how_to_save(evaluation, kind):
    with pytest.raises(ArgumentError, match=rf'result.plot\("{kind}"\).savefig\("a/scores.PNG"\)'):
        getattr(report, f"plot_{kind}")(evaluation, "a/scores.PNG")


def test_one_evaluation_is_called_by_its_model(make_evaluation):
    evaluation = make_evaluation(["stress"])
    evaluation.info["model"] = "chain"
    names = [text.get_text() for text in plot_scores(evaluation).axes[0].get_yticklabels()]
    assert names[0] == "chain"


def test_numbers_beside_scores_stay_inside_the_panel(evaluation):
    figure = drawn(plot_scores(evaluation))
    for axes in figure.axes:
        edge = axes.get_window_extent().x1
        for text in axes.texts:
            assert text.get_window_extent().x1 < edge - 10, text.get_text()


def test_score_table_against_arithmetic(evaluation):
    table = score_table(evaluation)
    errors = np.arange(5) / 4 + 0.1
    row = table.loc[("valence", "predicted")]
    assert row["value"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert 0 < row["low"] < row["value"] < row["high"]
    assert ("valence", "stimulus_mean") not in table.index


def test_skill_by_subject(evaluation):
    figure = drawn(plot_skill(evaluation))
    skill = skill_by_subject(evaluation)
    better = int((skill["valence"] > 0).sum())
    assert titles(figure)[0] == f"valence: better for {better} of 5"
    assert figure.axes[0].get_xlabel() == "skill against scale midpoint"
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names == ["s0", "s1", "s2", "s3", "s4"]
    truth = evaluation.predictions.query("subject == 's1'")["valence"]
    expected = 1 - 0.35 / np.sqrt(((truth - 5) ** 2).mean())
    assert skill.loc["s1", "valence"] == pytest.approx(expected)


def test_hopeless_skill_stays_in_the_picture(make_evaluation):
    evaluation = make_evaluation(["stress"])
    evaluation.predictions.loc[evaluation.predictions["subject"] == "s4", "stress_predicted"] = 99.0
    figure = drawn(plot_skill(evaluation))
    assert figure.axes[0].get_xlim()[0] > -1.5
    assert float(figure.axes[0].texts[0].get_text()) < -50
    assert figure.axes[0].get_xlabel().endswith("(axis cut at -1; < lies beyond)")


def test_many_subjects_have_no_names(make_evaluation):
    evaluation = make_evaluation(["stress"], [f"p{k}" for k in range(80)], n_trials=1)
    figure = drawn(plot_skill(evaluation))
    assert figure.axes[0].get_ylabel() == "people"
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 80
    assert figure.get_figheight() < 4


def test_plane(evaluation):
    figure = drawn(plot_plane(evaluation))
    assert titles(figure) == ["all people", "best: s0", "median: s2", "worst: s4"]
    assert figure.axes[0].get_ylabel() == "arousal (1 to 9)"
    assert figure.axes[2].get_xlabel() == "valence (1 to 9)"
    points = figure.axes[0].collections[0].get_offsets()
    assert len(points) == len(plane_points(evaluation, ["valence", "arousal"], "time"))


def test_plane_points_average_trials_where_each_has_one_rating(make_evaluation):
    evaluation = make_evaluation()
    table = evaluation.predictions
    for target in ("valence", "arousal"):
        table[target] = table.groupby(["subject", "trial"])[target].transform("first")
    points = plane_points(evaluation, ["valence", "arousal"])
    assert len(points) == 10
    first = table.query("subject == 's2' and trial == '1'")
    row = points.loc[("s2", "1", 0.0)]
    assert row["valence"] == pytest.approx(first["valence"].iloc[0])
    assert row["arousal_predicted"] == pytest.approx(first["arousal_predicted"].mean())
    with pytest.raises(ArgumentError, match="unknown way to average 'trials'; did you mean"):
        plane_points(evaluation, ["valence", "arousal"], "trials")


def test_plane_needs_both_targets(make_evaluation):
    with pytest.raises(ArgumentError, match=r"no target is called 'valence'.*stress"):
        plot_plane(make_evaluation(["stress"]))


def test_course_lays_trials_end_to_end(evaluation):
    table = course(evaluation, "s0")
    assert (np.diff(table["time"]) > 0).all()
    assert table["time"].iloc[[0, 24]].tolist() == [5.0, 130.0]


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1, {"s0": "best"}),
        (2, {"s0": "best", "s1": "worst"}),
        (3, {"s0": "best", "s1": "median", "s2": "worst"}),
        (4, {"s0": "best", "s1": "median", "s3": "worst"}),
    ],
)
def test_choose_subjects(make_evaluation, n, expected):
    assert choose_subjects(make_evaluation(subjects=SUBJECTS[:n])) == expected


def test_an_unrated_subject_is_left_out(make_evaluation, evaluation):
    other = make_evaluation()
    mine = other.predictions["subject"] == "s0"
    other.predictions.loc[mine, list(other.targets)] = np.nan
    other.predictions.loc[other.predictions["window"] > 5, "arousal"] = np.nan
    assert list(subject_rmse(other).index) == SUBJECTS[1:]
    assert plane_points(other, ["valence", "arousal"]).notna().all(axis=None)
    for plot in (plot_predictions, plot_scores, plot_skill, plot_plane):
        drawn(plot(other))


def test_drawing_leaves_no_trace(evaluation):
    with mpl.rc_context(mpl.rcParamsDefault):
        plot_scores(evaluation)
        assert {name: mpl.rcParams[name] for name in STYLE} == {
            name: mpl.rcParamsDefault[name] for name in STYLE
        }
    assert plt.get_fignums() == []


KINDS = ["scores", "skill", "predictions", "plane", "ratings", "coverage", "calibration"]
FEWER = {"calibration": {"minutes": (0.0, 0.5)}, "coverage": {"coverages": (0.8,)}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_goes_into_axes_that_are_given(evaluation, kind):
    figure, grid = plt.subplots(1, 2)
    chosen = {"subjects": ["s1"]} if kind in {"predictions", "plane"} else {}
    one = {} if kind == "plane" else {"targets": "arousal"}
    own = [grid[0], grid[1]] if kind == "plane" else grid[1]
    drawn = evaluation.plot(kind, ax=own, **one, **chosen, **FEWER.get(kind, {}))
    assert drawn is figure
    assert figure.axes == list(grid), "nothing is added to somebody's figure"
    assert grid[1].has_data()
    assert grid[0].has_data() == (kind == "plane")
    figure.canvas.draw()
    plt.close(figure)


@pytest.mark.parametrize("kind", KINDS)
def test_axes_must_be_as_many_as_panels(evaluation, kind):
    figure, grid = plt.subplots(1, 2)
    five = [*grid, *grid, grid[0]]
    with pytest.raises(ArgumentError, match=r"ax must be \d+ matplotlib Axes, one a panel, got 5"):
        evaluation.plot(kind, ax=five, **FEWER.get(kind, {}))
    plt.close(figure)


def test_an_unknown_target_of_a_picture(evaluation):
    with pytest.raises(ArgumentError, match="arousal"):
        evaluation.plot("skill", targets=["arosal"])


def test_text_of_saved_pictures_is_text(evaluation, tmp_path):
    figure = evaluation.plot("scores", targets="arousal")
    figure.savefig(tmp_path / "scores.svg")
    figure.savefig(tmp_path / "scores.pdf")
    assert ">training mean</text>" in (tmp_path / "scores.svg").read_text(encoding="utf-8")
    assert b"/FontType 42" in (tmp_path / "scores.pdf").read_bytes() or (
        b"/Subtype /CIDFontType2" in (tmp_path / "scores.pdf").read_bytes()
    )
    assert mpl.rcParams["svg.fonttype"] == mpl.rcParamsDefault["svg.fonttype"]


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_as_many_targets_are_as_wide(evaluation, kind):
    width = evaluation.plot(kind, **FEWER.get(kind, {})).get_figwidth()
    assert width == pytest.approx(8.2 if kind == "plane" else 10.2)


@pytest.mark.parametrize("names", [("Valenz", "Erregung"), ("SAM_Valence", "SAM_Arousal")])
def test_the_plane_finds_its_targets_by_their_meaning(make_evaluation, names):
    evaluation = make_evaluation(targets=(*names, "stress"))
    lowest = evaluation.plot("plane").axes[2]
    assert lowest.get_xlabel().startswith(names[0])
    assert lowest.get_ylabel().startswith(names[1])


def test_bars_of_ratings_stand_on_the_steps_of_their_scale(make_evaluation):
    """A nine-point scale has nine bars, each around its number."""
    evaluation = make_evaluation(targets=("valence",))
    table = evaluation.predictions
    table["valence"] = np.resize(np.arange(1.0, 10.0), len(table))
    bars = histogram(evaluation, "valence")
    assert bars["from"].tolist() == [step - 0.5 for step in range(1, 10)]
    assert bars["to"].iloc[-1] == 9.5
    assert bars["valence"].sum() == pytest.approx(1)
    table["valence"] += 0.1
    table["valence"] = table["valence"].clip(1, 9)
    assert len(histogram(evaluation, "valence")) == 16
