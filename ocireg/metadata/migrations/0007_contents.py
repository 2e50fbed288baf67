"""What is in the layers of images. Identifiers of listings and directories are never used twice: a reader may have one.

A listing is one attempt at a layer; its entries are in directories, so that one directory is one range of the index.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

TABLES = """
CREATE TABLE "layer" (
    "digest" TEXT NOT NULL PRIMARY KEY, "state" TEXT NOT NULL, "reason" TEXT NOT NULL, "size" INTEGER NOT NULL,
    "done" INTEGER NOT NULL, "listing" INTEGER, "attempts" INTEGER NOT NULL, "lease_until" REAL NOT NULL,
    "entries" INTEGER NOT NULL, "files" INTEGER NOT NULL, "bytes" INTEGER NOT NULL, "opaque" INTEGER NOT NULL,
    "os_release" TEXT, "asked_at" REAL NOT NULL, "listed_at" REAL, "used_at" REAL NOT NULL);
CREATE INDEX "layer_listing_of" ON "layer" ("listing");
CREATE INDEX "layer_pending" ON "layer" ("asked_at") WHERE "state" = 'pending';
CREATE INDEX "layer_ready" ON "layer" ("used_at", "entries") WHERE "state" = 'ready';
CREATE TABLE "layer_listing" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "digest" TEXT NOT NULL);
CREATE TABLE "layer_directory" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT, "listing_id" INTEGER NOT NULL REFERENCES "layer_listing" ("id"),
    "path" TEXT NOT NULL);
CREATE UNIQUE INDEX "layer_directory_path" ON "layer_directory" ("listing_id", "path");
CREATE TABLE "layer_entry" (
    "directory_id" INTEGER NOT NULL REFERENCES "layer_directory" ("id"), "name" TEXT NOT NULL,
    "kind" INTEGER NOT NULL, "opaque" INTEGER NOT NULL, "size" INTEGER NOT NULL, "mode" INTEGER NOT NULL,
    "uid" INTEGER NOT NULL, "gid" INTEGER NOT NULL, "mtime" INTEGER NOT NULL, "link" TEXT,
    PRIMARY KEY ("directory_id", "name")) WITHOUT ROWID;
CREATE TABLE "layer_stack" (
    "digest" TEXT NOT NULL PRIMARY KEY, "files" INTEGER, "bytes" INTEGER, "counted_at" REAL NOT NULL
    ) WITHOUT ROWID;
CREATE INDEX "layer_stack_counted_at" ON "layer_stack" ("counted_at");
"""


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the tables."""
    for statement in filter(str.strip, TABLES.split(";")):
        database.execute_sql(statement)
