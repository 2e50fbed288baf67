"""The audit log. It names what it tells of by text and not by row: what is deleted stays in it.

Each index ends with the row's id, which SQLite adds: newest first is by time, and by id within one instant.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

TABLE = """
CREATE TABLE "audit_event" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" REAL NOT NULL,
    "action" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "credential" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "organization" TEXT,
    "registry" TEXT,
    "repository" TEXT,
    "subject" TEXT,
    "outcome" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '{}'
)
"""
INDEXES = (
    'CREATE INDEX "audit_event_at" ON "audit_event" ("at")',
    'CREATE INDEX "audit_event_action" ON "audit_event" ("action", "at")',
    'CREATE INDEX "audit_event_actor" ON "audit_event" ("actor", "at")',
    'CREATE INDEX "audit_event_repository" ON "audit_event" ("repository", "at") WHERE "repository" IS NOT NULL',
    'CREATE INDEX "audit_event_organization" ON "audit_event" ("organization", "at") WHERE "organization" IS NOT NULL',
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Make the table. An id is never used twice: what was read last is known by it."""
    for statement in (TABLE, *INDEXES):
        database.execute_sql(statement)
