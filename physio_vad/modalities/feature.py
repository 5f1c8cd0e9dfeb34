"""A feature as the catalogue lists it, and the values of features over windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray

ROWS = {"channel": "n_channels", "pair": "n_pairs", "modality": "1"}
"""What the rows of a feature are, by its `Feature.per`."""


@dataclass(frozen=True)
class Feature:
    """One entry of a modality's catalogue.

    Parameters
    ----------
    name : str
        Name without the modality, such as ``"scr_rate"``.
    unit : str
        Unit of the value, ``"1"`` for a pure number.
    text : str
        Definition in one line.
    reference : str
        Author and year, or DOI.
    per : {"channel", "pair", "modality"}
        What there is one column for; see the table in `Modality`.
    minimum : float
        Seconds of signal below which the value is NaN.
    needs : {"all", "any"}
        Of a feature of the whole modality: NaN where one channel is not good, as a feature of a
        pair is where one of its two is not; or only where none is good, for features that leave
        bad channels out themselves.
    uses : tuple of str
        Other modalities without which the value is NaN, such as ``("ecg",)``.
    """

    name: str
    unit: str
    text: str
    reference: str = ""
    per: Literal["channel", "pair", "modality"] = "channel"
    minimum: float = 0.0
    needs: Literal["all", "any"] = "all"
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FeatureBlock:
    """The features of one modality in one recording.

    Parameters
    ----------
    columns : list of str
        Full column names.
    values : array of shape (n_windows, n_columns)
        Features; finite or NaN.
    min_good : float
        Share of a window that must be good.
    n_lost : int
        Windows of which some channel has less than that.
    remarks : tuple of str
        What else a person should know.
    votes : array of shape (n_channels, 2)
        For each channel being upright, and upside down (`Modality.votes`).
    doubt : str
        Why its polarity is uncertain (`Modality.doubt`).
    """

    columns: list[str]
    values: FloatArray
    min_good: float = 0.5
    n_lost: int = 0
    remarks: tuple[str, ...] = ()
    votes: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    doubt: str = ""

    @property
    def warning(self) -> str:
        """What was wrong with the signal, empty if nothing."""
        said = [self._lost()] if self.n_lost else []
        said += [*self.remarks, *filter(None, [self.doubt])]
        return f"{self.columns[-1].split('__')[0]}: " + "; ".join(said) if said else ""

    def _lost(self) -> str:
        """Say in one line how many windows have no usable signal."""
        where = "in every channel" if np.isnan(self.values[:, :-1]).all() else "in some channel"
        return (
            f"{self.n_lost} of {len(self.values)} windows have less than {self.min_good:.0%} "
            f"usable signal {where} (missing, flat or impossible values); their features are NaN"
        )


def usable_rows(
    feature: Feature, channels: Sequence[str], pairs: Sequence[tuple[str, str]], usable: BoolArray
) -> BoolArray:
    """Where the channels that each row of a feature needs are usable: (n_rows, n_windows)."""
    if feature.per == "channel":
        return usable
    if feature.per == "pair":
        order = {name: number for number, name in enumerate(channels)}
        both = [usable[[order[name] for name in pair]].all(axis=0) for pair in pairs]
        return np.array(both, dtype=bool).reshape(len(pairs), usable.shape[1])
    whole = np.all if feature.needs == "all" else np.any
    return np.asarray(whole(usable, axis=0, keepdims=True))
