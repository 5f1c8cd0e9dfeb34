"""Ways in which files come to harm."""

from __future__ import annotations

import random

ODD = (
    b"99999999999999", b"nan", b"1e308", b"inf", b"-1", b"\0" * 9, b'"', b"\xff\xfe", b",,,",
    b"\n\n", b"<!DOCTYPE a>", b"{", b"[[[[", b"\x80\x04", b"cposix\nsystem\n",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-32", "cp037", "utf-8-sig", "utf-7")


def damage(data: bytes, rng: random.Random) -> bytes:
    """Harm a file in one of nine ways, half of the time near its head."""
    if not data:
        return rng.choice(ODD)
    ways = (_cut, _flip, _overwrite, _remove, _insert, _claim, _shuffle, _swap, _encode)
    return rng.choice(ways)(data, rng)


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) if rng.random() < 0.5 else min(len(data), 600))


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: _place(data, rng)]


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        changed[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(data: bytes, rng: random.Random) -> bytes:
    place, size = _place(data, rng), rng.randint(1, 8)
    new = bytes(rng.choice(b"\0\xff\x7f09-,;\n") for _ in range(size))
    return data[:place] + new + data[place + size :]


def _remove(data: bytes, rng: random.Random) -> bytes:
    first, last = sorted((_place(data, rng), _place(data, rng)))
    return data[:first] + data[last:]


def _insert(data: bytes, rng: random.Random) -> bytes:
    place = _place(data, rng)
    return data[:place] + rng.choice(ODD) + data[place:]


def _claim(data: bytes, rng: random.Random) -> bytes:
    """Write a huge number over a count or a length."""
    place = _place(data, rng)
    huge = rng.choice((b"\xff\xff\xff\x7f", b"\xff" * 8, b"\xff\xff\xff\x7f\0\0\0\0", b"99999999"))
    return data[:place] + huge + data[place + len(huge) :]


def _shuffle(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines[: rng.randint(1, len(lines))])


def _swap(data: bytes, rng: random.Random) -> bytes:
    """Exchange two parts of the head."""
    size = min(len(data) // 2, 256)
    first, second = data[:size], data[size : 2 * size]
    width = rng.randint(1, max(size, 1))
    return second[:width] + first[width:] + first[:width] + second[width:] + data[2 * size :]


def _encode(data: bytes, rng: random.Random) -> bytes:
    return data[:100_000].decode("latin-1").encode(rng.choice(ENCODINGS), errors="replace")
