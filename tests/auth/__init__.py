"""Tests of ocireg.auth."""
