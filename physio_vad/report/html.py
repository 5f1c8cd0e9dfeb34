"""The report as one HTML file that needs no network."""

from __future__ import annotations

import base64
import datetime
import io
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from physio_vad.atomic import replacing
from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import ArgumentError
from physio_vad.explain import Explanation
from physio_vad.registry import Registry
from physio_vad.report.comparison_section import comparison_section
from physio_vad.report.document import Picture, Section
from physio_vad.report.explain_sections import explain_sections
from physio_vad.report.high_low_section import high_low_section
from physio_vad.report.new_person_sections import (
    cost_section,
    interval_section,
    level_section,
    minutes_section,
)
from physio_vad.report.score_sections import (
    course_section,
    how_section,
    leak_section,
    next_steps_section,
    people_section,
    plane_section,
    ratings_section,
    score_section,
    verdicts,
)
from physio_vad.report.style import STYLE
from physio_vad.visible import visible


@dataclass(frozen=True)
class Reported:
    """What a section of the report is made of.

    Parameters
    ----------
    evaluation : Evaluation
        The first model's.
    evaluations : mapping of str to Evaluation
        All models' by name, the first one's among them.
    subjects : sequence of str or None
        Whose predictions are drawn; None for the best, the median and the worst person.
    explanation : Explanation or None
        What `explain` found.
    """

    evaluation: Evaluation
    evaluations: Mapping[str, Evaluation]
    subjects: Sequence[str] | None = None
    explanation: Explanation | None = None


SECTIONS: Registry[Callable[[Reported], Sequence[Section]]] = Registry(
    "section",
    __name__,
    {
        "how": lambda it: some(how_section(it.evaluation)),
        "leaks": lambda it: some(leak_section(it.evaluation)),
        "scores": lambda it: some(score_section(it.evaluations)),
        "comparison": lambda it: some(comparison_section(it.evaluations)),
        "high_low": lambda it: some(high_low_section(it.evaluation)),
        "next_steps": lambda it: some(next_steps_section(it.evaluations)),
        "people": lambda it: some(people_section(it.evaluation)),
        "courses": lambda it: some(course_section(it.evaluation, it.subjects)),
        "plane": lambda it: some(plane_section(it.evaluation, it.subjects)),
        "ratings": lambda it: some(ratings_section(it.evaluation)),
        "intervals": lambda it: some(interval_section(it.evaluation)),
        "minutes": lambda it: some(minutes_section(it.evaluation)),
        "levels": lambda it: some(level_section(it.evaluation)),
        "explanation": lambda it: (
            [] if it.explanation is None else explain_sections(it.explanation)
        ),
    },
)
"""The sections of the report in their order. A new one is one line: from `Reported` to sections."""


def some(section: Section | None) -> list[Section]:
    """Make a list of a section that may not be there."""
    return [] if section is None else [section]


def write_report(
    evaluation: Evaluation,
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    others: Mapping[str, Evaluation] | None = None,
    subjects: Sequence[str] | None = None,
    explanation: Explanation | None = None,
    extra: Sequence[Section] = (),
    title: str = "Evaluation report",
    study: str = "",
    date: datetime.date | None = None,
) -> Path:
    """Write what a person should read about an evaluation.

    Parameters
    ----------
    evaluation : Evaluation
        The result; every number in the report is computed from its predictions.
    path : path
        The HTML file to write: one file, pictures explanation.
    name : str, optional
        What the model is called; by default its name in `MODELS`, or ``"model"``.
    others : mapping of str to Evaluation, optional
        Other models on the same rows, shown beside it in the score table.
    subjects : sequence of str, optional
        Whose predictions are drawn; by default those of the best, the median and the worst person.
    explanation : Explanation, optional
        What `explain` found; adds signals, importance and scores without modalities.
    extra : sequence of Section
        Further sections of your own; only the cost comes after them.
    title : str
        Title of the report.
    study : str
        Name of the study, which stands above the title; none by default.
    date : date, optional
        Date that stands below the title; today by default.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ArgumentError
        If `others` have other targets, the name of a model or section stands twice, or there is
        no such subject.
    """
    name = evaluation.info.get("model", "model") if name is None else name
    if name in (others or {}):
        raise ArgumentError(f"the name {name!r} stands twice; call the first model another name=")
    evaluations = {name: evaluation, **(others or {})}
    if len({one.targets for one in evaluations.values()}) > 1:
        raise ArgumentError("a report needs evaluations of the same targets")
    reported = Reported(evaluation, evaluations, subjects, explanation)
    sections = [section for make in SECTIONS.values() for section in make(reported)]
    page = render(
        [*sections, *extra, *some(cost_section(evaluation))],
        title=title,
        verdicts=[*_which(list(evaluations)), *verdicts(evaluation)],
        alarm=evaluation.leaky,
        study=study,
        below=f"{date or datetime.date.today()}, {_counts(evaluation)}",
    )
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def _which(names: Sequence[str]) -> list[str]:
    """Say which of several models the report is about."""
    first, *others = names
    if not others:
        return []
    return [f"This report is about {first}; its scores stand beside those of {', '.join(others)}."]


def _counts(evaluation: Evaluation) -> str:
    people, rows = len(evaluation.subjects), len(evaluation.predictions)
    return f"{people} people, {rows} predictions, {evaluation.info['cv']}"


def render(
    sections: Sequence[Section],
    *,
    title: str,
    verdicts: Sequence[str],
    alarm: bool = False,
    study: str = "",
    below: str = "",
) -> str:
    """Fill the template.

    Parameters
    ----------
    sections : sequence of Section
        Parts of the report.
    title : str
        Title of the page.
    verdicts : sequence of str
        Sentences that stand first.
    alarm : bool
        Whether to say in front of everything that the scores must not be quoted.
    study, below : str
        Lines above and below the title.

    Returns
    -------
    str
        The page.

    Raises
    ------
    ArgumentError
        If a section's title stands twice.
    """
    import jinja2

    from physio_vad import __version__

    anchors = [section.anchor for section in sections]
    doubled = {one for one in anchors if anchors.count(one) > 1}
    if doubled:
        raise ArgumentError(f"each section needs a title of its own, these stand twice: {doubled}")
    template = resources.files("physio_vad.report").joinpath("report.html").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    return environment.from_string(template).render(
        sections=sections,
        title=title,
        verdicts=verdicts,
        alarm=alarm,
        study=study,
        below=below,
        version=__version__,
        source=image_source,
    )


def image_source(picture: Picture) -> str:
    """Draw a picture as the source of an ``img``: SVG without a background.

    Parameters
    ----------
    picture : Picture
        What to draw.

    Returns
    -------
    str
        A data URL, the same for the same picture.
    """
    import matplotlib as mpl

    drawn = io.BytesIO()
    with mpl.rc_context({**STYLE, "svg.hashsalt": "physio_vad"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        picture.figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode("ascii")
