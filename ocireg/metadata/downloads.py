"""How often manifests are pulled, by day, and in all by repository and registry. Days are of UTC.

A download is a GET of a manifest that was answered with it. Each counts for its manifest. For the repository and the
registry those do not count of what an index of the same repository refers to: a client that pulls an image for its
platform asks for the index and then for its child, which is one download.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ocireg.metadata.database import Database
from ocireg.metadata.models import Download, Repository, RepositoryDownload

DAY = 86400
KEPT = 400
"""Days that are told apart; those before count in the sum alone."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Pulls:
    """How often a manifest of a repository (by its row) was pulled on a day (since the epoch), and when last."""

    repository: int
    digest: str
    day: int
    count: int
    at: float


@dataclass(frozen=True, slots=True)
class DayCount:
    """The downloads of a day."""

    day: date
    count: int


_KNOWN = """
SELECT p.key, m.id, r.id, r.registry_id, EXISTS (
    SELECT 1 FROM image_parent e WHERE e.repository_id = r.id AND e.digest = m.digest)
FROM json_each(?) p CROSS JOIN manifest m CROSS JOIN repository r
WHERE m.repository_id = p.value ->> 0 AND m.digest = p.value ->> 1 AND r.id = m.repository_id
"""
_MANIFEST = "UPDATE manifest SET downloads = downloads + ?, pulled_at = max(coalesce(pulled_at, 0), ?) WHERE id = ?"
_MANIFEST_DAY = "INSERT INTO download VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
_MANIFEST_OLD = "DELETE FROM download WHERE manifest_id = ? AND day <= ?"
_REPOSITORY = "UPDATE repository SET downloads = downloads + ? WHERE id = ?"
_REPOSITORY_DAY = (
    "INSERT INTO repository_download VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
)
_REPOSITORY_OLD = "DELETE FROM repository_download WHERE repository_id = ? AND day <= ?"
_REGISTRY = "UPDATE registry SET downloads = downloads + ? WHERE id = ?"


def add(database: Database, pulled: Iterable[Pulls]) -> None:
    """Count downloads; those of what is gone by now are nobody's. Inside a transaction.

    Days that are not kept any more go, of what was pulled: so nothing has more of them, and nobody looks for them.
    """
    given = list(pulled)
    old = today() - KEPT
    known = database.fetch_all(_KNOWN, json.dumps([(one.repository, one.digest) for one in given]))
    in_all = [(given[key], repository, registry) for key, _, repository, registry, is_child in known if not is_child]
    database.run_many(_MANIFEST, [(given[key].count, given[key].at, row) for key, row, *_ in known])
    database.run_many(_MANIFEST_DAY, [(row, given[key].day, given[key].count) for key, row, *_ in known])
    database.run_many(_MANIFEST_OLD, [(row, old) for row in {row for _, row, *_ in known}])
    database.run_many(_REPOSITORY, [(one.count, repository) for one, repository, _ in in_all])
    database.run_many(_REPOSITORY_DAY, [(repository, one.day, one.count) for one, repository, _ in in_all])
    database.run_many(_REPOSITORY_OLD, [(row, old) for row in {repository for _, repository, _ in in_all}])
    database.run_many(_REGISTRY, [(one.count, registry) for one, _, registry in in_all])


def today() -> int:
    """Return the day, since the epoch."""
    return int(time.time() // DAY)


def of_manifest(database: Database, manifest: int, days: int) -> list[DayCount]:
    """Return the downloads of a manifest (its row) on each of the last ``days`` days, today's last."""
    return _last(database, Download, Download.manifest == manifest, days)


def of_repository(database: Database, repository: str, days: int) -> list[DayCount]:
    """Return those of a repository; likewise."""
    of = Repository.select(Repository.id).where(Repository.name == repository)
    return _last(database, RepositoryDownload, RepositoryDownload.repository == of, days)


def _last(database: Database, model: Any, condition: Any, days: int) -> list[DayCount]:
    last = today()
    first = last - min(days, KEPT) + 1
    found = dict(database.rows(model.select(model.day, model.count).where(condition, model.day >= first)))
    return [DayCount(_EPOCH + timedelta(day), found.get(day, 0)) for day in range(first, last + 1)]
