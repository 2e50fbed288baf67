"""The suite that every driver passes.

Subclass it in a module of tests, with a fixture ``backend``::

    class TestMine(BackendContract):
        @pytest.fixture
        def backend(self) -> Backend:
            return MyBackend("mine:…")

Needs pytest, and nothing else of ocireg. After each test, what the test made is removed through the driver, and then
nothing may be left. ``elsewhere`` gives a second instance on the same store, which stands for another process; where
``url`` is given, a real other process goes on with a session too.
"""

from backends.testing_base import DATA, KEY, SUCCESSOR, contested
from backends.testing_objects import HOSTILE_KEYS, ObjectsContract
from backends.testing_sessions import SessionsContract

__all__ = ["DATA", "HOSTILE_KEYS", "KEY", "SUCCESSOR", "BackendContract", "contested"]


class BackendContract(ObjectsContract, SessionsContract):
    """See the module's text. A subclass may set ``many`` lower for a store where 10,000 objects take long."""
