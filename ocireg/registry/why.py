"""What keeps a manifest or a blob, or since when it is condemned, and when it goes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocireg.metadata import keepers, manifests, queues, whereabouts
from ocireg.metadata.candidates import DELETED
from ocireg.metadata.database import Database
from ocireg.metadata.queues import BlobCandidate
from ocireg.metadata.repositories import EVERYTHING, Reach
from ocireg.metadata.whereabouts import Holding
from ocireg.oci.digest import Digest
from ocireg.registry.fates import Fate, Fates, latest
from ocireg.registry.roots import Delays, Root, Roots, Step

LISTED = 100
"""Repositories of one answer that have it as a manifest, and that have it as a blob."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the way to the root. ``how`` what came before leads to it: as ``part`` of it, or to its ``subject``.

    "" of the manifest that is asked for.
    """

    how: str
    digest: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is in a repository. Times are seconds since the epoch, UTC.

    ``kind``: manifest or blob. ``chain``: the manifests from it to the one that has the ``tag``, or whose time is the
    last to come. ``kept``: by a tag, for as long as that is there. Otherwise it is condemned, ``since`` then and by
    ``reason``, those of the last of the chain (``untagged``, ``deleted``, ``followed``; of a blob that nothing names:
    ``pushed``, ``released``, ``deleted``), and goes at ``goes_at`` (None: never, by the settings); its bytes at
    ``bytes_at``, if nothing else has them. ``protected_until``: it stays until then in any case.
    """

    repository: str
    kind: str
    kept: bool
    chain: tuple[Link, ...]
    tag: str | None
    reason: str | None
    since: float | None
    goes_at: float | None
    bytes_at: float | None
    protected_until: float | None


class Why:
    """The use-case of asking why something is there. ``grace``: seconds that bytes stay which no row needs."""

    def __init__(self, database: Database, delays: Delays, *, grace: float) -> None:
        self._database = database
        self._delays = delays
        self._roots = Roots(database, delays)
        self._grace = grace

    def ask(self, digest: Digest, reach: Reach = EVERYTHING, after: str = "") -> list[Reason]:
        """Return why the digest is in repositories of a reach, in the order of their names, after one of that name.

        None follows the last if these are none.
        """
        images = whereabouts.manifests(self._database, str(digest), reach, LISTED, after)
        blobs = whereabouts.blobs(self._database, str(digest), reach, LISTED, after)
        ends = [found[-1].name for found in (images, blobs) if len(found) == LISTED]
        found = [self._of_manifest(one) for one in images] + [self._of_blob(one, str(digest)) for one in blobs]
        seen = [one for one in found if one is not None and (not ends or one.repository <= min(ends))]
        return sorted(seen, key=lambda one: (one.repository, one.kind))

    def manifest(self, repository: str, digest: str) -> Reason | None:
        """Return why a manifest is in a repository; None where it is not."""
        found = manifests.find(self._database, repository, digest=digest, content=False)
        return None if found is None else self._of_manifest(Holding(found.repository, repository, found.id, 0))

    def _of_manifest(self, one: Holding) -> Reason | None:
        node = None if one.manifest is None else keepers.node(self._database, one.manifest)
        if node is None:
            return None
        until = self._protection(node.protected_until)
        root = self._roots.of_manifest(node)
        if root.tag is not None or root.cut:
            return _kept(one.name, "manifest", root, until)
        fate = Fates(self._roots, self._delays).of(Step("", node))
        return self._condemned(one.name, "manifest", fate, until)

    def _of_blob(self, one: Holding, digest: str) -> Reason:
        until = self._protection(one.protected_until)
        root = self._roots.of_blob(one.repository, digest)
        if root is not None and (root.tag is not None or root.cut):
            return _kept(one.name, "blob", root, until)
        fates = Fates(self._roots, self._delays)
        fate = latest([fates.of(step) for step in self._roots.naming(one.repository, digest)])
        if fate is None:
            fate = self._alone(queues.blob(self._database, one.repository, digest))
        goes_at = fate.until if fate.until is None else max(fate.until, one.protected_until)
        return self._condemned(one.name, "blob", replace(fate, until=goes_at), until)

    def _alone(self, queued: BlobCandidate | None) -> Fate:
        """Return the fate of a blob that no manifest names."""
        if queued is None:
            return Fate((), None, None, 0.0)
        delay = self._delays.grace if queued.reason == DELETED else 0.0
        return Fate((), queued.reason, queued.since, queued.since + delay)

    def _condemned(self, repository: str, kind: str, fate: Fate, protected: float | None) -> Reason:
        bytes_at = None if fate.until is None else fate.until + self._grace
        links = _links(fate.steps)
        return Reason(repository, kind, False, links, None, fate.reason, fate.since, fate.until, bytes_at, protected)

    def _protection(self, until: float) -> float | None:
        return until if until > self._database.now() else None


def _kept(repository: str, kind: str, root: Root, protected: float | None) -> Reason:
    return Reason(repository, kind, True, _links(root.steps), root.tag, None, None, None, None, protected)


def _links(steps: Iterable[Step]) -> tuple[Link, ...]:
    return tuple(Link(step.how, step.node.digest) for step in steps)
