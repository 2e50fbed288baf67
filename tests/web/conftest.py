"""A house with somebody of every sort in it."""

from tests.auth.conftest import house

__all__ = ["house"]
