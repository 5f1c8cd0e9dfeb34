"""The page of features is that of the code."""

from pathlib import Path

from physio_vad.features.catalogue import catalogue_page, feature_catalogue
from physio_vad.modalities import MODALITIES

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def test_the_page_is_made_from_the_code():
    assert PAGE.read_text(encoding="utf-8") == catalogue_page(), "run: make docs/features.md"


def test_every_feature_says_what_it_is():
    table = feature_catalogue()
    assert table.index.is_unique
    assert (table[["unit", "text"]] != "").all(axis=None)
    assert set(table["modality"]) == set(MODALITIES)
    assert not table["text"].str.contains("\n").any()
    assert (table["minimum"] >= 0).all()
