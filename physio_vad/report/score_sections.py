"""The sections that every report has, in the order in which they are read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from physio_vad.evaluation import CHECKS, Evaluation, baseline_text
from physio_vad.evaluation.next_steps import next_steps, without_skill
from physio_vad.evaluation.paper import begun
from physio_vad.evaluation.within import within_sentence
from physio_vad.intervals import LEAST_PEOPLE
from physio_vad.metrics import METRICS
from physio_vad.recording.roles import target_of
from physio_vad.report.document import Picture, Section, Table, written
from physio_vad.report.panel_plots import plot_ratings
from physio_vad.report.people_plots import plot_skill
from physio_vad.report.plane_plot import PLANE, drawn_in_part, plot_plane
from physio_vad.report.score_plots import plot_predictions, plot_scores
from physio_vad.report.style import MANY_PEOPLE, readable
from physio_vad.report.tables import (
    MODEL,
    check_subjects,
    course,
    histogram,
    plane_points,
    score_table,
    skill_by_subject,
    subject_rmse,
)

HEAD = "rmse"
"""The metric that is drawn; it is the one by which skill is defined."""


def verdicts(evaluation: Evaluation, level: float = 0.95) -> list[str]:
    """Say for each target whether the model beats the best baseline, and follows it within people.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    list of str
        Sensors that gave no signal; then two sentences a target.
    """
    best, bounds = evaluation.best_baselines, evaluation.skill_interval(level)
    said = [f"{one.seen}." for one in evaluation.findings if one.check == "unusable_sensor"]
    for target in evaluation.targets:
        low, high = bounds.loc[[target]].to_numpy()[0]
        if low > 0:
            word = "seems better, by a leak, than" if evaluation.leaky else "is better than"
        elif high < 0:
            word = "is worse than"
        else:
            word = "is not shown to differ from"
        said.append(
            f"{begun(readable(target))}: the model {word} the best baseline "
            f"({readable(best[target])}); skill {written(evaluation.skill[target])}, "
            + (
                f"{level:.0%} interval {written(low)} to {written(high)}. "
                if np.isfinite(low)
                else f"no interval (that takes {LEAST_PEOPLE} people). "
            )
            + within_sentence(evaluation, target, level)
        )
    return said


def how_section(evaluation: Evaluation) -> Section:
    """Say what was done: people, windows, folds, model."""
    info, table = evaluation.info, evaluation.predictions
    by_window = info.get("level") != "trial"
    window = (info.get("window") or {}) if by_window else {}
    rows = {
        "Split": info["cv"],
        "Folds": info.get("n_folds", table["fold"].nunique()),
        "People": len(evaluation.subjects),
        "Trials": len(table[["subject", "trial"]].drop_duplicates()),
        "Windows": len(table[["subject", "trial", "window"]].drop_duplicates())
        if by_window
        else None,
        "Window": f"{window['length']:g} s every {window['step']:g} s" if window else None,
        "Features": info.get("n_features"),
        "Seeds": _seeds(info),
    }
    versions = info.get("versions") or {}
    rows["Versions"] = ", ".join(f"{name} {one}" for name, one in versions.items()) or None
    cells = [
        (name, value if isinstance(value, str) else written(value)) for name, value in rows.items()
    ]
    texts = ["Every score is of predictions for rows that the model was not fitted on."]
    if "pipeline" in info:
        unused = r"\('\w+', 'passthrough'\),?\s*"
        cells.append(("Pipeline", " ".join(re.sub(unused, "", info["pipeline"]).split())))
    tables = [Table("Set-up", ["what", "value"], cells), *_live_tables(info)]
    if info.get("live"):
        texts.append(
            "The test rows were computed as a stream computes them, with "
            f"{_delay(info['live']['delays'][0])} of signal after each window: the scores are "
            "those of the application."
        )
    if "recipe" in info:
        settings = [
            (f"{part} {readable(name)}", json.dumps(value, ensure_ascii=False))
            for part, table in info["recipe"].items()
            for name, value in table.items()
        ]
        tables.append(Table("Recipe", ["setting", "value"], settings, folded=True))
    return Section("What was done", texts, tables)


def _live_tables(info: Mapping[str, Any]) -> list[Table]:
    """Put scores by delay beside those from whole recordings, and say how far features move."""
    live = info.get("live")
    if not live:
        return []
    delays = {_delay(one): one for one in live["delays"]}
    scores = {name: one["scores"] for name, one in delays.items()} | {"whole": live["whole"]}
    titles = {name: f"live, delay {name}" for name in delays} | {"whole": "whole recordings"}
    rows = [
        (target, titles[name], written(one[target]["rmse_subject"]), written(one[target]["skill"]))
        for target in live["whole"]
        for name, one in scores.items()
    ]
    sensors = next(iter(delays.values()))["movement"]
    moved, most = (
        [
            (name, *(written(one["movement"][name][what], 4) for one in delays.values()))
            for name in sensors
        ]
        for what in ("q95", "largest")
    )
    heads = ["sensor", *(f"delay {name}" for name in delays)]
    return [
        Table(
            "Live and from whole recordings",
            ["target", "rows", "RMSE (mean of people)", "skill"],
            rows,
        ),
        Table("How far 95 % of the features move at most, as a share of their range", heads, moved),
        Table("How far any feature moves at most", heads, most, folded=True),
    ]


def _delay(live: Mapping[str, Any]) -> str:
    """Write a delay; rows of other origin than `live_features` have none."""
    return f"{live['delay']:g} s" if "delay" in live else "unknown"


def _seeds(info: Mapping[str, Any]) -> str | None:
    seeds = {"split": info.get("random_state"), **(info.get("seeds") or {})}
    named = [
        f"{readable(name.replace('__', ' '))} {seed}"
        for name, seed in seeds.items()
        if seed is not None
    ]
    return ", ".join(named) or None


def leak_section(evaluation: Evaluation) -> Section:
    """List what the leak checks saw."""
    findings = evaluation.findings
    if not findings:
        names = ", ".join(readable(name) for name in CHECKS)
        return Section("Leak checks", [f"No leak check has a finding. Looked for: {names}."])
    text = (
        "An error makes the scores too good: they must not be quoted. A warning says how they can "
        "be read wrongly, a note what is missing beside them."
    )
    rows = [
        (f"{one.level}: {readable(one.check)}", f"{one.seen}. {one.meaning} {one.remedy}")
        for one in findings
    ]
    heads = ["finding", "what was seen, what it means, what to do"]
    return Section("Leak checks", [text], [Table("Findings, errors first", heads, rows)])


def next_steps_section(evaluations: Mapping[str, Evaluation]) -> Section | None:
    """List what to look at where no model is better than its baselines."""
    steps = next_steps(evaluations)
    names = ", ".join(readable(target) for target in without_skill(evaluations))
    title = f"No model is better than its baselines for {names}: what now?"
    rows = [(str(number), step) for number, step in enumerate(steps, start=1)]
    if not steps:
        return None
    return Section(title, [], [Table("In this order", ["step", "look at"], rows)])


def ratings_section(evaluation: Evaluation) -> Section:
    """Describe the ratings, and how many are missing."""
    rows = {}
    for target in evaluation.targets:
        values = evaluation.predictions[target]
        spread = values.groupby(evaluation.predictions["subject"]).mean()
        scale = evaluation.info["scale"].get(target)
        rows[readable(target)] = {
            "scale": "not declared"
            if scale is None
            else _unbroken(f"{scale[0]:g} to {scale[1]:g}"),
            "mean": values.mean(),
            "SD": values.std(ddof=0),
            "SD of people's means": spread.std(ddof=0),
            "lowest": values.min(),
            "highest": values.max(),
            "windows rated": int(values.notna().sum()),
            "windows not rated": int(values.isna().sum()),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("target")
    said = "; ".join(
        f"{name}: mean {written(row['mean'])}, SD {written(row['SD'])}"
        for name, row in rows.items()
    )
    picture = Picture(
        plot_ratings(evaluation),
        f"Histogram of ratings and predictions. Ratings of {said}.",
        "Grey: ratings; blue line: predictions of the same windows.",
    )
    tables = [
        Table.of(frame, "Ratings of the scored windows, on their scale"),
        Table.of(_shares(evaluation), "Percent of windows by rating", digits=1, folded=True),
    ]
    return Section("Ratings", [], tables, [picture])


def _shares(evaluation: Evaluation) -> pd.DataFrame:
    """Write the histogram out."""
    parts = {}
    for target in evaluation.targets:
        table = histogram(evaluation, target)
        bins = [f"{low:.4g} to {high:.4g}" for low, high in table[["from", "to"]].to_numpy()]
        named = {target: "ratings", f"{target}_{MODEL}": "predictions"}
        parts[readable(target)] = (100 * table[list(named)].rename(columns=named)).set_axis(bins)
    return pd.concat(parts, names=["target", "from - to"])


def score_section(evaluations: Mapping[str, Evaluation]) -> Section:
    """Put the models beside the baselines."""
    first = next(iter(evaluations.values()))
    scores = {
        METRICS[metric].shown: _scores(evaluations, metric) for metric in first.info["metrics"]
    }
    tables = [
        Table.of(
            pd.DataFrame({name: table[target] for name, table in scores.items()}),
            f"{begun(readable(target))}: pooled scores",
        )
        for target in first.targets
    ]
    meaning = [(METRICS[name].shown, METRICS[name].text) for name in first.info["metrics"]]
    tables.append(Table("What the metrics mean", ["metric", "meaning"], meaning, folded=True))
    told = [(readable(name), baseline_text(name)) for name in first.info["baselines"]]
    tables.append(Table("What each baseline predicts", ["baseline", "prediction"], told))
    text = (
        "Pooled over all windows; in brackets 95% intervals over people. A number means "
        "something only beside its baselines: what answers without looking at any signal."
    )
    if first.info.get("new_people") and "training_mean" in first.info["baselines"]:
        text += (
            " The r of the training mean is below 0 by itself: who rates high is left out of the "
            "mean that is answered for that person."
        )
    best = first.best_baselines
    alt = "; ".join(
        f"{readable(target)}: "
        + ", ".join(f"{name} {written(_rmse(one, target))}" for name, one in evaluations.items())
        + f", best baseline {readable(best[target])} {written(_rmse(first, target, best[target]))}"
        for target in first.targets
    )
    picture = Picture(
        plot_scores(evaluations, HEAD),
        f"Root mean squared error of models and baselines. {alt}.",
        "Dots are pooled errors, lines their intervals over people; the dashed line is the best "
        "baseline.",
    )
    return Section("Scores beside baselines", [text], tables, [picture])


def _rmse(evaluation: Evaluation, target: str, answer: str = MODEL) -> float:
    return float(
        METRICS[HEAD](*evaluation.predictions[[target, f"{target}_{answer}"]].to_numpy().T)
    )


def _scores(evaluations: Mapping[str, Evaluation], metric: str) -> pd.DataFrame:
    """Write scores with intervals: a row for each model and baseline, a column for each target."""
    tables = {name: score_table(one, metric) for name, one in evaluations.items()}
    texts = {
        name: pd.Series([_with_interval(*row) for row in table.to_numpy()], table.index).unstack(0)
        for name, table in tables.items()
    }
    models = pd.DataFrame({name: text.loc[MODEL] for name, text in texts.items()}).T
    first = next(iter(evaluations))
    order = [name for name in evaluations[first].info["baselines"] if name in texts[first].index]
    table = pd.concat([models, texts[first].loc[order]]).fillna("does not apply")
    return table.rename_axis("predicted by")


def _with_interval(value: float, low: float, high: float) -> str:
    return f"{written(value)} " + _unbroken(f"({written(low)} to {written(high)})")


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def people_section(evaluation: Evaluation) -> Section:
    """Show whom the model helps."""
    skill = skill_by_subject(evaluation)
    counts = ", ".join(
        f"{readable(target)} for {int((skill[target] > 0).sum())} of {skill[target].notna().sum()}"
        for target in evaluation.targets
    )
    text = (
        f"The model is better than the best baseline for {counts} people. Skill is 1 - RMSE / RMSE "
        "of the best baseline: 1 is perfect, 0 is no better than the baseline."
    )
    table = Table.of(skill, "Skill of each person, best mean first", folded=True)
    picture = Picture(
        plot_skill(evaluation),
        f"Skill of each person. Better than the baseline: {counts}.",
        "Right of the line the model is better for this person, left of it the baseline is."
        + (" Dotted: the median person." if len(skill) > MANY_PEOPLE else ""),
    )
    return Section("Skill by person", [text], [table], [picture])


def course_section(evaluation: Evaluation, subjects: Sequence[str] | None = None) -> Section:
    """Show predictions over time for some people, or for the best, the median and the worst."""
    chosen, rmse = check_subjects(evaluation, subjects), subject_rmse(evaluation)
    named = ", ".join(
        f"{subject} ({place + ', ' if place else ''}mean RMSE {written(rmse.loc[subject].mean())})"
        for subject, place in chosen.items()
    )
    rows = []
    for subject in chosen:
        table = course(evaluation, subject)
        for target in evaluation.targets:
            truth, given = table[target], table[f"{target}_{MODEL}"]
            r = float(METRICS["r"](truth, given))
            numbers = (truth.mean(), given.mean(), truth.std(ddof=0), given.std(ddof=0), r)
            rows.append((f"{subject}, {readable(target)}", *map(written, numbers)))
    heads = ["person, target", "mean rating", "mean prediction", "SD of ratings"]
    heads += ["SD of predictions", "r"]
    picture = Picture(
        plot_predictions(evaluation, subjects),
        f"Rating and prediction over time for {named}.",
        "Thick: rating; blue: prediction by a model fitted on other rows; dashed: mean of the "
        "training rows. Thin vertical lines part trials.",
    )
    tables = [Table("The people drawn", heads, rows, folded=True)]
    return Section("Predictions over time", [f"Drawn are {named}."], tables, [picture])


def plane_section(evaluation: Evaluation, subjects: Sequence[str] | None = None) -> Section | None:
    """Show the plane of valence and arousal, where targets are called so, in whatever language."""
    x, y = (target_of(role, evaluation.targets) for role in PLANE)
    if x is None or y is None:
        return None
    points = plane_points(evaluation, [x, y])
    every = drawn_in_part(len(points))
    spread = {
        readable(target): {
            "SD of ratings": points[target].std(ddof=0),
            "SD of predictions": points[f"{target}_{MODEL}"].std(ddof=0),
        }
        for target in (x, y)
    }
    frame = pd.DataFrame.from_dict(spread, orient="index").rename_axis("target")
    text = (
        "A cautious model keeps to the middle: predictions that spread far less than the ratings "
        "say little about where a person is."
    )
    picture = Picture(
        plot_plane(evaluation, subjects=subjects),
        f"{begun(readable(x))} and {readable(y)} of {len(points)} stretches, rating and "
        "prediction" + (f"; of all people one of {every} is drawn." if every > 1 else "."),
        "Each line leads from a rating to its prediction.",
    )
    return Section(
        "Valence-arousal plane", [text], [Table.of(frame, "Spread of the points drawn")], [picture]
    )
