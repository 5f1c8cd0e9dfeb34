"""Parsers of file formats; they import nothing from above."""
