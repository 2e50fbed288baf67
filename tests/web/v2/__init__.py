"""Tests of the protocol over HTTP."""
