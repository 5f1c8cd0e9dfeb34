"""The pictures and the report of a result."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from physio_vad import report
from physio_vad.evaluation import calibrate, conformal_intervals
from physio_vad.exceptions import ArgumentError


@pytest.mark.parametrize(
    ("kind", "options", "function"),
    [
        ("scores", {"metric": "ccc"}, lambda one: report.plot_scores(one, "ccc")),
        ("skill", {}, report.plot_skill),
        (
            "predictions",
            {"subjects": ["s1"]},
            lambda one: report.plot_predictions(one, ["s1"]),
        ),
        (
            "plane",
            {"x": "arousal", "y": "valence"},
            lambda one: report.plot_plane(one, "arousal", "valence"),
        ),
        ("ratings", {}, report.plot_ratings),
        (
            "coverage",
            {"coverages": [0.5]},
            lambda one: report.plot_coverage([conformal_intervals(one, 0.5)]),
        ),
        (
            "calibration",
            {"minutes": [0, 1]},
            lambda one: report.plot_calibration(calibrate(one, [0, 1])),
        ),
    ],
)
def test_plot_draws_what_the_function_draws(evaluation, kind, options, function) -> None:
    mine, other = evaluation.plot(kind, **options), function(evaluation)
    assert isinstance(mine, Figure)
    assert len(mine.axes) == len(other.axes)
    for one, two in zip(mine.axes, other.axes, strict=True):
        assert (one.get_title(loc="left"), one.get_xlabel()) == (
            two.get_title(loc="left"),
            two.get_xlabel(),
        )
        for line, twin in zip(one.lines, two.lines, strict=True):
            np.testing.assert_array_equal(line.get_xydata(), twin.get_xydata())


def test_an_unknown_picture_is_named(evaluation):
    with pytest.raises(ArgumentError, match="unknown picture 'skil'; did you mean 'skill'"):
        evaluation.plot("skil")


def test_the_report_is_one_call_away(make_evaluation, tmp_path, parse) -> None:
    evaluation = make_evaluation(["stress"], ["a", "b", "c"])
    options = {"name": "mine", "title": "My study", "subjects": ["c"]}
    path = evaluation.to_html(tmp_path / "a.html", **options)
    twin = report.write_report(evaluation, tmp_path / "b.html", **options)
    assert path.read_bytes() == twin.read_bytes()
    page = parse(path.read_text(encoding="utf-8"))
    assert "Drawn are c (mean RMSE 0.60)." in page.texts["p"]
    assert list(page.tables["The people drawn"].index) == ["c, stress"]
