"""Tests of tokens of outside issuers."""
