"""Tests of the metadata."""
