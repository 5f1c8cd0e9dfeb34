"""Names from outside as they are shown: what would steer a terminal or a page is written out."""

from __future__ import annotations

import re

_STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
"""Control characters but the line feed, marks of the writing direction, halves of pairs."""


def visible(text: str) -> str:
    r"""Write characters that nobody sees as their number.

    Parameters
    ----------
    text : str
        A name, or a message with names in it.

    Returns
    -------
    str
        The same with control characters but line feeds, marks of the writing direction and halves
        of surrogate pairs written as in Python source; all else, other scripts too, as it is.

    Examples
    --------
    >>> visible("a\x1b[2Jb \u202ecba ą 心")
    'a\\x1b[2Jb \\u202ecba ą 心'
    """
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], text)
