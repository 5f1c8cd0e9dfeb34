"""Places of EEG electrodes by their names: the 10-5 system, with the older names."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ROW = (
    "(?:afp|aff?|f|fft|ffc|ft|fc|ftt|fcc|c|ttp|ccp|tp|cp|tpp|cpp|p|ppo|poo?)(?:z|10h?|[1-9]h?)"
    "|t(?:10h?|[3-9]h?)|(?:nfp|n|fp|oi?|i)(?:z|[12]h?)|o(?:9|10)h?"
)
PLACE = f"(?:{_ROW}|[am][12])"
"""A place of the 10-5 system, T3 to T6 and the ears included, as a regular expression for lower
case (Oostenveld & Praamstra 2001, doi:10.1016/S1388-2457(00)00527-7)."""

_SIDE = re.compile(
    rf"(?P<prefix>eeg[ _.-]?)?(?=(?:{_ROW})(?:[^a-z0-9]|$))"
    r"(?P<row>[a-z]+)(?P<number>\d+)(?P<half>h?)(?P<reference>[^a-z0-9].*)?",
    re.IGNORECASE,
)


def symmetric_pairs(channels: Sequence[str]) -> list[tuple[str, str]]:
    """Find channels that lie opposite each other, by the places they are named after.

    Odd numbers are left, the next even one lies right of it; upper and lower case, a prefix
    ``EEG`` and a reference after the place (``F4-M1``: the same for both, or mirrored) are allowed.

    Parameters
    ----------
    channels : sequence of str
        Channel names.

    Returns
    -------
    list of (right, left)
        In the order of the left channels.

    Examples
    --------
    >>> symmetric_pairs(["Fp1", "FP2", "Fz", "EEG F3-M2", "EEG F4-M1", "FFC3h", "FFC4h", "EXG1"])
    [('FP2', 'Fp1'), ('EEG F4-M1', 'EEG F3-M2'), ('FFC4h', 'FFC3h')]
    """
    names = {name.lower(): name for name in channels}
    pairs = []
    for left in channels:
        side = _SIDE.fullmatch(left)
        if side is None or int(side["number"]) % 2 == 0:
            continue
        stem = f"{side['prefix'] or ''}{side['row']}{int(side['number']) + 1}{side['half']}"
        reference = side["reference"] or ""
        mirrored = re.sub(r"\d+", lambda found: str((int(found[0]) - 1 ^ 1) + 1), reference)
        for right in (stem + reference, stem + mirrored):
            if right.lower() in names:
                pairs.append((names[right.lower()], left))
                break
    return pairs
