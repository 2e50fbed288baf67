"""What keeps a manifest or a blob, or since when it is condemned, and when it goes."""

from dataclasses import dataclass

from ocireg.metadata import keepers, queues, whereabouts
from ocireg.metadata.database import Database
from ocireg.metadata.repositories import EVERYTHING, Reach
from ocireg.metadata.whereabouts import Holding
from ocireg.oci.digest import Digest
from ocireg.registry.roots import Delays, Root, Roots

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
        manifests = whereabouts.manifests(self._database, str(digest), reach, LISTED, after)
        blobs = whereabouts.blobs(self._database, str(digest), reach, LISTED, after)
        ends = [found[-1].name for found in (manifests, blobs) if len(found) == LISTED]
        found = [self._of_manifest(one) for one in manifests] + [self._of_blob(one, str(digest)) for one in blobs]
        seen = [one for one in found if one is not None and (not ends or one.repository <= min(ends))]
        return sorted(seen, key=lambda one: (one.repository, one.kind))

    def manifest(self, repository: int, name: str, digest: str) -> Reason | None:
        """Return why a manifest is in a repository (its row, its name); None where it is not."""
        row = keepers.manifest(self._database, repository, digest)
        return None if row is None else self._of_manifest(Holding(repository, name, row, 0))

    def _of_manifest(self, one: Holding) -> Reason | None:
        node = None if one.manifest is None else keepers.node(self._database, one.manifest)
        if node is None:
            return None
        return self._reason(one.name, "manifest", self._roots.of_manifest(node), node.protected_until)

    def _of_blob(self, one: Holding, digest: str) -> Reason:
        root = self._roots.of_blob(one.repository, digest)
        if root is not None:
            return self._reason(one.name, "blob", root, one.protected_until)
        queued = queues.blob(self._database, one.repository, digest)
        goes_at, reason, since = one.protected_until, None, None
        if queued is not None:
            delay = self._delays.grace if queued.reason == "deleted" else 0.0
            goes_at = max(goes_at, queued.since + delay)
            reason, since = queued.reason, queued.since
        until = self._protection(one.protected_until)
        return Reason(one.name, "blob", False, (), None, reason, since, goes_at, goes_at + self._grace, until)

    def _reason(self, repository: str, kind: str, root: Root, protected_until: float) -> Reason:
        chain = tuple(Link(step.how, step.node.digest) for step in root.steps)
        until = self._protection(protected_until)
        if root.tag is not None or root.cut:
            return Reason(repository, kind, True, chain, root.tag, None, None, None, None, until)
        last = root.steps[-1].node
        goes_at = root.until if root.until is None else max(root.until, protected_until)
        bytes_at = None if goes_at is None else goes_at + self._grace
        return Reason(repository, kind, False, chain, None, last.reason, last.since, goes_at, bytes_at, until)

    def _protection(self, until: float) -> float | None:
        return until if until > self._database.now() else None
