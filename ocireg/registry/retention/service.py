"""The use-cases of retention: a policy is set, tried and followed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ocireg.metadata import audit, facts, registries, retained
from ocireg.metadata.audit import Author, Event
from ocireg.metadata.database import Database
from ocireg.metadata.registries import StoredRegistry
from ocireg.metadata.retained import StoredPolicy
from ocireg.registry.retention.policy import Policy, kept
from ocireg.registry.retention.preview import Preview, Wanted, preview
from ocireg.registry.retention.runner import Exempt, Judge, Run, Tally, nothing
from ocireg.registry.turns import LEASE, Lost, Turn, Turns

TASK = "retention"
"""Its name among the tasks."""
SHARE = 0.8
"""Of the interval: a policy that was followed so long ago is due."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The policy of a registry, and how it went when it was followed last: ``ran_at`` in seconds, UTC; None is never.

    ``asked``: somebody asked for it to be followed, and that is still to come.
    """

    policy: Policy
    asked: bool
    ran_at: float | None
    report: Mapping[str, Any]


@dataclass(slots=True)
class Done:
    """What a run did in all. ``busy``: another process was at it, and nothing more was done.

    ``held``: the database may not know all that was pushed, and nothing was done.
    """

    registries: int = 0
    repositories: int = 0
    tags: int = 0
    deleted: int = 0
    busy: bool = False
    held: bool = False

    def add(self, one: Tally) -> None:
        """Add what was done in a registry."""
        self.registries += 1
        self.repositories += one.repositories
        self.tags += one.tags
        self.deleted += one.deleted

    def __bool__(self) -> bool:
        return bool(self.deleted)

    def __str__(self) -> str:
        return (
            f"{self.deleted} of {self.tags} tags deleted, in {self.repositories} repositories of "
            f"{self.registries} registries"
        )


class Retention:
    """Which tags stay. Seconds: the ``floor`` for which each does after its push; ``interval``, 0 when asked alone."""

    def __init__(
        self,
        database: Database,
        *,
        floor: float,
        interval: float,
        exempt: Exempt = nothing,
        lease: float = LEASE,
    ) -> None:
        self._database = database
        self._interval = interval
        self._judge = Judge(database, floor, exempt)
        self.turns = Turns(database, TASK, lease=lease)

    def of(self, registry: StoredRegistry) -> Kept | None:
        """Return the policy of a registry; None where it has none."""
        found = retained.find(self._database, registry.id)
        return None if found is None else Kept(kept(found.text), found.asked, found.ran_at, found.report)

    def set(self, by: Author, registry: StoredRegistry, policy: Policy) -> None:
        """Let a registry have a policy, in place of another one."""
        with self._database.transaction():
            retained.put(self._database, registry.id, policy.text(), policy.untagged)
            audit.write(self._database, _changed(by, registry, {"rules": len(policy.rules)}))

    def remove(self, by: Author, registry: StoredRegistry) -> bool:
        """Take the policy of a registry away; say whether it had one."""
        with self._database.transaction():
            if gone := retained.remove(self._database, registry.id):
                audit.write(self._database, _changed(by, registry, {"removed": True}))
        return gone

    def ask(self, registry: StoredRegistry) -> None:
        """Have the policy of a registry followed soon, by a process that serves."""
        with self._database.transaction():
            retained.ask(self._database, registry.id)
        self.turns.ask(one=True)

    def preview(self, registry: StoredRegistry, policy: Policy, wanted: Wanted) -> Preview:
        """Say what a policy would do now. Nothing is changed."""
        return preview(self._judge, registry, policy, wanted)

    def run(self, registry: StoredRegistry | None = None, *, patience: float = 0.0) -> Done:
        """Follow the policies that are due or were asked for; or that of one registry, whatever it is.

        One runs at a time; this waits ``patience`` seconds for another, and does nothing then; nor while the database
        may not know all tags that were pushed.
        """
        done = Done(held=facts.behind(self._database) is not None)
        if done.held:
            return done
        with self.turns.take(patience) as turn:
            if turn is None:
                done.busy = True
                return done
            try:
                for one in self._due(registry):
                    done.add(self._follow(turn, one))
            except Lost:
                done.busy = True
            finally:
                turn.report = {name: value for name, value in asdict(done).items() if name not in ("busy", "held")}
        return done

    def asked(self, _arguments: Mapping[str, Any]) -> Done:
        """Follow what is due, and what somebody asked for: the rows say which."""
        return self.run()

    def _due(self, registry: StoredRegistry | None) -> list[StoredPolicy]:
        if registry is not None:
            found = retained.find(self._database, registry.id)
            return [] if found is None else [found]
        before = self._database.now() - SHARE * self._interval if self._interval else None
        return retained.due(self._database, before)

    def _follow(self, turn: Turn, stored: StoredPolicy) -> Tally:
        registry = registries.by_id(self._database, stored.registry)
        if registry is None:  # it went meanwhile, and its policy with it
            return Tally(ended=True)
        tally = Run(self._judge, turn, registry, stored).through()
        with self._database.transaction():
            turn.hold()
            retained.ran(self._database, registry.id, asdict(tally))
        return tally


def _changed(by: Author, registry: StoredRegistry, detail: dict[str, object]) -> Event:
    owner = registry.organization_slug or None
    return Event("retention.change", by, registry=registry.path or "root", organization=owner, detail=detail)
