"""Tests of the pure protocol code."""
