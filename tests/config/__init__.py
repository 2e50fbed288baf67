"""Tests of ocireg.config."""
