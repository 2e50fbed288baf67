"""Figures, against servers that are started here. Nothing asserts a time."""
