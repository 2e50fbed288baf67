"""A second store for the diagnosis."""

from tests.backends.conftest import moto

__all__ = ["moto"]
