"""Registries with what lists of them show: how much they hold, when it was pushed last, how often it was pulled."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ocireg.metadata import registries
from ocireg.metadata.database import Database
from ocireg.metadata.registries import StoredRegistry
from ocireg.metadata.repositories import Reach
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class RegistryOverview:
    """A registry; ``images`` are its repositories that hold a manifest, ``pushed_at`` is of these (seconds, UTC).

    ``downloads`` are those of all it ever had.
    """

    registry: StoredRegistry
    images: int
    pushed_at: float | None
    downloads: int


_FIGURES = """
SELECT g.id, (SELECT count(*) FROM repository WHERE registry_id = g.id AND manifests > 0),
    (SELECT max(pushed_at) FROM repository WHERE registry_id = g.id AND manifests > 0), g.downloads
FROM json_each(?) wanted JOIN registry g ON g.id = wanted.value
"""


def listed(
    database: Database, which: Window, reach: Reach, *, organization: int | None = None, search: str = ""
) -> list[RegistryOverview]:
    """Return a window of the registries that are reached, by path, the root first; see ``registries.listed``."""
    return of(database, registries.listed(database, which, reach, organization, search))


def of(database: Database, found: Sequence[StoredRegistry]) -> list[RegistryOverview]:
    """Return these registries with their figures; one that is gone by now has none."""
    rows = database.fetch_all(_FIGURES, json.dumps([one.id for one in found]))
    figures = {row[0]: row[1:] for row in rows}
    return [RegistryOverview(one, *figures.get(one.id, (0, None, 0))) for one in found]
