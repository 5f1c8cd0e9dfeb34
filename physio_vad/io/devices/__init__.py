"""Readers of what devices and recording programs export, one a file."""
