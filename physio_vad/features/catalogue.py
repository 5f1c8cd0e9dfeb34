"""The feature catalogue as a table, read from the modalities themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

import pandas as pd

from physio_vad.features.own import Extra, modalities_with
from physio_vad.modalities import make_modalities
from physio_vad.modalities.base import AnyModality

HEAD = """# Features

Made from the code by `make docs/features.md`.

A column is called `<modality>__<feature>`, and `<modality>__<feature>__<channel>` where a modality
has several channels. Undefined is NaN: a window of which less than half is good signal, or less
signal than the minimum. A valid window without an event has rate, count and sum 0, and NaN for the
events' means. Every modality also has `<modality>__quality` in [0, 1]: 1 is clean signal, 0 none.

*Settling* is how far beyond a sample the preparation looks: bad signal can touch windows that near
to it, and a live window is final that much later. Parameters are set by name, as in
`EDA(threshold=0.03)` or in a recipe's table `[features.eda]`.
"""


def feature_catalogue(
    modalities: Iterable[str | AnyModality] | None = None, extra: Extra | None = None
) -> pd.DataFrame:
    """List every feature with its unit, definition, minimum duration and reference.

    Parameters
    ----------
    modalities : iterable of str or Modality, optional
        Names or instances; all registered ones by default.
    extra : mapping of str to callable, optional
        Features of your own, as in `extract_features`.

    Returns
    -------
    DataFrame
        Index: column name without channel; columns `modality`, `feature`, `per`, `unit`, `text`,
        `minimum` (s) and `reference`.

    Examples
    --------
    >>> feature_catalogue(["temperature"]).loc["temperature__slope", "unit"]
    'C/min'
    """
    rows = [
        {
            "modality": name,
            "feature": one.name,
            "per": one.per,
            "unit": one.unit,
            "text": one.text,
            "minimum": one.minimum,
            "reference": one.reference,
        }
        for name, modality in modalities_with(modalities, extra).items()
        for one in modality.catalogue
    ]
    table = pd.DataFrame(rows)
    return table.set_index(table["modality"] + "__" + table["feature"]).rename_axis("column")


def catalogue_page() -> str:
    """Write the catalogue of all registered modalities as a Markdown page."""
    return HEAD + "".join(_section(one) for one in make_modalities().values())


def _section(modality: AnyModality) -> str:
    rows = [
        f"| `{one.name}` | {_cell(one.unit)} | {_cell(one.text)} | "
        f"{f'{one.minimum:g} s' if one.minimum else ''} | {_cell(one.reference)} |"
        for one in modality.catalogue
    ]
    also = ", ".join(f"`{alias}`" for alias in modality.aliases) or "none"
    units = ", ".join(f"`{unit}`" for unit in modality.units)
    parameters = ", ".join(
        f"`{name}={value!r}`" for name, value in modality.get_params(deep=False).items()
    )
    summary = (inspect.getdoc(type(modality)) or "").split("\n", maxsplit=1)[0]
    lines = [
        f"\n## {modality.name}\n",
        f"{summary}\n",
        f"- aliases: {also}",
        f"- unit: `{modality.unit}`; accepted: {units}",
        f"- settling: {modality.settling:g} s",
        f"- parameters: {parameters}\n",
        "| feature | unit | definition | minimum | reference |",
        "| --- | --- | --- | --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
