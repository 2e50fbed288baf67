"""How examples are drawn for these tests."""

from hypothesis import settings

# No deadline: nothing here may fail because the machine is slow.
settings.register_profile("ocireg", deadline=None)
settings.load_profile("ocireg")
