"""The table of settings. A field's metadata is its row: how it is read, its default, and what it means."""

from dataclasses import dataclass, fields
from pathlib import Path

from ocireg.config import values
from ocireg.config.rows import Row
from ocireg.config.rows import row as _row
from ocireg.config.settings_of_service import ServiceSettings
from ocireg.config.stores import with_options


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ServiceSettings):
    """What is in force: those of stores and of the service, and here of upkeep. Durations are seconds."""

    gc_grace: float = _row(
        values.seconds,
        "24h",
        "seconds",
        "How long a manifest stays after its last tag was deleted, and what it alone refers to.",
    )
    gc_interval: float = _row(
        values.positive_seconds, "5m", "seconds", "The pause between garbage collections, of all processes together."
    )
    untagged_retention: float = _row(
        values.seconds,
        "30d",
        "seconds",
        "How long a manifest stays without a tag, after its last push or pull, if its tag moved away or it never had "
        "one. 0 keeps it for ever.",
    )
    retention_interval: float = _row(
        values.seconds,
        "1h",
        "seconds",
        "How often tags are judged by the retention policies of registries. 0: only when somebody asks for it.",
    )
    retention_floor: float = _row(
        values.seconds, "24h", "seconds", "How long retention keeps every tag after its push, whatever a policy says."
    )
    sweep_interval: float = _row(values.positive_seconds, "15m", "seconds", "The pause between clean-ups.")
    orphan_grace: float = _row(
        values.seconds, "1h", "seconds", "How old a left-over must be, and how long deleted bytes stay, before they go."
    )
    check_interval: float = _row(
        values.seconds,
        "0",
        "seconds",
        "The pause between checks of the database against the store, without digests. 0: only when one is asked for.",
    )
    backup_interval: float = _row(
        values.seconds,
        "6h",
        "seconds",
        "The pause between snapshots of the database, which are put into the store. 0 takes none by itself, nor before "
        "migrations.",
    )
    backup_keep: int = _row(
        values.positive,
        "7",
        "snapshots",
        "How many snapshots are kept: the newest ones, and the newest of each of so many days; and the newest that was "
        "taken before a migration.",
    )
    busy_timeout: float = _row(values.positive_seconds, "10s", "seconds", "How long to wait for a locked database.")
    log_level: str = _row(values.level, "info", "level", "The least that is logged: debug, info, warning or error.")
    access_log: bool = _row(values.boolean, "true", "", "Logs a line for each request.")

    @property
    def storage_url(self) -> str:
        """The store, with all that the settings say of it. It may hold a secret. A folder is absolute here."""
        if not self.storage:
            return f"file:{self.data.absolute() / 'storage'}"
        if self.storage.startswith("file:"):
            return f"file:{values.path_of(self.storage).absolute()}"
        return with_options(self.storage, self)

    @property
    def database_path(self) -> Path:
        """The file of the SQLite database."""
        if self.database:
            return values.path_of(self.database)
        return self.data.absolute() / "ocireg.db"

    @property
    def upload_thread_count(self) -> int:
        """Threads of a worker that uploads may hold, never all of several."""
        return self.upload_threads or max(self.threads * 3 // 4, 1)

    @property
    def host(self) -> str:
        """The host that is listened on, without brackets."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.bind.rpartition(":")[2])


TABLE: tuple[Row, ...] = tuple(Row(one.name, **one.metadata) for one in fields(Settings))
"""Every setting, in the order of the documentation."""
