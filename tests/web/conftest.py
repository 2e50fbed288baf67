"""A house with somebody of every sort in it, and an installation for tests of the API and of the pages."""

from tests.auth.conftest import house
from tests.web.installed import api, make

__all__ = ["api", "house", "make"]
