"""Tests of ocireg.cli."""
