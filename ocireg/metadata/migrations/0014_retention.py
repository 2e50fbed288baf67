"""Retention: policies of registries; how long what has no tag stays is kept with what waits, where a policy says it.

``stays`` of a candidate is what the policy of its registry says (seconds; NULL: nothing), whoever writes the row: so a
policy that changes holds for what waits already, and an index has what is due by each.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

_SAID = """UPDATE manifest_candidate SET stays = (
    SELECT e.untagged FROM manifest m JOIN repository r ON r.id = m.repository_id
    JOIN retention e ON e.registry_id = r.registry_id WHERE m.id = manifest_candidate.manifest_id) WHERE {which}"""
_ALL = """UPDATE manifest_candidate SET stays = {stays} WHERE manifest_id IN (
    SELECT c.manifest_id FROM repository r JOIN manifest m ON m.repository_id = r.id
    JOIN manifest_candidate c ON c.manifest_id = m.id WHERE r.registry_id = {registry})"""
_KEEPING = (
    ("candidate_added AFTER INSERT ON manifest_candidate", "",
     _SAID.format(which="manifest_id = NEW.manifest_id AND EXISTS (SELECT 1 FROM retention WHERE untagged >= 0)")),
    ("repository_kept_elsewhere AFTER UPDATE OF registry_id ON repository", "NEW.registry_id != OLD.registry_id",
     _SAID.format(which="manifest_id IN (SELECT id FROM manifest WHERE repository_id = NEW.id)")),
    ("retention_added AFTER INSERT ON retention", "NEW.untagged IS NOT NULL",
     _ALL.format(stays="NEW.untagged", registry="NEW.registry_id")),
    ("retention_changed AFTER UPDATE OF untagged ON retention",
     "coalesce(NEW.untagged, -1) != coalesce(OLD.untagged, -1)",
     _ALL.format(stays="NEW.untagged", registry="NEW.registry_id")),
    ("retention_removed AFTER DELETE ON retention", "OLD.untagged IS NOT NULL",
     _ALL.format(stays="NULL", registry="OLD.registry_id")),
)  # fmt: skip
STATEMENTS = (
    """CREATE TABLE retention (
    registry_id INTEGER NOT NULL PRIMARY KEY REFERENCES registry (id) ON DELETE CASCADE,
    policy TEXT NOT NULL, untagged REAL, asked INTEGER NOT NULL DEFAULT 0, ran_at REAL,
    report TEXT NOT NULL DEFAULT '{}')""",
    "ALTER TABLE manifest_candidate ADD COLUMN stays REAL",
    "CREATE INDEX manifest_candidate_stays ON manifest_candidate (stays, since) WHERE reason = 'untagged'",
    *(f"CREATE TRIGGER {on} {f'WHEN {when} ' if when else ''}BEGIN {does}; END" for on, when, does in _KEEPING),
    "INSERT INTO task (name) VALUES ('retention')",
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the table, the column, and what keeps it."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
