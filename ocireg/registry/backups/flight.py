"""Manifests that were on their way while a snapshot was taken."""

from ocireg.errors import BLOB_UNKNOWN, RegistryError
from ocireg.metadata import garbage
from ocireg.metadata.database import Database
from ocireg.registry.manifests import PUT_TIME
from ocireg.registry.stored import HEAD
from ocireg.storage import MANIFESTS, ManifestRecord, Storage


def in_flight(database: Database, storage: Storage, taken_at: float) -> list[str]:
    """Return keys of the queue of garbage that may be manifests whose push went well after the snapshot of that time.

    The key of a manifest is in that queue before its object is stored, until its row is there. What was pushed so late
    and deleted before the snapshot is among them: it comes back, and that does less harm than a loss.
    """
    return [key for key in garbage.of(database, MANIFESTS + "/") if _pushed_at(storage, key) >= taken_at - PUT_TIME]


def _pushed_at(storage: Storage, key: str) -> float:
    try:
        with storage.open(key) as stored:
            line, _, _ = stored.read(HEAD).partition(b"\n")
        return ManifestRecord.parse(line + b"\n")[0].pushed_at
    except ValueError:
        return 0.0
    except RegistryError as error:
        if error.error is BLOB_UNKNOWN:
            return 0.0
        raise
