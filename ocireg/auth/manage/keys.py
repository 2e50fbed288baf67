"""The change of the keys that tokens are signed with."""

from ocireg.auth import keys
from ocireg.auth.keys import fingerprint
from ocireg.auth.manage.changes import Changes
from ocireg.config import Settings
from ocireg.metadata import generation
from ocireg.metadata.audit import Author
from ocireg.metadata.database import Database


def rotate(database: Database, settings: Settings, by: Author) -> list[str]:
    """Sign with a new key, in every process within two seconds; return the fingerprints, the oldest first.

    A rotation that was cut off before it was announced is ended, not followed by another: that would take away the
    key that running processes still sign with. ``OperatorError``.
    """
    with Changes(database, lambda: None).by(by) as record:
        known = _fingerprints(settings)
        before = generation.read(database).signing_key
        if before not in known[:-1]:
            keys.rotate(settings)
            known = _fingerprints(settings)
        generation.announce_key(database, known[-1])
        record("key.change", subject=known[-1], detail={"before": before or None, "keys": len(known)})
    return known


def _fingerprints(settings: Settings) -> list[str]:
    return [fingerprint(one) for one in keys.load(settings)]
