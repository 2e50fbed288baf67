"""One run over the repositories of a registry: tags are judged outside of transactions, and looked at again inside.

What was judged so, and has been pushed, moved or pulled since, stays. Where a tag that stayed was moved or deleted
meanwhile, another may have to stay in its place: the repository is judged once more.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ocireg.metadata import audit, retained, tags
from ocireg.metadata.audit import Author, Event
from ocireg.metadata.database import Database
from ocireg.metadata.registries import StoredRegistry
from ocireg.metadata.retained import StoredPolicy
from ocireg.registry.retention.policy import Policy, kept
from ocireg.registry.retention.verdicts import Terms, Verdict, concerns, judge
from ocireg.registry.turns import Turn

AT_ONCE = 50
"""Tags that one transaction deletes: some tens of milliseconds, in which nobody else writes."""
REST = 0.05
"""Seconds between transactions at most."""
ATTEMPTS = 10
"""How often a repository is judged in one run, while others delete and move its tags: the next one goes on."""
MOST_CHANGES = 1000
"""Changes after which it is judged anew without a look at them."""
PAGE = 1000
"""Repositories that one statement reads."""

RETENTION = Author("retention", "", "", "")
"""Who deletes, in the history of tags and in the audit log."""

Exempt = Callable[[str, Sequence[str]], Mapping[str, str]]
"""Returns which tags of a repository nothing may delete, with the reason in words."""


def nothing(_repository: str, _names: Sequence[str]) -> Mapping[str, str]:
    """Return none: every tag may be deleted."""
    return {}


@dataclass(frozen=True, slots=True)
class Place:
    """A repository that is judged: its row, its full name, and its name in its registry."""

    row: int
    name: str
    inner: str


@dataclass(slots=True)
class Tally:
    """How a run went: repositories and tags that were judged, and tags that it deleted.

    ``unsettled``: repositories that changed too often meanwhile. ``ended``: the policy changed, or went.
    """

    repositories: int = 0
    tags: int = 0
    deleted: int = 0
    unsettled: int = 0
    ended: bool = False


class _Changed(Exception):  # noqa: N818 - an event, not a failure
    """What was judged is not so any more."""


class Judge:
    """Says what becomes of the tags of a repository. ``floor``: seconds for which each stays after its push."""

    def __init__(self, database: Database, floor: float, exempt: Exempt = nothing) -> None:
        self.database = database
        self.exempt = exempt
        self._floor = floor

    def verdicts(self, policy: Policy, place: Place, *, every: bool = False) -> list[Verdict]:
        """Return a verdict on each tag of a repository, by name; where no rule is about that, only if ``every``."""
        if not every and not concerns(policy, place.inner):
            return []
        found = retained.tags(self.database, place.row)
        names = [one.name for one in found]
        followers = retained.following(self.database, place.row, names)
        terms = Terms(self.database.now(), self._floor, followers, self.exempt(place.name, names))
        return judge(policy, place.inner, found, terms)


def place_of(registry: StoredRegistry, row: int, name: str) -> Place:
    """Return a repository of a registry."""
    return Place(row, name, name.removeprefix(f"{registry.path}/") if registry.path else name)


def places(database: Database, registry: StoredRegistry, after: str = "") -> Iterator[Place]:
    """Yield the repositories of a registry that have tags, by name, after that name."""
    while found := retained.repositories(database, registry.id, after, PAGE):
        yield from (place_of(registry, row, name) for row, name in found)
        after = found[-1][1]


class Run:
    """Follows the policy of one registry. ``Lost`` where another process took the turn over."""

    def __init__(self, judge_: Judge, turn: Turn, registry: StoredRegistry, stored: StoredPolicy) -> None:
        self._judge = judge_
        self._database = judge_.database
        self._turn = turn
        self._stored = stored
        self._policy = kept(stored.text)
        self._registry = registry
        self._held = time.monotonic()
        self.tally = Tally()

    def through(self) -> Tally:
        """Judge the repositories, and delete the tags that do not stay."""
        for place in places(self._database, self._registry):
            self._hold()
            self._repository(place)
            if self.tally.ended:
                break
        return self.tally

    def _hold(self) -> None:
        """Keep the turn while tags are read: what deletes holds it anyhow."""
        if time.monotonic() - self._held > self._turn.lease / 3:
            with self._database.transaction(durable=False):
                self._turn.hold()
            self._held = time.monotonic()

    def _repository(self, place: Place) -> None:
        for attempt in range(ATTEMPTS):
            seen = retained.newest_change(self._database, place.row)
            verdicts = self._judge.verdicts(self._policy, place)
            if not attempt and verdicts:
                self.tally.repositories += 1
                self.tally.tags += len(verdicts)
            try:
                self._expire(place, verdicts, seen)
            except _Changed:
                self._hold()
            else:
                return
            if self.tally.ended:
                return
        self.tally.unsettled += 1

    def _expire(self, place: Place, verdicts: list[Verdict], seen: int) -> None:
        """Delete what goes. ``_Changed``: some of it is done, and what is left is to be judged anew."""
        staying = {one.tag.name for one in verdicts if one.keep}
        going = (one for one in verdicts if not one.keep)
        while some := list(islice(going, AT_ONCE)):
            began = time.monotonic()
            with self._database.transaction():
                self._turn.hold()
                self._require_unchanged(place, staying, seen)
                self._delete(place, some)
                seen = retained.newest_change(self._database, place.row)
            self._held = time.monotonic()
            time.sleep(min(self._held - began, REST))

    def _require_unchanged(self, place: Place, staying: set[str], seen: int) -> None:
        if retained.policy_over(self._database, place.row, place.name) != self._stored.text:
            self.tally.ended = True
            raise _Changed
        changed = retained.changed(self._database, place.row, seen, MOST_CHANGES)
        if len(changed) == MOST_CHANGES or not changed.isdisjoint(staying):
            raise _Changed

    def _delete(self, place: Place, some: list[Verdict]) -> None:
        names = [one.tag.name for one in some]
        there = retained.named(self._database, place.row, names)
        spared = retained.following(self._database, place.row, names) | set(self._judge.exempt(place.name, names))
        events = []
        for one in some:
            tag = one.tag
            if there.get(tag.name) != tag or tag.name in spared:
                continue
            if not tags.remove(self._database, place.name, tag.name, RETENTION.name):
                continue
            events.append(self._event(place, one))
        audit.write(self._database, *events)
        self.tally.deleted += len(events)

    def _event(self, place: Place, one: Verdict) -> Event:
        detail: dict[str, object] = {"rule": one.rule, "reason": one.reason, "digest": one.tag.digest}
        owner, path = self._registry.organization_slug or None, self._registry.path or "root"
        return Event(
            "tag.expire",
            RETENTION,
            organization=owner,
            registry=path,
            repository=place.name,
            subject=one.tag.name,
            detail=detail,
        )
