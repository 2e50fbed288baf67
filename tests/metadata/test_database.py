"""The database: who may write when, what is refused."""

import threading
import uuid
from pathlib import Path

import peewee
import pytest
from playhouse.migrations import Runner

from ocireg.errors import STORAGE_FULL, OperatorError, RegistryError
from ocireg.metadata import database as module
from ocireg.metadata import facts, repositories
from ocireg.metadata.database import SAFE_SQLITE, Database
from ocireg.metadata.filesystem import filesystem_type, refuse_network
from ocireg.metadata.migrate import FOLDER, migrate
from ocireg.metadata.models import Fact, Organization, Registry
from tests.migrated import ReplayingRunner


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path / "x.db", busy_timeout=0.2)
    migrate(made)
    return made


def test_the_library_in_use_is_one_that_cannot_corrupt_a_wal(database: Database) -> None:
    (version,) = database.fetch("SELECT sqlite_version()") or ("0",)
    assert tuple(map(int, version.split("."))) >= SAFE_SQLITE
    database.close()


def test_an_older_library_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAFE_SQLITE", (99, 0, 0))
    with pytest.raises(OperatorError, match="pip install"):
        Database(tmp_path / "x.db")


def test_the_pragmas_are_in_force_on_every_connection(database: Database) -> None:
    found: list[object] = []

    def ask() -> None:
        found.extend(database.fetch(f"PRAGMA {name}") for name in ("journal_mode", "foreign_keys", "synchronous"))
        database.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [("wal",), (1,), (2,)]
    database.close()


def test_migrations_are_applied_once_by_many_at_once(tmp_path: Path) -> None:
    applied: list[list[str]] = []

    def one() -> None:
        mine = Database(tmp_path / "y.db")
        applied.append(migrate(mine))
        mine.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied, key=len)[:-1] == [[]] * 5
    assert max(applied, key=len)[0] == "0001_initial"


def test_the_schema_has_the_root_registry_and_room_for_organizations(database: Database) -> None:
    assert migrate(database) == []
    (root,) = database.rows(Registry.select(Registry.organization, Registry.slug, Registry.visibility))
    assert root == (None, "", "private")
    assert len(facts.installation(database)) == 32
    with database.transaction():
        owner = database.run(Organization.insert(slug="acme", name="Acme", created_at=0))
        database.run(Registry.insert(organization=owner, slug="containers", name="Containers", created_at=0))
    with pytest.raises(peewee.IntegrityError), database.transaction():
        database.run(Registry.insert(organization=owner, slug="containers", name="Again", created_at=0))
    database.close()


def test_a_transaction_that_fails_changes_nothing(database: Database) -> None:
    def fail() -> None:
        with database.transaction():
            repositories.ensure(database, "a/b")
            raise KeyError("on the way")

    with pytest.raises(KeyError, match="on the way"):
        fail()
    assert database.fetch("SELECT count(*) FROM repository") == (0,)
    database.close()


def test_a_database_that_stays_locked_is_a_503_and_not_a_traceback(database: Database, tmp_path: Path) -> None:
    other = Database(tmp_path / "x.db", busy_timeout=0.1)
    with database.transaction(), pytest.raises(RegistryError) as caught, other.transaction():
        pass
    assert caught.value.error.status == 503
    assert caught.value.headers["Retry-After"]
    with other.transaction():
        other.run(Fact.insert(name="after", value="1"))
    database.close()
    other.close()


def test_many_threads_write_without_a_locked_database(database: Database) -> None:
    failures: list[BaseException] = []

    def one(number: int) -> None:
        try:
            for count in range(10):
                with database.transaction(durable=False):
                    database.run(Fact.insert(name=f"{number}-{count}", value="x"))
            database.close()
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert database.fetch("SELECT count(*) FROM fact WHERE value = 'x'") == (160,)
    database.close()


MOUNTS = r"""
/dev/root / ext4 rw 0 0
server:/x /mnt/nfs nfs4 rw 0 0
/dev/sdb /mnt/nfs/local ext4 rw 0 0
user@host:/ /mnt/ssh\040fs fuse.sshfs rw 0 0
//nas/share /mnt/cifs cifs rw 0 0
tmpfs /mnt/cifs tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind", "refused"),
    [
        ("/var/lib", "ext4", False),
        ("/mnt/nfs", "nfs4", True),
        ("/mnt/nfs/data", "nfs4", True),
        ("/mnt/nfs/local/data", "ext4", False),
        ("/mnt/nfsx", "ext4", False),
        ("/mnt/ssh fs/data", "fuse.sshfs", True),
        ("/mnt/cifs/data", "tmpfs", False),
    ],
)
def test_a_network_file_system_is_refused(tmp_path: Path, path: str, kind: str, refused: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS.strip() + "\n")
    assert filesystem_type(Path(path), mounts) == kind
    if refused:
        with pytest.raises(OperatorError, match="network file system"):
            refuse_network(Path(path), mounts)
    else:
        refuse_network(Path(path), mounts)
    refuse_network(Path(path), tmp_path / "no mounts are known")


@pytest.mark.parametrize("size", [10, 10_000_000], ids=["at the commit or before", "in the middle"])
def test_a_full_database_is_said_to_be_full_and_nothing_is_changed(database: Database, size: int) -> None:
    (pages,) = database.fetch("PRAGMA page_count") or (0,)
    database.fetch(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(RegistryError) as caught:  # noqa: PT012 - which of them finds no room is SQLite's business
        while True:
            with database.transaction():
                database.run(Fact.insert(name=uuid.uuid4().hex, value="x" * size))
    assert caught.value.error is STORAGE_FULL
    assert "the disk of the database is full" in caught.value.message
    assert "is full" in str(caught.value.__cause__)
    assert database.fetch("SELECT 1") == (1,)
    database.close()


def test_a_malformed_database_is_a_503_and_not_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    made = Database(path)
    migrate(made)
    with made.transaction():
        for number in range(2000):
            made.run(Fact.insert(name=f"{number:05}", value="x" * 100))
    made.close()
    content = path.read_bytes()
    pages = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    # "first": nothing can be read. "later": the first rows of a long answer can, one that follows cannot.
    for name, broken in {"first": range(len(pages)), "later": range(len(pages) - 9, len(pages) - 4)}.items():
        path.write_bytes(b"".join(b"\xff" * 4096 if at in broken else page for at, page in enumerate(pages)))
        damaged = Database(path)
        with pytest.raises(RegistryError) as caught:
            damaged.rows(Fact.select(Fact.name, Fact.value).order_by(Fact.name))
        assert caught.value.error.status == 503, name
        damaged.close()


def test_a_database_that_tests_begin_with_is_what_the_migrations_make(tmp_path: Path) -> None:
    made: list[tuple[object, ...]] = []
    for runner in (Runner, ReplayingRunner, ReplayingRunner):
        database = Database(tmp_path / f"{len(made)}.db")
        applied = runner(database.peewee, str(FOLDER)).up()
        schema = database.fetch_all("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name")
        filled = [database.fetch_all(f'SELECT count(*) FROM "{name}"') for kind, name, *_ in schema if kind == "table"]
        made.append((facts.installation(database), applied, schema, filled, database.fetch("PRAGMA journal_mode")))
        database.close()
    assert len({one[0] for one in made}) == 3
    assert made[0][1:] == made[1][1:] == made[2][1:]
