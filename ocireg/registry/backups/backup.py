"""What a run of the backup has done."""

from dataclasses import dataclass
from typing import Any

from ocireg.registry.backups.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Backup:
    """The snapshot that was taken, how many older ones were removed, and how long that took in seconds.

    Without a snapshot another process was at it, and nothing was done.
    """

    snapshot: Snapshot | None = None
    removed: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        one = self.snapshot
        if one is None:
            return "another process takes one now"
        return f"{one.name} of {one.size} bytes, {one.stored} in the store; {self.removed} older ones removed"

    def report(self) -> dict[str, Any]:
        """Return what is kept of it."""
        one = self.snapshot
        told = {} if one is None else {"name": one.name, "size": one.size, "stored": one.stored}
        return {**told, "removed": self.removed, "seconds": round(self.seconds, 3)}
