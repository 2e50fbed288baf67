"""The database: there, readable, sound, of this version; nothing is applied or made."""

from collections.abc import Generator
from pathlib import Path

from ocireg.config import Settings
from ocireg.doctor.finding import Finding, failed, not_tried, passed
from ocireg.metadata import inspection
from ocireg.metadata.database import SAFE_SQLITE
from ocireg.metadata.filesystem import MOUNTS, NETWORK, filesystem_type

FILE, DISK, LIBRARY = "database", "file system", "SQLite"
INTEGRITY, MIGRATIONS = "integrity", "migrations"
_RESTORE = "stop the registry, keep a copy of the file, and put a backup in its place (docs/operations.rst)"
_OPEN = "let the user that serves read and write it and its folder, and see that the disk can be written"


def checks(settings: Settings) -> Generator[Finding, None, bool]:
    """Check the database; return whether it can be asked for what is in it."""
    path = settings.database_path
    disk = file_system(path.parent)
    yield disk
    library = _library()
    yield library
    there = _file(path)
    yield there
    if library.message or there.message:
        because = f"{LIBRARY if library.message else FILE} failed"
        yield not_tried(INTEGRITY, because)
        yield not_tried(MIGRATIONS, because)
        return False
    sound, current = _integrity(path), _migrations(path)
    yield sound
    yield current
    return not (disk.message or sound.message or current.message)


def file_system(folder: Path, mounts: Path = MOUNTS) -> Finding:
    """Check that locks work where the database is."""
    kind = filesystem_type(folder.resolve(), mounts)
    text = f"{folder} is on {kind or 'a file system of unknown type'}"
    if kind in NETWORK:
        return failed(
            DISK,
            text,
            "SQLite loses data on a network file system",
            "put the database on a local disk, with --database sqlite:/path/ocireg.db",
        )
    return passed(DISK, text)


def _library() -> Finding:
    found = ".".join(map(str, inspection.sqlite_version()))
    if inspection.sqlite_version() < SAFE_SQLITE:
        return failed(
            LIBRARY, f"version {found}", "it can corrupt a database in WAL mode", "pip install 'pysqlite3>=0.6.1'"
        )
    return passed(LIBRARY, f"version {found}")


def _file(path: Path) -> Finding:
    text = f"{path} is there and opens"
    if not path.is_file():
        return failed(FILE, text, f"there is no file {path}", "ocireg init makes one, or name another with --database")
    try:
        inspection.migrations(path)
    except inspection.UnusableDatabase as error:
        return failed(FILE, text, str(error), _RESTORE if error.damaged else _OPEN)
    return passed(FILE, text)


def _integrity(path: Path) -> Finding:
    text = "SQLite's quick check finds no fault"
    try:
        found = inspection.problems(path)
    except inspection.UnusableDatabase as error:
        found = [str(error)]
    return failed(INTEGRITY, text, "; ".join(found), _RESTORE) if found else passed(INTEGRITY, text)


def _migrations(path: Path) -> Finding:
    try:
        found = inspection.migrations(path)
    except inspection.UnusableDatabase as error:
        return failed(MIGRATIONS, "what has been applied", str(error), _RESTORE)
    text = f"{len(found.applied)} applied, {len(found.pending)} pending"
    if found.unknown:
        return failed(
            MIGRATIONS, text, f"{found.unknown[-1]} is of a newer ocireg", "install that one again; nothing was changed"
        )
    if found.pending:
        return failed(
            MIGRATIONS, text, f"to be applied: {', '.join(found.pending)}", "ocireg init applies them; back up first"
        )
    return passed(MIGRATIONS, text)
