"""Downloads of manifests: counted in memory, and written now and then, so that a pull writes nothing."""

import logging
import time
from itertools import islice

from ocireg.errors import RegistryError
from ocireg.metadata import downloads
from ocireg.metadata.database import Database
from ocireg.metadata.downloads import DAY, Pulls
from ocireg.metadata.postponed import Postponed

MOST = 20_000
"""Manifests (of a day) whose downloads wait at once. Those of more are not counted, and the log says how many."""
BATCH = 5_000
"""So many do not wait for the interval to end."""
PIECE = 1_000
"""So many are written in one transaction: a push waits for it, and what is written is not lost if time runs out."""

log = logging.getLogger(__name__)

Key = tuple[int, str, int]


class Downloads(Postponed):
    """Counts downloads, and writes them every ``interval`` seconds. See ``metadata.downloads``.

    Not ``enabled``, it counts none: nothing may be written.
    """

    def __init__(self, database: Database, *, interval: float, enabled: bool = True, most: int = MOST) -> None:
        self._enabled = enabled
        self._most = most
        super().__init__(database, "downloads", pause=interval, batch=BATCH)

    def _forget(self) -> None:
        self._waiting: dict[Key, tuple[int, float]] = {}
        self._in_hand = 0
        self._lost = 0

    def _left(self) -> int:
        return len(self._waiting) + self._in_hand

    def count(self, repository: int, digest: str) -> None:
        """Count one download of a manifest of a repository (its row), today."""
        if not self._enabled:
            return
        now = time.time()
        key = (repository, digest, int(now // DAY))
        with self._changed:
            before = self._waiting.get(key)
            if before is None and len(self._waiting) >= self._most:
                self._lost += 1
                return
            self._waiting[key] = (before[0] + 1 if before else 1, now)
            if before is None or self._thread is None:  # else the thread knows
                self._came()

    def _write(self) -> bool:
        with self._changed:
            taken, self._waiting = self._waiting, {}
            lost, self._lost = self._lost, 0
            self._in_hand = len(taken)
        if lost:
            log.error("downloads that were not counted, since those of %s manifests wait: %s", self._most, lost)
        while taken and self._write_piece(dict(islice(taken.items(), PIECE))):
            taken = dict(islice(taken.items(), PIECE, None))
            with self._changed:
                self._in_hand = len(taken)
        with self._changed:
            self._in_hand = 0
            for key, pulled in taken.items():
                self._take_back(key, *pulled)
            return not taken

    def _write_piece(self, piece: dict[Key, tuple[int, float]]) -> bool:
        """Write these; False if they are to be tried again."""
        try:
            with self._database.transaction(durable=False):
                downloads.add(self._database, [Pulls(*key, *pulled) for key, pulled in piece.items()])
        except RegistryError as error:
            log.warning("downloads will be written later: %s", error.__cause__ or error)
            return False
        except Exception:  # what no database takes must not hold up all others for ever
            log.exception("downloads that were dropped: %s", sum(count for count, _ in piece.values()))
        return True

    def _take_back(self, key: Key, count: int, at: float) -> None:
        """Let what was in hand wait again, with what has come meanwhile."""
        before = self._waiting.get(key, (0, 0.0))
        if key in self._waiting or len(self._waiting) < self._most:
            self._waiting[key] = (before[0] + count, max(before[1], at))
        else:
            self._lost += count
