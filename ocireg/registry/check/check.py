"""The use-case: a check of everything, or of a repository, by whoever's turn it is."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ocireg.errors import OperatorError
from ocireg.metadata import audit, facts, repositories
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.database import Database
from ocireg.registry.check.beat import beating
from ocireg.registry.check.faults import Progress, Report
from ocireg.registry.check.run import Run
from ocireg.registry.turns import LEASE, Lost, Turns
from ocireg.storage import Storage

TASK = "check"
"""Its name among the tasks."""


class Check:
    """Checks. ``grace``: seconds that an object must be old to be an orphan, and stays after it was replaced."""

    def __init__(self, database: Database, storage: Storage, *, grace: float, lease: float = LEASE) -> None:
        self._database = database
        self._storage = storage
        self._grace = grace
        self.turns = Turns(database, TASK, lease=lease)

    def run(
        self,
        *,
        digests: bool = False,
        repair: bool = False,
        repository: str = "",
        patience: float = 0.0,
        report: Report | None = None,
        told: Callable[[Progress], None] = lambda _: None,
    ) -> Report:
        """Check, and repair where that is said; ``told`` is called as it goes on.

        One runs at a time; this waits ``patience`` seconds for another, and does nothing then. ``report`` is filled
        while it goes on, for whoever interrupts it. ``OperatorError`` where there is no such repository.
        """
        done = report if report is not None else Report()
        done.digests, done.repair, done.repository = digests, repair, repository
        where = self._found(repository) if repository else None
        with self.turns.take(patience) as turn:
            if turn is None:
                done.busy = True
                return done
            done.foreign = self._storage.owner() != facts.installation(self._database)
            progress = Progress()
            try:
                with beating(turn, lambda: asdict(progress)) as require:

                    def pulse() -> None:
                        require()
                        told(progress)

                    Run(
                        self._database,
                        self._storage,
                        done,
                        progress,
                        grace=self._grace,
                        pulse=pulse,
                        repository=where,
                    ).run()
                done.whole = True
            except Lost:
                done.busy = True
            finally:
                turn.report = done.as_json()
        return done

    def ask(self, by: Author = SYSTEM, *, digests: bool = False, repair: bool = False) -> None:
        """Have it done soon by a serving process."""
        self.turns.ask(digests=digests, repair=repair)
        with self._database.transaction():
            audit.write(self._database, Event("check.ask", by, detail={"digests": digests, "repair": repair}))

    def asked(self, arguments: Mapping[str, Any]) -> Report:
        """Check as somebody asked for it; as nobody did, without digests and repair."""
        return self.run(digests=bool(arguments.get("digests")), repair=bool(arguments.get("repair")))

    def _found(self, repository: str) -> int:
        found = repositories.find(self._database, repository)
        if found is None:
            raise OperatorError(f"there is no repository {repository}")
        return found
