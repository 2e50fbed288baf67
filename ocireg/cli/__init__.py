"""The command ``ocireg``."""

from ocireg.cli.main import main

__all__ = ["main"]
