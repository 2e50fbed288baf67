"""What the handlers of ``/v2/`` work with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from ocireg.auth.audit import Trail
from ocireg.auth.gate import Gate
from ocireg.auth.manage import Manager
from ocireg.config import Settings
from ocireg.errors import TOO_MANY_REQUESTS, RegistryError
from ocireg.registry import Registry
from ocireg.web.v2.hosts import Hosts
from ocireg.web.v2.redirects import Redirects


class Slots:
    """How many requests of this process may hold a thread with a body at once: the others are left for all else."""

    def __init__(self, count: int) -> None:
        self._free = BoundedSemaphore(count)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot. TOOMANYREQUESTS with ``Retry-After`` when all are taken: nothing of the body was read."""
        if not self._free.acquire(blocking=False):
            raise RegistryError(
                TOO_MANY_REQUESTS, "too many uploads at once; try again soon", headers={"Retry-After": "2"}
            )
        try:
            yield
        finally:
            self._free.release()


@dataclass(frozen=True, slots=True)
class Context:
    """The use-cases, access, the settings, the slots for uploads of this process, and its policy of redirects."""

    registry: Registry
    settings: Settings
    gate: Gate
    manager: Manager
    trail: Trail
    slots: Slots = field(init=False)
    redirects: Redirects = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", Slots(self.settings.upload_thread_count))
        object.__setattr__(self, "redirects", Redirects(self.settings, Hosts().is_public))
