"""With many people pictures show distributions: what is drawn does not grow with the people."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import Evaluation, per_trial, smoothed
from physio_vad.report.people_plots import LOWEST_SKILL
from physio_vad.report.tables import course, courses, plane_points, skill_by_subject


def made(n_people, n_windows=24, n_trials=2):
    """Two targets; every tenth person is predicted badly."""
    rng = np.random.default_rng(0)
    n = n_people * n_trials * n_windows
    person = np.repeat(np.arange(n_people), n_trials * n_windows)
    window = np.tile(np.arange(n_windows), n_people * n_trials)
    table = {
        "subject": np.array([f"S{one:03d}" for one in person], dtype=object),
        "trial": np.tile(np.repeat(["b", "a"], n_windows), n_people),
        "window": window,
        "start": window * 10.0,
        "stop": window * 10.0 + 10.0,
        "stimulus": None,
        "fold": person,
    }
    for target in ("valence", "arousal"):
        table[target] = rng.normal(5, 1, n)
        noise = rng.normal(size=n) * np.where(person % 10 == 0, 4.0, 0.4)
        table[f"{target}_predicted"] = table[target] + noise
        table[f"{target}_training_mean"] = 5.0
    names = ["valence", "arousal"]
    info = {
        "targets": names,
        "metrics": ["rmse", "r"],
        "baselines": ["training_mean"],
        "scale": {name: [1, 9] for name in names},
        "cv": "leave-one-subject-out",
        "new_people": True,
    }
    return Evaluation(pd.DataFrame(table), info)


@pytest.fixture(scope="module", name="many")
def fixture_many():
    return made(70)


def n_drawn(figure):
    """Count what is drawn: lines, patches, collections and texts."""
    return sum(len([*one.lines, *one.patches, *one.collections, *one.texts]) for one in figure.axes)


@pytest.mark.parametrize("picture", ["skill", "coverage", "calibration"])
def test_pictures_do_not_grow_with_people(many, picture):
    assert abs(n_drawn(many.plot(picture)) - n_drawn(made(140).plot(picture))) <= 12
    assert n_drawn(many.plot(picture)) < 2 * 70


def test_skill_of_many_is_a_histogram_of_all(many):
    skill = skill_by_subject(many)
    for axes, target in zip(many.plot("skill").axes, many.targets, strict=True):
        bars = [(one.get_x(), one.get_width(), one.get_height()) for one in axes.patches]
        assert sum(height for _, _, height in bars) == 70
        below = sum(height for x, width, height in bars if x + width / 2 < 0)
        assert below == (skill[target] < 0).sum() == 7
        assert min(x for x, _, height in bars if height) >= LOWEST_SKILL - 0.2
        (median,) = [one for one in axes.lines if one.get_linestyle() == ":"]
        assert median.get_xdata()[0] == np.median(skill[target])


def test_coverage_of_many_runs_from_the_lowest_to_the_highest(many):
    people = many.plot("coverage").axes[0].lines[0].get_ydata()
    assert len(people) == 70
    assert (np.diff(people) >= 0).all()


def test_of_many_points_some_are_drawn_and_the_title_says_so(many):
    figure = many.plot("plane")
    n_points, every = len(plane_points(many, ["valence", "arousal"])), 2
    assert n_points == 70 * 2 * 8
    assert figure.axes[0].get_title(loc="left") == f"all people, one point of {every}"
    assert len(figure.axes[0].collections[0].get_offsets()) == n_points // every


def test_courses_of_all_people_are_those_of_each(many):
    table = many.predictions.sample(frac=1, random_state=0)  # no order is taken for granted
    mixed = many.with_predictions(table, level="window")
    every = courses(mixed.predictions)
    for subject, one in every.groupby("subject", sort=False):
        alone = course(mixed, subject)
        pd.testing.assert_frame_equal(one.drop(columns="subject").reset_index(drop=True), alone)
        order = alone["trial"].unique()
        first, second = (alone[alone["trial"] == name] for name in order)
        np.testing.assert_array_equal(first["time"], np.arange(24) * 10.0 + 5.0)
        np.testing.assert_array_equal(second["time"], np.arange(24) * 10.0 + 245.0)


def test_smoothing_knows_no_other_trial(many):
    rows = many.predictions.sample(frac=1, random_state=0)
    found = smoothed(many.with_predictions(rows, level="window"), 20.0).predictions
    for person, trial in [("S000", "a"), ("S000", "b"), ("S033", "b")]:
        name = f"subject == '{person}' and trial == '{trial}'"
        given, smooth = (
            table.query(name).sort_values("window")["valence_predicted"].to_numpy()
            for table in (many.predictions, found)
        )
        wanted = np.append(given[:1], (given[1:] + given[:-1]) / 2)
        np.testing.assert_allclose(smooth, wanted, atol=1e-12)
    assert len(per_trial(many).predictions) == 140


def test_moments_of_people_are_computed_once(many):
    assert many.by_subject("valence") is many.by_subject("valence")
    assert many.left_out("valence") is many.left_out("valence")
    assert many.left_out("valence") is not many.left_out("valence", "training_mean")
