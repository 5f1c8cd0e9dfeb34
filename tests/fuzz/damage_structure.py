"""Ways in which the structure of plain values comes to harm, whatever bytes they are stored as."""

from __future__ import annotations

import copy
import random
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), "",
    "a", "subject", "\0", "\ud800", "[bold]", "../../a", "x" * 300, "nan", "2024-01-01", [], [[]],
    [None], ["a", "a"], [1, "a"], [0, 0], [5, 1], [float("nan"), 1], {}, {"a": {}}, {"": ""},
    {"a": [1, 2]}, {"length": -1}, {"valence": [9, 1]}, {"name": []},
)  # fmt: skip


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths of keys to every value in nested tables and lists."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, one in items:
        found.append((*above, key))
        if isinstance(one, dict | list) and one:
            found += places(one, (*above, key))
    return found


def damage_structure(value: Any, rng: random.Random) -> Any:
    """Copy nested tables and harm one to three of their entries."""
    made = copy.deepcopy(value)
    for _ in range(rng.randint(1, 3)):
        paths = places(made) if isinstance(made, dict | list) else []
        if not paths or rng.random() < 0.02:
            return copy.deepcopy(rng.choice(ODD))
        *above, key = rng.choice(paths)
        home = made
        for step in above:
            home = home[step]
        other = home
        rng.choice((_replace, _remove, _add, _wrap, _swap, _change))(other, key, rng)
    return made


def _replace(home: Any, key: Any, rng: random.Random) -> None:
    home[key] = copy.deepcopy(rng.choice(ODD))


def _remove(home: Any, key: Any, rng: random.Random) -> None:
    del home[key]


def _add(home: Any, key: Any, rng: random.Random) -> None:
    new = copy.deepcopy(rng.choice(ODD))
    if isinstance(home, dict):
        home[str(rng.choice(ODD))] = new
    else:
        home.append(new)


def _wrap(home: Any, key: Any, rng: random.Random) -> None:
    home[key] = [home[key]] if rng.random() < 0.5 else {"a": home[key]}


def _swap(home: Any, key: Any, rng: random.Random) -> None:
    other = rng.choice(list(home) if isinstance(home, dict) else range(len(home)))
    home[key], home[other] = home[other], home[key]


def _change(home: Any, key: Any, rng: random.Random) -> None:
    value = home[key]
    if isinstance(value, bool | int | float):
        home[key] = rng.choice((-value, value * 1000, value // 7, str(value)[:99], not value))
    elif isinstance(value, str):
        place = rng.randrange(len(value) + 1)
        home[key] = value[:place] + rng.choice(("", "é", "__", " ", "\n", "9")) + value[place + 1 :]
    else:
        _replace(home, key, rng)
