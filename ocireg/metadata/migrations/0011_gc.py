"""Garbage collection: what may have lost its last use waits in two queues; references know their repository.

What is there without a tag or a manifest that names it is queued as if it had lost its use now: nothing goes at once
because a program was replaced. The times are spread over an hour.
"""

import time

from peewee import Database
from playhouse.migrate import SchemaMigrator

REFERENCES = (
    """ALTER TABLE manifest_reference ADD COLUMN repository_id INTEGER REFERENCES repository (id) ON DELETE CASCADE""",
    """UPDATE manifest_reference SET repository_id = (SELECT repository_id FROM manifest WHERE id = manifest_id)""",
    """CREATE INDEX manifest_reference_repository ON manifest_reference (repository_id, digest)""",
    # Whoever writes a reference: one without its repository would keep nothing.
    """CREATE TRIGGER reference_added AFTER INSERT ON manifest_reference WHEN NEW.repository_id IS NULL BEGIN
    UPDATE manifest_reference SET repository_id = (SELECT repository_id FROM manifest WHERE id = NEW.manifest_id)
        WHERE manifest_id = NEW.manifest_id AND position = NEW.position; END""",
)
TABLES = (
    """ALTER TABLE manifest ADD COLUMN protected_until REAL NOT NULL DEFAULT 0""",
    """CREATE TABLE manifest_candidate (
    manifest_id INTEGER NOT NULL PRIMARY KEY REFERENCES manifest (id) ON DELETE CASCADE,
    reason TEXT NOT NULL, since REAL NOT NULL, not_before REAL NOT NULL DEFAULT 0)""",
    "CREATE INDEX manifest_candidate_since ON manifest_candidate (reason, since)",
    """CREATE TABLE blob_candidate (
    repository_id INTEGER NOT NULL, blob_id INTEGER NOT NULL,
    reason TEXT NOT NULL, since REAL NOT NULL, begun REAL NOT NULL,
    PRIMARY KEY (repository_id, blob_id),
    FOREIGN KEY (repository_id, blob_id) REFERENCES repository_blob (repository_id, blob_id) ON DELETE CASCADE
    ) WITHOUT ROWID""",
    "CREATE INDEX blob_candidate_since ON blob_candidate (reason, since)",
    "CREATE INDEX repository_blob_protected ON repository_blob (repository_id, protected_until)",
    """CREATE TABLE task (
    name TEXT NOT NULL PRIMARY KEY, holder TEXT, held_until REAL NOT NULL DEFAULT 0, began_at REAL, ended_at REAL,
    asked TEXT, progress TEXT NOT NULL DEFAULT '{}', report TEXT NOT NULL DEFAULT '{}')""",
    "INSERT INTO task (name) VALUES ('collection')",
)
QUEUE = (
    """INSERT INTO manifest_candidate (manifest_id, reason, since)
    SELECT id, 'untagged', :now + id % 3600 FROM manifest m
    WHERE NOT EXISTS (SELECT 1 FROM tag WHERE manifest_id = m.id)""",
    """INSERT INTO blob_candidate
    SELECT repository_id, blob_id, 'pushed', max(protected_until, :now + blob_id % 3600), :now
    FROM repository_blob l WHERE NOT EXISTS (
        SELECT 1 FROM blob b CROSS JOIN manifest_reference e
        WHERE b.id = l.blob_id AND e.repository_id = l.repository_id AND e.digest = b.digest)""",
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add columns and tables, and queue what is there."""
    for statement in (*REFERENCES, *TABLES):
        database.execute_sql(statement)
    for statement in QUEUE:
        database.execute_sql(statement, {"now": time.time()})
