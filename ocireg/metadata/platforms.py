"""Platforms of manifests for lists: one statement for a page of them, once configs and indexes have been read."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from ocireg.metadata.blobs import StoredBlob
from ocireg.metadata.database import Database
from ocireg.metadata.image_models import ImagePlatform
from ocireg.oci.platform import Platform

MOST = 100
"""Platforms that are kept of one index."""
_ROWS = """
SELECT m.id, m.digest, m.media_type, m.size, m.key, c.digest, c.media_type, b.id, b.key, b.size, b.lost, p.platforms
FROM json_each(?) w CROSS JOIN manifest m ON m.id = w.value
LEFT JOIN manifest_reference c ON c.manifest_id = m.id AND c.position = 0 AND c.kind = 'config'
LEFT JOIN blob b ON b.digest = c.digest AND EXISTS (
    SELECT 1 FROM repository_blob k WHERE k.repository_id = m.repository_id AND k.blob_id = b.id)
LEFT JOIN image_platform p ON p.digest = CASE WHEN c.digest IS NULL THEN m.digest ELSE b.digest END
"""
_KEEP = """
INSERT INTO image_platform (digest, platforms, read_at) VALUES (?, ?, ?)
ON CONFLICT (digest) DO UPDATE SET platforms = excluded.platforms, read_at = excluded.read_at
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A manifest of a list; ``key`` and ``size`` are those of its object. ``blob`` is its config, where it has it.

    ``known``: its platforms; None where nobody has read them yet.
    """

    id: int
    digest: str
    media_type: str
    size: int
    key: str
    config: str | None
    config_type: str | None
    blob: StoredBlob | None
    known: tuple[Platform, ...] | None


def rows(database: Database, manifests: Sequence[int]) -> list[Row]:
    """Return what is known of manifests."""
    return [_row(row) for row in database.fetch_all(_ROWS, json.dumps(list(manifests)))]


def _row(row: Sequence[Any]) -> Row:
    *plain, blob, key, size, lost, platforms = row
    stored = None if blob is None else StoredBlob(blob, key, size, bool(lost))
    known = None if platforms is None else tuple(Platform(*one) for one in json.loads(platforms))
    return Row(*(*plain, stored, known))


def content(database: Database, manifest: int, digest: str) -> bytes | None:
    """Return the copy of a manifest that the database has, if it has one."""
    found = database.fetch("SELECT content FROM manifest WHERE id = ? AND digest = ?", manifest, digest)
    return bytes(found[0]) if found and found[0] is not None else None


def keep(database: Database, found: Mapping[str, Sequence[Platform]]) -> None:
    """Keep platforms by the digest of the config or index that names them. Inside a transaction."""
    now = time.time()
    values = [(name, json.dumps([astuple(one) for one in some[:MOST]]), now) for name, some in found.items()]
    database.run_many(_KEEP, values)


def prune(database: Database, before: float, limit: int) -> int:
    """Forget up to ``limit`` that were read before that time (seconds, UTC); return how many. Inside a transaction."""
    old = ImagePlatform.select(ImagePlatform.digest).where(ImagePlatform.read_at < before).limit(limit)
    return database.run(ImagePlatform.delete().where(ImagePlatform.digest.in_(old)))
