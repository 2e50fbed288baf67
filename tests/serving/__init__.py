"""Tests of ocireg.serving."""
