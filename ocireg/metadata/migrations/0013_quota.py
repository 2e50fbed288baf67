"""What registries, organizations and the instance use, kept by triggers, and what they may use at most.

A registry uses each blob that its repositories know once: ``registry_blob`` counts how many of them know it, so that
one that comes or goes costs what it costs itself. See ``docs/decisions/quota.rst``.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

COLUMNS = (
    ("organization", "size", "BIGINT NOT NULL DEFAULT 0"),
    ("organization", "quota", "BIGINT"),
    ("registry", "size", "BIGINT NOT NULL DEFAULT 0"),
    ("registry", "blobs", "INTEGER NOT NULL DEFAULT 0"),
    ("registry", "manifests", "INTEGER NOT NULL DEFAULT 0"),
    ("registry", "quota", "BIGINT"),
)
TABLES = (
    """CREATE TABLE registry_blob (
    registry_id INTEGER NOT NULL REFERENCES registry (id) ON DELETE CASCADE,
    blob_id INTEGER NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
    repositories INTEGER NOT NULL, PRIMARY KEY (registry_id, blob_id)) WITHOUT ROWID""",
    "CREATE INDEX registry_blob_blob ON registry_blob (blob_id)",
    """CREATE TABLE instance_usage (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL, blobs INTEGER NOT NULL, manifests INTEGER NOT NULL)""",
)
FILL = (
    """INSERT INTO registry_blob SELECT r.registry_id, l.blob_id, count(*)
    FROM repository_blob l JOIN repository r ON r.id = l.repository_id GROUP BY r.registry_id, l.blob_id""",
    """UPDATE registry SET
    blobs = (SELECT count(*) FROM registry_blob WHERE registry_id = registry.id),
    manifests = (SELECT coalesce(sum(manifests), 0) FROM repository WHERE registry_id = registry.id),
    size = (SELECT coalesce(sum(b.size), 0) FROM registry_blob l JOIN blob b ON b.id = l.blob_id
            WHERE l.registry_id = registry.id)
        + (SELECT coalesce(sum(m.size), 0) FROM manifest m JOIN repository r ON r.id = m.repository_id
           WHERE r.registry_id = registry.id)""",
    """UPDATE organization SET
    size = (SELECT coalesce(sum(size), 0) FROM registry WHERE organization_id = organization.id)""",
    """INSERT INTO instance_usage SELECT 1,
    (SELECT coalesce(sum(size), 0) FROM blob) + (SELECT coalesce(sum(size), 0) FROM manifest),
    (SELECT count(*) FROM blob), (SELECT count(*) FROM manifest)""",
)
# What a foreign key takes along knows its repository no more, and not its blob: each goes before what it belongs to.
BLOBS = (
    """CREATE TRIGGER blob_known_to_registry AFTER INSERT ON repository_blob BEGIN
    INSERT INTO registry_blob (registry_id, blob_id, repositories)
        SELECT registry_id, NEW.blob_id, 1 FROM repository WHERE id = NEW.repository_id
        ON CONFLICT (registry_id, blob_id) DO UPDATE SET repositories = registry_blob.repositories + 1; END""",
    """CREATE TRIGGER blob_forgotten_by_repository AFTER DELETE ON repository_blob BEGIN
    UPDATE registry_blob SET repositories = repositories - 1 WHERE blob_id = OLD.blob_id
        AND registry_id = (SELECT registry_id FROM repository WHERE id = OLD.repository_id); END""",
    """CREATE TRIGGER blob_of_no_repository AFTER UPDATE OF repositories ON registry_blob
    WHEN NEW.repositories < 1 BEGIN
    DELETE FROM registry_blob WHERE registry_id = NEW.registry_id AND blob_id = NEW.blob_id; END""",
    """CREATE TRIGGER registry_blob_added AFTER INSERT ON registry_blob BEGIN
    UPDATE registry SET blobs = blobs + 1, size = size + (SELECT size FROM blob WHERE id = NEW.blob_id)
        WHERE id = NEW.registry_id; END""",
    """CREATE TRIGGER registry_blob_removed AFTER DELETE ON registry_blob BEGIN
    UPDATE registry SET blobs = blobs - 1, size = size - (SELECT size FROM blob WHERE id = OLD.blob_id)
        WHERE id = OLD.registry_id; END""",
    """CREATE TRIGGER blob_removed_from_registries BEFORE DELETE ON blob BEGIN
    DELETE FROM registry_blob WHERE blob_id = OLD.id; END""",
    """CREATE TRIGGER blob_sized_in_registries AFTER UPDATE OF size ON blob WHEN NEW.size != OLD.size BEGIN
    UPDATE registry SET size = size + NEW.size - OLD.size
        WHERE id IN (SELECT registry_id FROM registry_blob WHERE blob_id = NEW.id);
    UPDATE instance_usage SET size = size + NEW.size - OLD.size; END""",
    """CREATE TRIGGER blob_of_instance AFTER INSERT ON blob BEGIN
    UPDATE instance_usage SET size = size + NEW.size, blobs = blobs + 1; END""",
    """CREATE TRIGGER blob_gone AFTER DELETE ON blob BEGIN
    UPDATE instance_usage SET size = size - OLD.size, blobs = blobs - 1; END""",
)
MANIFESTS = (
    """CREATE TRIGGER manifest_of_registry AFTER INSERT ON manifest BEGIN
    UPDATE registry SET manifests = manifests + 1, size = size + NEW.size
        WHERE id = (SELECT registry_id FROM repository WHERE id = NEW.repository_id);
    UPDATE instance_usage SET size = size + NEW.size, manifests = manifests + 1; END""",
    """CREATE TRIGGER manifest_gone AFTER DELETE ON manifest BEGIN
    UPDATE registry SET manifests = manifests - 1, size = size - OLD.size
        WHERE id = (SELECT registry_id FROM repository WHERE id = OLD.repository_id);
    UPDATE instance_usage SET size = size - OLD.size, manifests = manifests - 1; END""",
)
OWNERS = (
    """CREATE TRIGGER registry_sized AFTER UPDATE OF size ON registry WHEN NEW.size != OLD.size BEGIN
    UPDATE organization SET size = size + NEW.size - OLD.size WHERE id = NEW.organization_id; END""",
    """CREATE TRIGGER repository_removed BEFORE DELETE ON repository BEGIN
    DELETE FROM repository_blob WHERE repository_id = OLD.id;
    DELETE FROM manifest WHERE repository_id = OLD.id; END""",
    """CREATE TRIGGER registry_removed BEFORE DELETE ON registry BEGIN
    DELETE FROM repository WHERE registry_id = OLD.id; END""",
    """CREATE TRIGGER repository_moved AFTER UPDATE OF registry_id ON repository
    WHEN NEW.registry_id != OLD.registry_id BEGIN
    INSERT INTO registry_blob (registry_id, blob_id, repositories)
        SELECT NEW.registry_id, blob_id, 1 FROM repository_blob WHERE repository_id = NEW.id
        ON CONFLICT (registry_id, blob_id) DO UPDATE SET repositories = registry_blob.repositories + 1;
    UPDATE registry_blob SET repositories = repositories - 1 WHERE registry_id = OLD.registry_id
        AND blob_id IN (SELECT blob_id FROM repository_blob WHERE repository_id = NEW.id);
    UPDATE registry SET manifests = manifests + NEW.manifests, size = size
        + (SELECT coalesce(sum(size), 0) FROM manifest WHERE repository_id = NEW.id) WHERE id = NEW.registry_id;
    UPDATE registry SET manifests = manifests - NEW.manifests, size = size
        - (SELECT coalesce(sum(size), 0) FROM manifest WHERE repository_id = NEW.id) WHERE id = OLD.registry_id; END""",
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add columns and tables; add up what is there, and from then on what comes and goes."""
    for table, column, kind in COLUMNS:
        database.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kind}')
    for statement in (*TABLES, *FILL, *BLOBS, *MANIFESTS, *OWNERS):
        database.execute_sql(statement)
