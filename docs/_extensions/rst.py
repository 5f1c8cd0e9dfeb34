"""Small pieces of reStructuredText."""

import re


def heading(text, sign="="):
    """Write a heading."""
    return f"{text}\n{sign * len(text)}\n"


def table(head, rows, widths=None):
    """Write a table; cells may hold inline markup and several lines."""
    lines = [".. list-table::", "   :header-rows: 1"]
    lines += [f"   :widths: {' '.join(map(str, widths))}"] if widths else []
    lines.append("")
    for row in (head, *rows):
        for number, cell in enumerate(row):
            sign = "   * - " if number == 0 else "     - "
            first, *more = str(cell).splitlines() or [""]
            lines += [sign + first, *("       " + line for line in more)]
    return "\n".join(lines) + "\n"


def literal(text):
    """Write code inside a line."""
    text = " ".join(str(text).split())
    return f"``{text}``" if text else ""


def plain(text):
    """Write text in which no sign is markup; what stands in backticks is code."""
    parts = re.split(r"(``?[^`]+``?)", " ".join(text.split()))
    return "".join(
        literal(part.strip("`")) if part.startswith("`") else re.sub(r"([\\*|_<>])", r"\\\1", part)
        for part in parts
    )
