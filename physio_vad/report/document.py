"""What a report is made of: sections of words, tables and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from physio_vad.report.style import readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MISSING = "\N{EN DASH}"


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture and the words that stand in for it.

    Parameters
    ----------
    figure : Figure
        What to draw.
    alt : str
        What it shows, for those who cannot see it.
    caption : str
        How to read it.
    """

    figure: Figure
    alt: str
    caption: str


@dataclass(frozen=True, eq=False)
class Table:
    """A table of ready texts.

    Parameters
    ----------
    caption : str
        What the numbers are.
    columns : sequence of str
        Heads, that of the row names first.
    rows : sequence of sequence of str
        Cells; the first of each row is its name.
    folded : bool
        Whether it is shown only when asked for (the numbers of a picture).
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: bool = False

    @classmethod
    def of(
        cls, frame: pd.DataFrame, caption: str, *, digits: int = 2, folded: bool = False
    ) -> Table:
        """Write out a DataFrame.

        Parameters
        ----------
        frame : DataFrame
            Values; the levels of its index together name the rows.
        caption : str
            What the numbers are.
        digits : int
            Digits after the point of numbers that are not whole.
        folded : bool
            Whether it is shown only when asked for.

        Returns
        -------
        Table
            The table.
        """
        head = ", ".join(readable(str(name)) for name in frame.index.names if name) or "row"
        names = [
            ", ".join(map(str, name)) if isinstance(name, tuple) else readable(str(name))
            for name in frame.index
        ]
        columns = [frame[column].tolist() for column in frame.columns]
        rows = [
            (name, *(written(column[row], digits) for column in columns))
            for row, name in enumerate(names)
        ]
        return cls(caption, [head, *(readable(str(one)) for one in frame.columns)], rows, folded)


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the report under one heading.

    Parameters
    ----------
    title : str
        The heading.
    texts : sequence of str
        Paragraphs.
    tables : sequence of Table
        Tables, shown after the pictures.
    pictures : sequence of Picture
        Pictures.
    """

    title: str
    texts: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()

    @property
    def anchor(self) -> str:
        """The heading as the target of a link."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def written(value: object, digits: int = 2) -> str:
    """Write one cell.

    Parameters
    ----------
    value : object
        A number or anything else; missing numbers become a dash.
    digits : int
        Digits after the point of a number that is not whole.

    Returns
    -------
    str
        With a true minus sign.

    Examples
    --------
    >>> written(3), written(1.2345), written(float("nan")), written("training_mean")
    ('3', '1.23', '–', 'training mean')
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(value).replace("-", "\N{MINUS SIGN}")
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return MISSING
        text = f"{value:z.{digits}f}"  # z: what rounds to nothing has no sign
        return text.replace("-", "\N{MINUS SIGN}")
    return MISSING if value is None else readable(str(value))
