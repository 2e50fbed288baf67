"""Garbage collection against a simple model: it never takes what the model keeps, and takes all else in the end."""

import shutil
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ocireg.errors import RegistryError
from tests.registry.collected import DAY, GRACE, HOUR, PROTECTION, RETENTION, World, digest_of

REPOSITORIES = ("a/b", "c/d")
CONTENTS = tuple(bytes([letter]) for letter in b"pqrs")
TAGS = ("v1", "v2")

repositories = st.sampled_from(REPOSITORIES)
contents = st.sampled_from(CONTENTS)
tags = st.sampled_from(TAGS)


DELETED, UNTAGGED = "deleted", "untagged"
NOWHERE = digest_of(b"never there")


@dataclass
class Manifest:
    """A manifest as the model has it: what it names, its subject, when it was pushed, and since when its time runs."""

    parts: frozenset[str]
    subject: str
    pushed_at: float
    protected_until: float
    reason: str = UNTAGGED
    since: float = 0.0

    def stays_until(self, grace: float) -> float:
        """Return until when it stays if nothing else keeps it."""
        own = self.since + (grace if self.reason == DELETED else RETENTION)
        return max(own, self.protected_until)


class Repository:
    """What the model says of a repository: tags, manifests, and blobs with the end of their protection."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.manifests: dict[str, Manifest] = {}
        self.blobs: dict[str, float] = {}

    def kept(self, now: float, grace: float = GRACE) -> set[str]:
        """Return what must be there after a collection: what goes may end the time of what hung on it."""
        left = deepcopy(self)
        while gone := left.manifests.keys() - left.held(now, grace):
            left.forget(gone, now)
        return left.held(now, grace)

    def held(self, now: float, grace: float) -> set[str]:
        """Return all that hangs on a tag, on what is not yet due, or is protected."""
        due = {digest for digest, one in self.manifests.items() if one.stays_until(grace) <= now}
        kept = (self.manifests.keys() - due) | set(self.tags.values())
        before: set[str] = set()
        while kept != before:
            before = set(kept)
            there = before & self.manifests.keys()  # what is named and was deleted keeps nothing
            for digest in there:
                kept |= self.manifests[digest].parts
            kept |= {digest for digest, one in self.manifests.items() if one.subject in there}
        protected = {digest for digest, until in self.blobs.items() if until > now}
        return kept & (self.manifests.keys() | self.blobs.keys()) | protected

    def push(self, digest: str, one: Manifest, tag: str) -> None:
        """Take a manifest in."""
        self.manifests[digest] = one
        self.point(tag, digest, one.pushed_at)

    def point(self, tag: str, digest: str, now: float) -> None:
        """Let a tag point at a manifest; the time of the one before begins, if that was its last."""
        before = self.tags.get(tag) if tag else None
        if tag:
            self.tags[tag] = digest
        if before and before not in self.tags.values():
            self.manifests[before].reason, self.manifests[before].since = UNTAGGED, now

    def untag(self, tag: str, now: float) -> None:
        """Delete a tag."""
        digest = self.tags.pop(tag)
        if digest not in self.tags.values():
            self.manifests[digest].reason, self.manifests[digest].since = DELETED, now

    def condemn(self, digest: str, reason: str, since: float, now: float) -> None:
        """Let the time of what hung on a manifest begin that is gone, or goes: it has that of the manifest."""
        gone = self.manifests[digest]
        for name, one in self.manifests.items():
            followed = one.subject == digest
            child = name in gone.parts and reason == DELETED and max(one.pushed_at, one.since) <= since
            if followed or (child and name not in self.tags.values()):
                began = since if reason == DELETED else now
                one.reason, one.since = DELETED, max(began, one.pushed_at) if followed else began

    def forget(self, gone: set[str], now: float) -> None:
        """Let manifests go, with the tags that stood for what is gone."""
        for _ in gone:  # so often, since they may hang on each other
            for digest in gone:
                self.condemn(digest, self.manifests[digest].reason, self.manifests[digest].since, now)
        for digest in gone:
            del self.manifests[digest]
        self.tags = {tag: digest for tag, digest in self.tags.items() if digest not in gone}


class Machine(RuleBasedStateMachine):
    """Pushes, tags, deletes, mounts, asks and collects, with a clock that moves."""

    @initialize()
    def begin(self) -> None:
        """Make a registry."""
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder)
        self.model = {name: Repository() for name in REPOSITORIES}
        self.signatures: set[str] = set()

    def teardown(self) -> None:
        """Remove it."""
        if hasattr(self, "world"):
            self.finish()
            self.world.close()
            shutil.rmtree(self.folder)

    @property
    def now(self) -> float:
        """The time."""
        return self.world.clock()

    @rule(repository=repositories, content=contents)
    def push_blob(self, repository: str, content: bytes) -> None:
        """Push a blob."""
        self.blob(repository, content)

    @rule(content=contents, to=repositories)
    def mount(self, content: bytes, to: str) -> None:
        """Mount a blob from the other repository, which succeeds if it must be there."""
        source = REPOSITORIES[1 - REPOSITORIES.index(to)]
        digest = digest_of(content)
        done = self.world.mount(digest, source, to)
        assert done or digest not in self.model[source].kept(self.now)
        if done:
            self.model[to].blobs[digest] = self.now + PROTECTION

    @rule(repository=repositories, content=contents)
    def head(self, repository: str, content: bytes) -> None:
        """Ask for a blob, which must be there if the model keeps it."""
        digest = digest_of(content)
        mine = self.model[repository]
        there = self.world.head(digest, repository)
        assert there or digest not in mine.kept(self.now)
        if there:
            mine.blobs[digest] = max(mine.blobs.get(digest, 0.0), self.now + PROTECTION / 2)

    @rule(repository=repositories, layers=st.sets(contents, max_size=2), tag=tags | st.just(""), data=st.data())
    def push_image(self, repository: str, layers: set[bytes], tag: str, data: st.DataObject) -> None:
        """Push an image, maybe one that is there, and maybe with a subject, there or not."""
        subject = data.draw(st.just("") | self.some_subject(repository) | st.just(NOWHERE))
        self.push_image_of(repository, sorted(layers), tag, subject)

    def push_image_of(self, repository: str, layers: Sequence[bytes], tag: str, subject: str, note: str = "") -> None:
        """Push an image, and its blobs before it."""
        named = {self.blob(repository, one) for one in (b"{}", *layers)}
        digest = self.world.image(*layers, tag=tag, subject=subject, repository=repository, push=False, note=note)
        self.put(repository, digest, named, subject, tag)

    def blob(self, repository: str, content: bytes) -> str:
        """Push a blob."""
        digest = self.world.blob(content, repository)
        self.model[repository].blobs[digest] = self.now + PROTECTION
        return digest

    @rule(repository=repositories, tag=tags | st.just(""), cached=st.sets(contents, max_size=1), data=st.data())
    def push_index(self, repository: str, tag: str, cached: set[bytes], data: st.DataObject) -> None:
        """Push an index of manifests and blobs; it is refused where one of them is not there, and the model agrees."""
        subject = data.draw(st.just("") | self.some_subject(repository))
        children = data.draw(st.sets(self.some_manifest(repository), min_size=1, max_size=2)) - {""}
        named = {self.blob(repository, one) for one in cached} | children
        try:
            digest = self.world.index(*sorted(children), blobs=cached, tag=tag, subject=subject, repository=repository)
        except RegistryError:
            assert not children <= self.model[repository].kept(self.now)
        else:
            self.put(repository, digest, named, subject, tag)

    @rule(repository=repositories, data=st.data())
    def sign(self, repository: str, data: st.DataObject) -> None:
        """Push a signature by cosign's tag."""
        subject = data.draw(self.some_manifest(repository))
        if subject in self.world.manifests(repository):
            name = f"{subject.replace(':', '-')}.sig"
            digest = self.world.image(tag=name, repository=repository, note=subject)
            self.signatures.add(digest)
            self.model[repository].blobs[digest_of(b"{}")] = self.now + PROTECTION
            self.put(repository, digest, {digest_of(b"{}")}, subject, "")

    def some_manifest(self, repository: str) -> st.SearchStrategy[str]:
        """Return one of the manifests that are there; "" where there is none."""
        return st.sampled_from(sorted(self.model[repository].manifests) or [""])

    def some_subject(self, repository: str) -> st.SearchStrategy[str]:
        """Return likewise, and no signature: one whose referrer names what it signs is kept by itself, with its tag."""
        return st.sampled_from(sorted(self.model[repository].manifests.keys() - self.signatures) or [""])

    def put(self, repository: str, digest: str, parts: set[str], subject: str, tag: str) -> None:
        """Let the model have a manifest."""
        one = Manifest(frozenset(parts), subject, self.now, self.now + PROTECTION, UNTAGGED, self.now)
        self.model[repository].push(digest, one, tag)

    @rule(repository=repositories, data=st.data())
    def head_manifest(self, repository: str, data: st.DataObject) -> None:
        """Ask for a manifest by digest, which keeps it."""
        digest = data.draw(self.some_manifest(repository))
        if digest and self.world.head_manifest(digest, repository):
            one = self.model[repository].manifests[digest]
            one.protected_until = max(one.protected_until, self.now + PROTECTION / 2)

    @rule(repository=repositories, data=st.data())
    def untag(self, repository: str, data: st.DataObject) -> None:
        """Delete a tag."""
        mine = self.model[repository]
        tag = data.draw(st.sampled_from(sorted(mine.tags) or [""]))
        if tag:
            self.world.untag(tag, repository)
            mine.untag(tag, self.now)

    @rule(repository=repositories, data=st.data())
    def delete(self, repository: str, data: st.DataObject) -> None:
        """Delete a manifest: what hung on it stays for the grace."""
        digest = data.draw(self.some_manifest(repository))
        mine = self.model[repository]
        if digest and digest in self.world.manifests(repository):
            self.world.delete(digest, repository)
            mine.manifests[digest].reason, mine.manifests[digest].since = DELETED, self.now
            mine.forget({digest}, self.now)

    @rule(seconds=st.sampled_from((60.0, HOUR / 2, HOUR, DAY, 10 * DAY, 31 * DAY)))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.world.pass_(seconds)

    @rule()
    def a_month_passes(self) -> None:
        """Let the time of all that has no tag pass: what lives leaves the queue, and comes back when that ends."""
        self.world.pass_(RETENTION)
        self.collect(now=False)

    @rule(now=st.booleans())
    def collect(self, now: bool) -> None:
        """Collect garbage, sometimes without the grace; a trial foretold it."""
        grace = 0.0 if now else GRACE
        kept = {name: mine.kept(self.now, grace) for name, mine in self.model.items()}
        trial = self.world.registry.collector.trial(now=now)
        done = self.world.collect(now=now)
        assert (trial.manifests, trial.links, trial.blobs) == (done.manifests, done.links, done.blobs)
        for name, mine in self.model.items():
            there = self.world.manifests(name)
            assert kept[name] <= there | self.world.blobs(name)
            mine.forget(mine.manifests.keys() - there, self.now)

    @invariant()
    def what_the_model_keeps_is_there(self) -> None:
        """Nothing was collected that had a use."""
        if hasattr(self, "world"):
            for name, mine in self.model.items():
                there = self.world.manifests(name) | self.world.blobs(name)
                assert mine.kept(self.now) <= there, name

    def finish(self) -> None:
        """Let a year pass: only what hangs on tags is there then, and nothing waits."""
        for _ in range(8):
            self.world.pass_(50 * DAY)
            self.world.collect()
        assert self.world.registry.collector.waiting() == {}
        for name, mine in self.model.items():
            there = self.world.manifests(name) | self.world.blobs(name)
            assert there == mine.kept(self.now), name
        self.world.registry.sweep.run(grace=0)
        self.world.registry.sweep.run(grace=0)


TestMachine = pytest.mark.faults(Machine.TestCase)
TestMachine.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
