"""What is in images: which layers have been listed, what they show, and what is to be found in it.

Layers are shared by all images that have them, and are seen only through a repository that knows their blobs: a
manifest may name what is not its own.
"""

import hashlib
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from ocireg.contents import Limits
from ocireg.contents.release import parse
from ocireg.errors import MANIFEST_UNKNOWN, RegistryError
from ocireg.metadata import blobs as rows
from ocireg.metadata import finding, layers, manifests, stacks
from ocireg.metadata.chains import is_image
from ocireg.metadata.database import Database
from ocireg.metadata.layers import PENDING, READY
from ocireg.metadata.stacks import Listing, Page
from ocireg.oci.digest import Digest
from ocireg.registry.blobs import Blobs
from ocireg.registry.disk import DiskGuard
from ocireg.registry.image import ImageState, Part, Totals, shown_of, state_of
from ocireg.registry.lister import Lister, Terms
from ocireg.registry.pool import Pace, Pool, Stopped

QUEUE = 1000
"""Layers that wait at once, over all processes."""
VISITORS = 100
"""Those beyond which nobody in particular lets more wait: all that is public cannot keep out whoever has signed in."""
COUNTS = 100
"""Images that wait to be counted, in this process."""
FRESH = 60.0
"""Seconds for which a layer that was looked at needs not be noted again."""


class Contents:
    """The use-case. What is not ``enabled`` is as if nothing were an image."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        disk: DiskGuard,
        *,
        workers: int,
        entries: int,
        enabled: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self._database = database
        self._enabled = enabled
        self._pool = Pool("contents", workers, self._work, database.close)
        limits = limits or Limits()
        terms = Terms(replace(limits, entries=min(limits.entries, entries)), entries)
        self._lister = Lister(database, blobs, disk, terms, partial(Pace, self._pool.stopping))
        self._counts: dict[str, tuple[Listing, ...]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give up what is under way, as the process ends; another one goes on with it."""
        self._pool.close()

    def state(self, repository: str, digest: Digest) -> ImageState | None:
        """Return how far the layers of an image are; None of what is no image. MANIFEST_UNKNOWN.

        Where layers are in the queue and nobody is at them, this process begins.
        """
        parts = self._parts(repository, digest)
        if parts is None:
            return None
        now = time.time()
        if any(one.stored and one.stored.state == PENDING and one.stored.claimed_until < now for one in parts):
            self._pool.wake()
        return state_of(parts)

    def ask(self, repository: str, digest: Digest, *, visitor: bool = False) -> ImageState | None:
        """Let the layers of an image be listed that have not been, and return how far they are. MANIFEST_UNKNOWN.

        Where the queue is full, as it is sooner for a ``visitor``, some stay unlisted: ask again.
        """
        parts = self._parts(repository, digest)
        if parts is None:
            return None
        wanted = {one.edge.digest: one.size for one in parts if one.size is not None and one.stored is None}
        if wanted and not state_of(parts).reason:
            with self._database.transaction(durable=False):
                layers.ask(self._database, wanted, VISITORS if visitor else QUEUE)
        return self.state(repository, digest)

    def directory(
        self,
        repository: str,
        digest: Digest,
        path: str = "",
        *,
        after: str = "",
        limit: int = 1000,
        layer: int | None = None,
    ) -> Page | None:
        """Return a page of a directory, of what all layers show that are ready. MANIFEST_UNKNOWN.

        None where there is no such directory, or no image. ``layer`` (from 0, the lowest) shows that one alone, and
        what it hides.
        """
        stack = self._stack(repository, digest, layer)
        if stack is None:
            return None
        return stacks.directory(self._database, stack, path.strip("/"), after, limit, marks=layer is not None)

    def search(
        self, repository: str, digest: Digest, text: str, *, after: str = "", limit: int = 100, layer: int | None = None
    ) -> Page | None:
        """Return a page of the paths that have ``text`` in them, or match it; see ``finding.search``. Likewise."""
        stack = self._stack(repository, digest, layer)
        return None if stack is None else finding.search(self._database, stack, text, after, limit)

    def totals(self, repository: str, digest: Digest) -> Totals | None:
        """Return what an image has in all, once every layer is ready; None before, or of no image. Likewise."""
        parts = self._parts(repository, digest)
        if parts is None or state_of(parts).state != READY:
            return None
        releases = [one.stored.os_release for one in parts if one.stored and one.stored.os_release]
        distribution = parse(releases[-1]) if releases else None
        name = hashlib.sha256("\n".join(one.edge.digest for one in parts).encode()).hexdigest()
        count = finding.kept_count(self._database, name)
        if count is None:
            self._let_count(name, shown_of(parts))
            return Totals(None, None, distribution)
        return Totals(count.files, count.bytes, distribution)

    def _parts(self, repository: str, digest: Digest) -> list[Part] | None:
        """Return the layers of an image, the lowest first; None of what is none. MANIFEST_UNKNOWN."""
        edges = manifests.edges(self._database, repository, str(digest)) if self._enabled else []
        if edges is None:
            raise RegistryError(MANIFEST_UNKNOWN, detail={"reference": str(digest)})
        if not is_image(edges):
            return None
        named = [one for one in edges if one.kind != "config"]
        digests = {one.digest for one in named}
        sizes = rows.sizes(self._database, repository, digests)
        stored = layers.find(self._database, sizes.keys())
        return [Part(one, sizes.get(one.digest), stored.get(one.digest)) for one in named]

    def _stack(self, repository: str, digest: Digest, layer: int | None) -> tuple[Listing, ...] | None:
        parts = self._parts(repository, digest)
        if parts is None or len(parts) > stacks.MOST:
            return None
        if layer is not None:
            parts = parts[layer : layer + 1] if layer >= 0 else []
        self._note(parts)
        found = shown_of(parts)
        return found if found or layer is None else None

    def _note(self, parts: Sequence[Part]) -> None:
        """Take note that layers are looked at. A database that is busy costs nobody a page."""
        before = time.time() - FRESH
        old = {one.stored.digest for one in parts if one.stored and one.stored.used_at < before}
        if old:
            with suppress(RegistryError), self._database.transaction(durable=False):
                layers.touch(self._database, old)

    def _let_count(self, name: str, stack: tuple[Listing, ...]) -> None:
        with self._lock:
            if len(self._counts) < COUNTS:
                self._counts.setdefault(name, stack)
        self._pool.wake()

    def _work(self) -> bool:
        """Count an image, or list a layer; say whether there was one."""
        with self._lock:
            name = next(iter(self._counts), None)
            stack = self._counts[name] if name else ()
        if name is None:
            return self._lister.work()
        try:
            self._count(name, stack)
        except Stopped:
            return False
        finally:
            with self._lock:
                self._counts.pop(name, None)
        return True

    def _count(self, name: str, stack: tuple[Listing, ...]) -> None:
        if finding.kept_count(self._database, name):
            return
        found = finding.count(self._database, stack, Pace(self._pool.stopping).rest)
        if found:
            with self._database.transaction(durable=False):
                finding.keep_count(self._database, name, found)
