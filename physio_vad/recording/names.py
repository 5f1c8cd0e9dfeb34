"""Names of people, trials, stimuli and channels, which may hold any character."""

from __future__ import annotations


def as_name(value: object) -> str:
    r"""Write a value as a name that can be stored as UTF-8.

    A file name that is no UTF-8, or half a character of UTF-16, is told apart by its number.

    Parameters
    ----------
    value : object
        What was given, or read.

    Examples
    --------
    >>> as_name("anna"), as_name(7), as_name("S\udcff1")
    ('anna', '7', 'S\\udcff1')
    """
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
