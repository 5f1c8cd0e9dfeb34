"""Which target is valence, arousal or dominance, by its name in any of several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

ROLES: Mapping[str, str] = {
    "valence": r"valen[czt]|(?<!dis)pleasure|(?<!un)pleasant|plaisir",
    "arousal": r"arou?s|activation|aktivi|aktywac|erreg|attivaz|activac|ativac|excita|eccitaz",
    "dominance": r"domin",
}
"""What the name of a target holds in English, German, French, Spanish, Italian, Portuguese or
Polish, without accents and in small letters."""
_CHINESE = {"valence": "效价|效價|愉悦", "arousal": "唤醒|喚醒|覚醒", "dominance": "支配|优势|優勢"}


def role_of(name: str) -> str | None:
    """Say which of valence, arousal and dominance the name of a target means.

    Parameters
    ----------
    name : str
        Name of a target as it stands in somebody's file.

    Returns
    -------
    str or None
        ``"valence"``, ``"arousal"`` or ``"dominance"``; None where it names none of them, or more
        than one.

    Examples
    --------
    >>> [role_of(name) for name in ("Valenz", "SAM_AROUSAL", "activación", "stress")]
    ['valence', 'arousal', 'arousal', None]
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = [
        role
        for role, words in ROLES.items()
        if re.search(words, plain) or re.search(_CHINESE[role], name)
    ]
    if not found and plain.strip() in {"v", "a", "d"}:
        found = [role for role in ROLES if role[0] == plain.strip()]
    return found[0] if len(found) == 1 else None


def target_of(role: str, targets: Iterable[str]) -> str | None:
    """Find the target that plays a role: the one of that very name, or the only one that means it.

    Parameters
    ----------
    role : {"valence", "arousal", "dominance"}
        What is looked for.
    targets : iterable of str
        Names of the targets.

    Returns
    -------
    str or None
        One of `targets`; None where none means it, or several do.
    """
    known = list(targets)
    if role in known:
        return role
    found = [name for name in known if role_of(name) == role]
    return found[0] if len(found) == 1 else None
