"""From recordings to the feature table: windows, extraction, quality, the catalogue."""
