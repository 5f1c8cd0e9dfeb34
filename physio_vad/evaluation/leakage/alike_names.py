"""Names that may be of one person: a person on both sides of a split, under two names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding

_MOST_NAMED = 3
_MOST_FILES = 4
"""So many files a person may be; more that begin alike are people of a group."""
_MANY = 3
"""So many names without a number are each cut into files."""


def alike_names(evidence: Evidence) -> Iterator[Finding]:
    """Find people whose names are spelled alike, or of whom one name seems to be cut into files."""
    names = sorted({str(one) for one in evidence.design.rows.subjects})
    found = [*_spelled_alike(names), *_continued(names)]
    if found:
        told = "; ".join(" and ".join(map(repr, one[:_MOST_NAMED])) for one in found[:_MOST_NAMED])
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        yield Finding(
            "warning",
            "alike_names",
            f"names that may be of one person each: {told}{more}",
            "Who stands in the table under two names is tested by a model that knows them.",
            "Give each person one name, in a recipe by files = '{subject}_{trial}.csv' or a column "
            "of subjects; where they are different people, all is well.",
        )


def _spelled_alike(names: Sequence[str]) -> list[list[str]]:
    """Group names that differ in case, leading zeros, or what stands between letters and digits."""
    groups: dict[str, list[str]] = {}
    for name in names:
        plain = re.sub(r"(?<=[^\W\d_])[\W_]+(?=\d)", "", name.strip().casefold())
        plain = re.sub(r"\d+", lambda one: one[0].lstrip("0") or "0", plain)
        groups.setdefault(plain, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _continued(names: Sequence[str]) -> list[list[str]]:
    """Group the names of few files each that begin alike: S05_1 and S05_2, or anna_1 and anna_2.

    Names without a number before the last part are as often those of groups (``male_1``), so there
    must be several of them. Where many begin alike, that is the name of a group.
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        stem = re.split(r"[ _.-](?=[^ _.-]*$)", name, maxsplit=1)[0]
        groups.setdefault(stem, []).append(name)
    several = {stem: group for stem, group in groups.items() if len(group) > 1}
    if max(map(len, groups.values())) > _MOST_FILES:
        return []
    if len(several) >= _MANY:
        return list(several.values())
    return [group for stem, group in several.items() if re.search(r"\d", stem)]
