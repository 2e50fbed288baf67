"""Platforms of the manifests of a list: read once from configs and indexes, and known from then on.

What a page reads from the store is bounded, in number and in time: the rest is read for the next one who looks.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from ocireg.errors import UNAVAILABLE, RegistryError
from ocireg.metadata import platforms
from ocireg.metadata.database import Database
from ocireg.metadata.platforms import Row
from ocireg.oci import image_config
from ocireg.oci import manifest as parser
from ocireg.oci.digest import Digest
from ocireg.oci.manifest import Index
from ocireg.oci.media_types import DOCKER_CONFIG, INDEXES, OCI_CONFIG
from ocireg.oci.platform import UNKNOWN, Platform
from ocireg.registry.blobs import Blobs, FoundBlob
from ocireg.registry.manifests import PARSING
from ocireg.registry.versions.configs import LATER, ODD, TOO_LARGE, read_blob
from ocireg.registry.versions.parts import REFERENCE_TYPE
from ocireg.storage import Storage

READS = 30
"""Configs and indexes that are read for one list."""
READING = 2.0
"""Seconds after which no other one is read for it."""
REST = 30.0
"""Seconds for which no list asks a store that could not be read: each would wait as long for it."""


class Listed(Protocol):
    """A manifest of a list, as a tag or a package has it."""

    @property
    def row(self) -> int:
        """The number of its row."""

    @property
    def digest(self) -> str:
        """Its digest."""


class Platforms:
    """The use-case of platforms."""

    def __init__(self, database: Database, storage: Storage, blobs: Blobs) -> None:
        self._database = database
        self._storage = storage
        self._blobs = blobs
        self._left_until = 0.0  # by the monotonic clock: until then nothing is read

    def of(self, listed: Sequence[Listed]) -> dict[int, tuple[Platform, ...]]:
        """Return the platforms of manifests by row, in one statement for all that are known.

        Without a platform is what is no image; what is not in the answer has not been read yet.
        """
        digests = {one.row: one.digest for one in listed}
        rows = [one for one in platforms.rows(self._database, list(digests)) if one.digest == digests[one.id]]
        found = {one.id: one.known for one in rows if one.known is not None}
        unknown: list[Row] = []
        for one in rows:
            if one.known is None and (one.media_type in INDEXES or _has_config(one)):
                unknown.append(one)
            elif one.known is None:
                found[one.id] = ()
        return found | self._read(unknown[:READS])

    def _read(self, unknown: Sequence[Row]) -> dict[int, tuple[Platform, ...]]:
        until = time.monotonic() + READING
        found: dict[int, tuple[Platform, ...]] = {}
        read: dict[str, tuple[Platform, ...]] = {}
        for one in unknown:
            name = one.config or one.digest
            if self._left_until <= time.monotonic() < until and name not in read:
                some = self._of_index(one) if one.config is None else self._of_config(one)
                if some is not None:
                    read[name] = some
            if name in read:
                found[one.id] = read[name]
        if read:
            with suppress(RegistryError), self._database.transaction(durable=False):
                platforms.keep(self._database, read)
        return found

    def _of_config(self, row: Row) -> tuple[Platform, ...] | None:
        assert row.config, "only such are read"
        assert row.blob, "likewise"
        blob = FoundBlob(Digest.parse(row.config), row.blob.size, row.blob.key, row.blob)
        found, problem = read_blob(self._blobs, blob, image_config.parse)
        if problem == LATER:
            self._leave_alone()
        if problem and problem not in {ODD, TOO_LARGE}:
            return None
        return (found.platform,) if found and found.platform else ()

    def _of_index(self, row: Row) -> tuple[Platform, ...] | None:
        content = platforms.content(self._database, row.id, row.digest)
        try:
            raw = self._storage.get_manifest(row.key, Digest.parse(row.digest)) if content is None else content
        except RegistryError as error:
            if error.error is UNAVAILABLE:
                self._leave_alone()
            return None
        with PARSING:
            parsed = parser.parse(raw, row.media_type)
        children = parsed.manifests if isinstance(parsed, Index) else ()
        named = (one.platform for one in children if REFERENCE_TYPE not in one.annotations and one.platform)
        return tuple(dict.fromkeys(one for one in named if UNKNOWN not in {one.os, one.architecture}))

    def _leave_alone(self) -> None:
        self._left_until = time.monotonic() + REST


def _has_config(row: Row) -> bool:
    return row.config_type in {OCI_CONFIG, DOCKER_CONFIG} and row.blob is not None and not row.blob.lost
