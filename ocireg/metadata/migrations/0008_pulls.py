"""Who pushed, when it was last pulled and how often; and what lists show of repositories, kept with their rows.

A page of 30 repositories would have to add up 300,000 rows if each held 10,000 manifests. Triggers keep the sums, also
where a foreign key deletes: see ``docs/decisions/counters.rst``.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

COLUMNS = (
    ("tag", "pushed_by", "TEXT NOT NULL DEFAULT ''"),
    ("tag_event", "by", "TEXT NOT NULL DEFAULT ''"),
    ("manifest", "pushed_by", "TEXT NOT NULL DEFAULT ''"),
    ("manifest", "pulled_at", "REAL"),
    ("manifest", "downloads", "INTEGER NOT NULL DEFAULT 0"),
    ("repository", "pushed_at", "REAL"),
    ("repository", "downloads", "INTEGER NOT NULL DEFAULT 0"),
    ("repository", "manifests", "INTEGER NOT NULL DEFAULT 0"),
    ("repository", "tags", "INTEGER NOT NULL DEFAULT 0"),
    ("repository", "size", "INTEGER NOT NULL DEFAULT 0"),
    ("registry", "downloads", "INTEGER NOT NULL DEFAULT 0"),
    ("registry", "path", "TEXT NOT NULL DEFAULT ''"),
)
FILL = (
    """UPDATE repository SET
    pushed_at = (SELECT max(pushed_at) FROM manifest WHERE repository_id = repository.id),
    manifests = (SELECT count(*) FROM manifest WHERE repository_id = repository.id),
    tags = (SELECT count(*) FROM tag WHERE repository_id = repository.id),
    size = (SELECT coalesce(sum(size), 0) FROM manifest WHERE repository_id = repository.id)
        + (SELECT coalesce(sum(b.size), 0) FROM repository_blob l JOIN blob b ON b.id = l.blob_id
           WHERE l.repository_id = repository.id)""",
    """UPDATE registry SET path = o.slug || '/' || registry.slug
    FROM organization o WHERE o.id = registry.organization_id""",
)
TABLES = (
    """CREATE TABLE download (
    manifest_id INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
    day INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (manifest_id, day)) WITHOUT ROWID""",
    """CREATE TABLE repository_download (
    repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    day INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (repository_id, day)) WITHOUT ROWID""",
)
# An index ends with the row's id, which SQLite adds: newest first is by that.
INDEXES = (
    "CREATE INDEX registry_path ON registry (path)",
    "CREATE INDEX registry_organization_path ON registry (organization_id, path)",
    "CREATE INDEX repository_held ON repository (registry_id, pushed_at) WHERE manifests > 0",
    "CREATE INDEX manifest_repository ON manifest (repository_id)",
    "CREATE INDEX tag_pushed_at ON tag (repository_id, pushed_at, name)",
    "CREATE INDEX tag_event_repository ON tag_event (repository_id)",
)
# A blob goes before the rows that know it, as foreign keys do it: its size is taken off while it is there.
TRIGGERS = (
    """CREATE TRIGGER manifest_added AFTER INSERT ON manifest BEGIN
    UPDATE repository SET manifests = manifests + 1, size = size + NEW.size,
        pushed_at = max(coalesce(pushed_at, NEW.pushed_at), NEW.pushed_at) WHERE id = NEW.repository_id; END""",
    """CREATE TRIGGER manifest_pushed AFTER UPDATE OF pushed_at ON manifest BEGIN
    UPDATE repository SET pushed_at = max(coalesce(pushed_at, NEW.pushed_at), NEW.pushed_at)
        WHERE id = NEW.repository_id; END""",
    """CREATE TRIGGER manifest_removed AFTER DELETE ON manifest BEGIN
    UPDATE repository SET manifests = manifests - 1, size = size - OLD.size WHERE id = OLD.repository_id; END""",
    """CREATE TRIGGER tag_added AFTER INSERT ON tag BEGIN
    UPDATE repository SET tags = tags + 1 WHERE id = NEW.repository_id; END""",
    """CREATE TRIGGER tag_removed AFTER DELETE ON tag BEGIN
    UPDATE repository SET tags = tags - 1 WHERE id = OLD.repository_id; END""",
    """CREATE TRIGGER blob_known AFTER INSERT ON repository_blob BEGIN
    UPDATE repository SET size = size + (SELECT size FROM blob WHERE id = NEW.blob_id)
        WHERE id = NEW.repository_id; END""",
    """CREATE TRIGGER blob_forgotten AFTER DELETE ON repository_blob BEGIN
    UPDATE repository SET size = size - coalesce((SELECT size FROM blob WHERE id = OLD.blob_id), 0)
        WHERE id = OLD.repository_id; END""",
    """CREATE TRIGGER blob_removed BEFORE DELETE ON blob BEGIN
    UPDATE repository SET size = size - OLD.size
        WHERE id IN (SELECT repository_id FROM repository_blob WHERE blob_id = OLD.id); END""",
    """CREATE TRIGGER blob_sized AFTER UPDATE OF size ON blob WHEN NEW.size != OLD.size BEGIN
    UPDATE repository SET size = size + NEW.size - OLD.size
        WHERE id IN (SELECT repository_id FROM repository_blob WHERE blob_id = NEW.id); END""",
    """CREATE TRIGGER registry_added AFTER INSERT ON registry BEGIN
    UPDATE registry SET path = coalesce(
        (SELECT slug FROM organization WHERE id = NEW.organization_id) || '/' || NEW.slug, '')
        WHERE id = NEW.id; END""",
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add columns, tables and indices; count what is there, and from then on what comes and goes."""
    for table, column, kind in COLUMNS:
        database.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kind}')
    for statement in (*FILL, *TABLES, *INDEXES, *TRIGGERS):
        database.execute_sql(statement)
