"""Collects garbage: what nothing keeps any more, in small transactions, while pushes go on.

See ``docs/decisions/garbage-collection.rst``. Each transaction takes some of what is due, looks once more what keeps
it, and deletes what nothing does: rows, whose objects the clean-up (``sweep.py``) removes from the store later. It may
be cut off anywhere, and two at once do no harm.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, TypeVar

from ocireg.metadata import audit, blobs, candidates, facts, keepers, manifests, queues, repositories, tags
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.metadata.candidates import DELETED, FOLLOWED, PUSHED, RELEASED, UNTAGGED, Going
from ocireg.metadata.database import Database
from ocireg.metadata.keepers import Node
from ocireg.metadata.queues import BlobCandidate
from ocireg.registry.collection import NAMED, Collected, Collection
from ocireg.registry.roots import RETRY, Delays, Roots
from ocireg.registry.turns import LEASE, Lost, Turn, Turns

TASK = "collection"
"""Its name among the tasks."""
AT_ONCE = 100
"""What one transaction looks at: some milliseconds, in which nobody else writes."""
PACE = 0.1
"""Seconds after which one begins with nothing more: one manifest may be named by thousands, or name as many."""
MOST = 1_000
"""Manifests that are looked at on one way up."""
REST = 1.0
"""Seconds between transactions at most, and for as long as the last one took: half of the time is the others'."""
TRIAL = 2.0
"""Seconds that a trial takes at most: nobody else writes meanwhile."""
LONGEST_PUSH = 48 * 3600.0
"""Seconds for which the blobs of one push are protected on while it goes on, in all."""

UNKEPT = ("named", "cut", "busy", "held")
"""What a report of a collection leaves out."""

BLOB_REASONS = (PUSHED, RELEASED, DELETED)

T = TypeVar("T")


class _Enough(Exception):  # noqa: N818 - an event, not a failure
    """A trial ends: what it did is undone."""


class Collector:
    """The use-case of garbage collection. Seconds: ``protection`` of what was pushed, ``grace`` of objects."""

    def __init__(
        self,
        database: Database,
        delays: Delays,
        *,
        protection: float,
        grace: float,
        lease: float = LEASE,
        pace: float = PACE,
    ) -> None:
        self._database = database
        self._delays = delays
        self._protection = protection
        self._grace = grace
        self._pace = pace
        self.turns = Turns(database, TASK, lease=lease)

    def waiting(self) -> dict[str, tuple[int, float]]:
        """Return how many wait for each reason, and since when the first of them does."""
        return queues.waiting(self._database)

    def next_due(self) -> float | None:
        """Return when the first may go: seconds since the epoch; None where nothing that waits ever may."""
        others = {reason: since for reason, (_, since) in self.waiting().items() if reason != UNTAGGED}
        due = [since + self._delay(reason) for reason, since in others.items()]
        for stays, since in queues.first_untagged(self._database):
            delay = self._delays.of(UNTAGGED, stays)
            due += [] if delay is None else [since + delay]
        return min(due, default=None)

    def run(self, *, now: bool = False, patience: float = 0.0) -> Collection:
        """Collect what is due; ``now``: without the grace of what was deleted.

        One runs at a time; this waits ``patience`` seconds for another, and does nothing then.
        """
        done = Collection(held=facts.behind(self._database) is not None)
        if done.held:
            return done
        with self.turns.take(patience) as turn:
            if turn is None:
                done.busy = True
                return done
            one = self.begin(done, now=now or bool(turn.asked.get("now")))
            try:
                while self._step(one, turn):
                    pass
            except Lost:
                done.busy = True
            finally:
                turn.report = {key: value for key, value in asdict(done).items() if key not in UNKEPT}
        return done

    def asked(self, arguments: Mapping[str, Any]) -> Collection:
        """Collect as somebody asked for it: ``now``, or not."""
        return self.run(now=bool(arguments.get("now")))

    def trial(self, *, now: bool = False) -> Collection:
        """Say what would be collected: collect in one transaction, and undo it."""
        done = Collection(held=facts.behind(self._database) is not None)
        if done.held:
            return done
        one = self.begin(done, now=now)
        until = time.monotonic() + TRIAL
        with suppress(_Enough), self._database.transaction(durable=False):
            while one.step():
                if time.monotonic() > until:
                    done.cut = True
                    break
            raise _Enough
        return done

    def _step(self, one: "Run", turn: Turn) -> bool:
        """Do one transaction; say whether there is more to do. Others write meanwhile."""
        began = time.monotonic()
        with self._database.transaction():
            turn.hold()
            more = one.step()
        if more:
            time.sleep(min(time.monotonic() - began, REST))
        return more

    def begin(self, done: Collection, *, now: bool) -> "Run":
        """Return a collection that is done step by step, inside transactions; ``done`` is what it has done."""
        delays = replace(self._delays, grace=0.0) if now else self._delays
        return Run(self._database, delays, self._protection, self._grace, self._pace, done)

    def _delay(self, reason: str) -> float:
        return 0.0 if reason in (PUSHED, RELEASED) else self._delays.grace


class Run:
    """One collection. ``step`` is called in a transaction."""

    def __init__(
        self, database: Database, delays: Delays, protection: float, grace: float, pace: float, done: Collection
    ) -> None:
        self._database = database
        self._delays = delays
        self._protection = protection
        self._grace = grace
        self._pace = pace
        self._done = done

    def step(self) -> bool:
        """Look at some of what is due; False if there is none."""
        if found := next(self._due_manifests(), None):
            self._manifests(found)
            return True
        if due := next(self._due_blobs(), None):
            for one in self._paced(due):
                self._blob(one)
            return True
        return False

    def _paced(self, some: Iterable[T]) -> Iterator[T]:
        """Yield the first, and others until it has taken too long."""
        until = time.monotonic() + self._pace
        for one in some:
            yield one
            if time.monotonic() > until:
                return

    def _due_manifests(self) -> Iterator[list[int]]:
        for reason in (DELETED, FOLLOWED):
            found = queues.manifests(self._database, reason, self._database.now() - self._delays.grace, AT_ONCE)
            yield from [found] if found else []
        found = queues.untagged(self._database, self._delays.of(UNTAGGED), AT_ONCE)
        yield from [found] if found else []

    def _due_blobs(self) -> Iterator[list[BlobCandidate]]:
        for reason in BLOB_REASONS:
            delay = self._delays.grace if reason == DELETED else 0.0
            found = queues.blobs(self._database, reason, self._database.now() - delay, AT_ONCE)
            yield from [found] if found else []

    def _manifests(self, due: list[int]) -> None:
        """Let those go that nothing keeps.

        First all are looked at, and those that live leave the queue; then others go, which may put some in again.
        """
        now = self._database.now()
        roots = Roots(self._database, self._delays, now=now, most=MOST)
        judged = [self._judged(one, roots, now) for one in self._paced(due)]
        condemned = [node for node in judged if node is not None]
        kept = len(judged) - len(condemned)
        self._done.reviewed += kept
        self._done.kept += kept
        for node in self._paced(condemned):
            self._done.reviewed += 1
            self._collect(node)

    def _judged(self, manifest: int, roots: Roots, now: float) -> Node | None:
        """Return the manifest if it has to go. One that does not leaves the queue, or waits on."""
        node = keepers.node(self._database, manifest)
        assert node is not None, "a row of the queue goes with its manifest"
        until = self._delays.due(node)
        if node.tag is None and (until is None or until > now):
            since = node.used_at if node.reason == UNTAGGED else node.since or now
            queues.postpone(self._database, node.id, since=since, not_before=node.protected_until)
            return None
        root = roots.of_manifest(node)
        if root.keeps(now) and not root.cut:
            self._lives(node)
        elif root.cut or roots.precedes(node):  # whose end says what becomes of this, and comes now
            queues.postpone(self._database, node.id, since=node.since or now, not_before=now + RETRY)
            for one in () if root.cut else roots.holding_each_other(node):
                began = now if node.reason == UNTAGGED else node.since or now
                candidates.followed(self._database, one.id, max(began, one.pushed_at))
        else:
            return node
        return None

    def _lives(self, node: Node) -> None:
        """Take a manifest from the queue, and from it the tags that stand for a subject which went."""
        if node.reason == FOLLOWED:
            for name in keepers.orphaned_tags(self._database, node.repository, node.id):
                tags.forget(self._database, node.repository, name, SYSTEM.name)
        candidates.drop(self._database, node.id)

    def _collect(self, node: Node) -> None:
        going = Going(node.id, node.repository, node.digest, node.reason or DELETED, node.since or 0.0)
        manifests.collect(self._database, going, node.key, by=SYSTEM.name, grace=self._grace)
        repository = repositories.name(self._database, node.repository)
        detail = {"reason": going.reason, "since": going.since}
        event = Event("manifest.collect", SYSTEM, repository=repository, subject=node.digest, detail=detail)
        audit.write(self._database, event)
        self._done.manifests += 1
        self._done.size += node.size
        if len(self._done.named) < NAMED:
            self._done.named.append(Collected(repository, node.digest, going.reason, going.since))

    def _blob(self, one: BlobCandidate) -> None:
        """Let the repository forget a blob that no manifest there names, unless it is protected."""
        now = self._database.now()
        self._done.reviewed += 1
        self._done.kept += 1
        if keepers.naming(self._database, one.repository, one.digest, 1):
            queues.drop_blob(self._database, one)
        elif one.protected_until > now:
            queues.protect(self._database, one, one.protected_until)
        elif now - one.begun < LONGEST_PUSH and queues.is_pushed(self._database, one):
            queues.protect(self._database, one, now + self._protection)
        else:
            self._done.kept -= 1
            self._done.links += 1
            if blobs.forget(self._database, one.repository, one.blob, grace=self._grace):
                self._done.blobs += 1
                self._done.size += one.size
