"""What images are made of and run on: chains of layers, indexes by what they name, and platforms as they become known.

Chains and parents are made of the references that are there; what a chain is, is written down here once more, since it
must not change with the program.
"""

import hashlib
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from peewee import Database
from playhouse.migrate import SchemaMigrator

TABLES = """
CREATE TABLE "image_chain" (
    "manifest_id" INTEGER NOT NULL PRIMARY KEY REFERENCES "manifest" ("id") ON DELETE CASCADE,
    "registry_id" INTEGER NOT NULL REFERENCES "registry" ("id") ON DELETE CASCADE,
    "chain" TEXT NOT NULL, "layers" INTEGER NOT NULL);
CREATE INDEX "image_chain_chain" ON "image_chain" ("chain", "registry_id", "manifest_id");
CREATE INDEX "image_chain_registry" ON "image_chain" ("registry_id");
CREATE TABLE "image_parent" (
    "repository_id" INTEGER NOT NULL REFERENCES "repository" ("id") ON DELETE CASCADE,
    "digest" TEXT NOT NULL,
    "manifest_id" INTEGER NOT NULL REFERENCES "manifest" ("id") ON DELETE CASCADE,
    PRIMARY KEY ("repository_id", "digest", "manifest_id")) WITHOUT ROWID;
CREATE INDEX "image_parent_manifest" ON "image_parent" ("manifest_id");
CREATE TABLE "image_platform" (
    "digest" TEXT NOT NULL PRIMARY KEY, "platforms" TEXT NOT NULL, "read_at" REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX "image_platform_read_at" ON "image_platform" ("read_at");
CREATE INDEX "tag_event_digest" ON "tag_event" ("repository_id", "digest", "id");
"""
REFERENCES = """
SELECT f.manifest_id, o.registry_id, f.kind, f.digest, f.media_type FROM manifest_reference f
CROSS JOIN manifest m ON m.id = f.manifest_id CROSS JOIN repository o ON o.id = m.repository_id
WHERE f.kind != 'manifest' AND f.manifest_id > ? ORDER BY f.manifest_id, f.position
"""
PARENTS = """
INSERT OR IGNORE INTO image_parent (repository_id, digest, manifest_id)
SELECT m.repository_id, f.digest, f.manifest_id FROM manifest_reference f JOIN manifest m ON m.id = f.manifest_id
WHERE f.kind = 'manifest'
"""
CONFIGS = {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
MOST = 500
BATCH = 1000


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the tables, and fill them."""
    for statement in filter(str.strip, TABLES.split(";")):
        database.execute_sql(statement)
    database.execute_sql(PARENTS)
    last = 0
    while rows := list(islice(_chains(database, last), BATCH)):
        for row in rows:
            database.execute_sql("INSERT INTO image_chain VALUES (?, ?, ?, ?)", row)
        last = rows[-1][0]


def _chains(database: Database, last: int) -> Iterator[tuple[int, int, str, int]]:
    """Yield manifest, registry, chain and number of layers of the images after a manifest."""
    found: Any = database.execute_sql(REFERENCES, (last,))
    for (manifest, registry), parts in groupby(found, key=lambda row: row[:2]):
        rows = list(parts)
        config = [row[4] for row in rows if row[2] == "config"]
        layers = [row[3] for row in rows if row[2] != "config"]
        archives = all(".tar" in row[4] for row in rows if row[2] != "config")
        if len(config) == 1 and config[0] in CONFIGS and archives and 0 < len(layers) <= MOST:
            chain = hashlib.sha256("".join(f"{one}\n" for one in layers).encode()).hexdigest()
            yield manifest, registry, chain, len(layers)
