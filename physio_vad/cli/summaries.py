"""What a command says about its results, and the table of predictions it saves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from physio_vad.atomic import replacing
from physio_vad.cli.printing import comparison_table, out, say
from physio_vad.evaluation import Evaluation, ModelComparison, baseline_text
from physio_vad.evaluation.next_steps import next_steps, without_skill
from physio_vad.evaluation.within import within_sentence
from physio_vad.features.quality import describe_table
from physio_vad.intervals import LEAST_PEOPLE
from physio_vad.report.document import written
from physio_vad.study import steps as study

_FEW_PEOPLE = 6
"""With fewer, an interval over people is wide."""


def say_study(
    tables: study.StudyTables, summary: pd.DataFrame, evaluations: Mapping[str, Evaluation]
) -> None:
    """Print how much there is, scores beside baselines, findings, and what to do next."""
    say_table(tables)
    out.print("\nOut-of-fold predictions of people never seen, beside the baselines:")
    out.print(comparison_table(summary))
    out.print("[dim]skill = 1 - RMSE / RMSE of the best baseline; interval over people[/dim]")
    rated = min(tables.y[name].dropna().index.unique("subject").size for name in tables.y)
    if rated < _FEW_PEOPLE:
        out.print(
            f"[dim]a target is rated by {rated} people only: intervals over so few are wide, and "
            f"with fewer than {LEAST_PEOPLE} there is none[/dim]"
        )
    names = dict.fromkeys(str(name) for name in summary.index.get_level_values("what"))
    for name in (one.removeprefix("baseline: ") for one in names if one.startswith("baseline: ")):
        say(f"{name.replace('_', ' ')}: {baseline_text(name)}", style="dim")
    for name, evaluation in evaluations.items():
        for target in evaluation.targets:
            say(f"{name}: {within_sentence(evaluation, target)}")
        _say_live(name, evaluation)
    _say_findings(evaluations)
    steps = next_steps(evaluations)
    if steps:
        say(
            f"\nNo model is better than its baselines for {', '.join(without_skill(evaluations))}. "
            "What to look at, in this order:"
        )
    for number, step in enumerate(steps, start=1):
        say(f"{number}. {step}")


def _say_live(name: str, evaluation: Evaluation) -> None:
    """Say what is scored as live, and put the skill from whole recordings beside."""
    live = evaluation.info.get("live")
    if not live:
        return
    scored = live["delays"][0]["delay"]
    say(f"{name}: test rows are those of a stream with a delay of {scored:g} s; skill by delay:")
    for target, whole in live["whole"].items():
        skills = {f"{one['delay']:g} s": one["scores"][target]["skill"] for one in live["delays"]}
        skills["from whole recordings"] = whole["skill"]
        told = ", ".join(f"{what} {written(skill)}" for what, skill in skills.items())
        say(f"  {target}: {told}")


def _say_findings(evaluations: Mapping[str, Evaluation]) -> None:
    """Print what the checks saw, once where it is the same for all models."""
    first: dict[str, str] = {}
    for name, evaluation in evaluations.items():
        for finding in evaluation.findings:
            first.setdefault(str(finding), name)
    for text, name in first.items():
        say(f"{name}: {text}")


def say_comparison(
    tables: study.StudyTables, summary: pd.DataFrame, comparison: ModelComparison
) -> None:
    """Print the scores of several models, what they cost, and who is better."""
    say_study(tables, summary, comparison.evaluations)
    out.print("\nSeconds to fit, to predict a fold and to predict one row:")
    for name, cost in comparison.costs.iterrows():
        say(f" {name}: {cost['fit']:.2f}, {cost['predict']:.3f}, {cost['predict_one']:.4f}")
    say(f"\n{comparison.verdict()}")


def say_table(tables: study.StudyTables) -> None:
    """Print how much a feature table holds."""
    for line in describe_table(tables.X, tables.y, tables.recipe.modalities()):
        say(line)
    if tables.note:
        say(tables.note)


def say_files(folder: Path) -> None:
    """Print the names of the files in a folder."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    say(f"\nIn {folder}: {', '.join(names)}")


def save_predictions(predicted: pd.DataFrame, path: Path) -> None:
    """Write predictions as Parquet or CSV, by the name of the file."""
    with replacing(path) as temporary:
        if path.suffix == ".parquet":
            predicted.to_parquet(temporary)
        else:
            predicted.to_csv(temporary)
