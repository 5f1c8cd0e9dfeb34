"""What a leak check, or a note on predictions, has to say."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that a leak check saw.

    Parameters
    ----------
    level : str
        ``"error"``: scores are too good and must not be quoted; ``"warning"``: they can be read
        wrongly; ``"note"``: something that belongs beside them is missing.
    check : str
        Name of the check.
    seen : str
        What was seen, where.
    meaning : str
        What it does to the scores.
    remedy : str
        What to do.
    """

    level: str
    check: str
    seen: str
    meaning: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.level} ({self.check}): {self.seen}. {self.meaning} {self.remedy}"

    def as_dict(self) -> dict[str, str]:
        """Return the parts by name, as JSON keeps them."""
        return asdict(self)
