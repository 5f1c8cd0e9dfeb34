"""Every line of a proposed layout loads as it stands, and each comment once it is set."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import pytest

from physio_vad.exceptions import ArgumentError
from physio_vad.io import READERS, Reader
from physio_vad.io.tables.column_roles import Column
from physio_vad.study.layout_text import layout_text
from physio_vad.study.recipe import make_recipe

COMMENT = re.compile(r"^# (\w+) = ", re.MULTILINE)


def usual_and_others():
    made = [one for cls in READERS.values() if cls.name != "table" for one in cls.candidates()]
    columns = {"GSR left": {"modality": "eda", "unit": "uS", "channel": "left"}, "RR": IBI}
    return [*made, READERS["table"](columns=columns, labels={"valence": "Valenz"}, sfreq=4.0)]


IBI = {"modality": "ibi", "unit": "ms", "events": True}


@pytest.mark.parametrize("reader", usual_and_others(), ids=lambda one: one.name)
def test_the_text_makes_the_same_reader_and_each_comment_can_be_set(reader):
    text = layout_text(reader)
    assert loaded(text) == reader
    for option in COMMENT.findall(text):
        made = loaded(re.sub(rf"^# (?={option} = )", "", text, flags=re.MULTILINE))
        value, usual = getattr(made, option), getattr(reader, option)
        unset = usual is None or usual in ((), {})
        assert value if unset else as_lists(value) == as_lists(usual)
    others = [one for one in text.splitlines() if one.startswith("#") and not COMMENT.match(one)]
    assert others == []


def loaded(text):
    return make_recipe(tomllib.loads(text)).reader()


def as_lists(value):
    return list(value) if isinstance(value, tuple) else value


def test_every_option_has_a_line_unless_another_tells_of_it():
    for reader in usual_and_others():
        told = set(re.findall(r"^(?:# )?(\w+) = ", layout_text(reader), re.MULTILINE))
        options = {one.name for one in fields(reader)}
        assert options - told <= {"trial_stop", "trial_length"}, reader.name


@dataclass(frozen=True, kw_only=True)
class OwnReader(Reader):
    """A layout of somebody else, with options that nobody here knows."""

    name: ClassVar[str] = "own"

    needed: str
    folder: Path = Path("a")
    sensors: Mapping[str, Any] = field(default_factory=dict)
    who: str | None = None

    def find(self, path):
        return []

    def read(self, source):
        yield from ()


def test_an_option_without_a_value_or_an_example_is_left_out():
    text = layout_text(OwnReader(needed="x", sensors={"a b": Column("eda", "nS")}))
    assert text.splitlines() == [
        "[layout]",
        'name = "own"',
        'needed = "x"',
        'sensors = { "a b" = { modality = "eda", unit = "nS" } }',
        "",
    ]


def test_what_is_needed_together_is_told_in_one_line():
    text = layout_text(READERS["mne"]())
    assert '# trial_start = "film*"    # ' in text
    with pytest.raises(ArgumentError, match="need trial_start"):
        READERS["mne"](trial_length=60.0)
