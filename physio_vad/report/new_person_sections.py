"""Sections about people never seen: intervals, labelled minutes, coarser levels, cost."""

from __future__ import annotations

import warnings

import pandas as pd

from physio_vad.evaluation import (
    Evaluation,
    calibrate,
    conformal_intervals,
    per_trial,
    smoothed,
)
from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning
from physio_vad.metrics import METRICS
from physio_vad.report.document import Picture, Section, Table, written
from physio_vad.report.panel_plots import plot_calibration, plot_coverage
from physio_vad.report.style import MANY_PEOPLE, readable

COVERAGES = (0.8, 0.9)
SMOOTHING = 30.0


def interval_section(evaluation: Evaluation) -> Section:
    """Say how wide an interval about a prediction must be, and on whom it holds."""
    title = "Intervals for a new person"
    if not evaluation.info.get("new_people", True):
        return Section(
            title, ["The split has people on both sides: no one is new, so no interval."]
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GroupsWarning)  # the table says what is infinite
            intervals = [conformal_intervals(evaluation, coverage) for coverage in COVERAGES]
    except GroupsError as error:
        return Section(title, [f"Not computed: {error}."])
    text = (
        "An interval of this half-width about a prediction holds a random window of a random new "
        "person at least as often as asked, if that person is like these (conformal, people weigh "
        "the same). It is a mean over people: some lie well below, as many as the table says. "
        "Each person's coverage is that of intervals from the other people's errors."
    )
    rows, said = [], []
    for one in intervals:
        for target, row in one.summary().iterrows():
            rows.append(
                (
                    f"{readable(str(target))}, {one.coverage:.0%}",
                    _half(row["half_width"]),
                    *(_percent(row[name]) for name in ("coverage", "people_below", "worst")),
                )
            )
            said.append(f"{rows[-1][0]}: {rows[-1][2]}")
    heads = ["target, coverage asked", "half-width", "mean coverage"]
    heads += ["people more than 10 points below", "lowest person"]
    shares = pd.DataFrame(
        {
            f"{one.coverage:.0%} asked": one.people.set_index(["subject", "target"])["coverage"]
            for one in intervals
        }
    ).map(_percent)
    many = len(intervals[0].people) > MANY_PEOPLE * len(intervals[0].half_widths)
    picture = Picture(
        plot_coverage(intervals),
        "Share of each person's windows inside the intervals. Mean over people, "
        + "; ".join(said)
        + ".",
        (
            "From the lowest person to the highest"
            if many
            else "A dot is a person, from the lowest to the highest"
        )
        + "; the dashed line is what was asked, the thick one the mean over people.",
    )
    tables = [
        Table("Half-width in the unit of the ratings, and coverage", heads, rows),
        Table.of(shares, "Coverage of each person", folded=True),
    ]
    return Section(title, [text], tables, [picture])


def minutes_section(evaluation: Evaluation) -> Section:
    """Say what a new person's first labelled minutes are worth."""
    title = "Labelled minutes of a new person"
    if not evaluation.info.get("new_people", True):
        return Section(title, ["The split has people on both sides: no one is new."])
    try:
        calibration = calibrate(evaluation)
    except (ArgumentError, GroupsError) as error:
        return Section(title, [f"Not computed: {error}."])
    curve = calibration.curve
    table = curve.reset_index()
    rows = [
        (
            f"{readable(row['target'])}, {row['minutes']:g} min",
            written(row["rmse"], 3),
            _percent(row["ratio"]),
            _percent(row["worse"]),
        )
        for row in table.to_dict("records")
    ]
    last = float(table["minutes"].max())
    said = "; ".join(
        f"{readable(row['target'])} {_percent(row['ratio'])}, worse for "
        f"{_percent(row['worse'])} of people"
        for row in table[table["minutes"] == last].to_dict("records")
    )
    text = (
        "A new person's first labelled minutes set offset and gain of the predictions, trusted as "
        "far as they helped the other people. All lengths are scored on the same rest of the "
        f"session, after {last:g} minutes ({int(curve['people'].min())} people have one)."
    )
    many = int(curve["people"].max()) > MANY_PEOPLE
    people = "Bands: the middle half and 80% of people" if many else "Thin: one person"
    picture = Picture(
        plot_calibration(calibration),
        f"RMSE over the rest of the session after {last:g} labelled minutes, as a share of that "
        f"without: {said}.",
        f"Below 100% the minutes help. {people}; thick: the mean over people.",
    )
    heads = ["target, minutes", "mean RMSE", "mean share of uncalibrated", "people made worse"]
    caption = "RMSE over the rest of the session"
    return Section(title, [text], [Table(caption, heads, rows)], [picture])


def level_section(evaluation: Evaluation) -> Section:
    """Score windows, smoothed windows and trials, each against truth of its own level."""
    levels = {"windows": evaluation}
    if evaluation.predictions["stop"].notna().all():
        levels[f"last {SMOOTHING:g} s"] = smoothed(evaluation, SMOOTHING)
    levels["trials"] = per_trial(evaluation)
    metrics = [name for name in ("rmse", "r", "ccc") if name in evaluation.info["metrics"]]
    rows = []
    for name, one in levels.items():
        summary = one.summary()
        for target, row in summary.iterrows():
            skill = (
                f"{written(row['skill'])} ({written(row['skill_low'])} to "
                f"{written(row['skill_high'])})"
            )
            rows.append(
                (
                    f"{readable(str(target))}, {name}",
                    written(len(one.predictions)),
                    *(written(row[metric]) for metric in metrics),
                    readable(row["baseline"]),
                    skill.replace(" ", "\N{NO-BREAK SPACE}"),
                )
            )
    rows.sort(key=lambda row: [readable(name) for name in evaluation.targets].index(_target(row)))
    heads = ["target, level", "rows", *(METRICS[name].shown for name in metrics), "best baseline"]
    heads += ["skill (95% interval)"]
    text = (
        f"The same predictions by window, as the mean of the last {SMOOTHING:g} s in the trial, "
        "and averaged over trials. Each level has its own truth and its own best baseline: "
        "compare skill, not "
        "errors, between levels."
    )
    return Section("Windows and trials", [text], [Table("Scores by level", heads, rows)])


def cost_section(evaluation: Evaluation) -> Section | None:
    """Say how long it took, where that is known."""
    seconds = evaluation.info.get("seconds")
    if not seconds:
        return None
    rows = [
        ("Fit, mean of a fold", f"{seconds['fit']:.2f} s"),
        ("Predict, mean of a fold", f"{seconds['predict']:.3f} s"),
        ("Fit and predict all folds, as run", f"{seconds['all']:.1f} s"),
    ]
    text = "Wall clock on the computer that made this report, features not included."
    return Section("Cost", [text], [Table("Time", ["step", "seconds"], rows)])


def _target(row: tuple[str, ...]) -> str:
    return row[0].split(", ", maxsplit=1)[0]


def _half(width: float) -> str:
    return "infinite: too few people" if width == float("inf") else written(width)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
