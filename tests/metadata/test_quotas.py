"""What registries, organizations and the instance use is what counting finds, whatever comes and goes."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playhouse.migrations import Runner

from ocireg.errors import QUOTA_EXCEEDED, RegistryError
from ocireg.metadata import quotas, usage
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import FOLDER, migrate
from ocireg.metadata.quotas import Allowance

KEPT = "SELECT id, blobs, manifests, size FROM registry ORDER BY id"
COUNTED = """
SELECT g.id,
    (SELECT count(*) FROM blob WHERE id IN (
        SELECT blob_id FROM repository_blob l JOIN repository r ON r.id = l.repository_id WHERE r.registry_id = g.id)),
    (SELECT count(*) FROM manifest m JOIN repository r ON r.id = m.repository_id WHERE r.registry_id = g.id),
    (SELECT coalesce(sum(size), 0) FROM blob WHERE id IN (
        SELECT l.blob_id FROM repository_blob l JOIN repository r ON r.id = l.repository_id WHERE r.registry_id = g.id))
    + (SELECT coalesce(sum(m.size), 0) FROM manifest m JOIN repository r ON r.id = m.repository_id
        WHERE r.registry_id = g.id)
FROM registry g ORDER BY g.id
"""
OWNERS = "SELECT id, size FROM organization ORDER BY id"
OWNERS_COUNTED = """
SELECT id, (SELECT coalesce(sum(size), 0) FROM registry WHERE organization_id = o.id) FROM organization o ORDER BY id
"""
WHOLE = "SELECT size, blobs, manifests FROM instance_usage"
WHOLE_COUNTED = """
SELECT (SELECT coalesce(sum(size), 0) FROM blob) + (SELECT coalesce(sum(size), 0) FROM manifest),
    (SELECT count(*) FROM blob), (SELECT count(*) FROM manifest)
"""
KNOWN = "SELECT registry_id, blob_id, repositories FROM registry_blob ORDER BY 1, 2"
KNOWN_COUNTED = """
SELECT r.registry_id, l.blob_id, count(*) FROM repository_blob l JOIN repository r ON r.id = l.repository_id
GROUP BY r.registry_id, l.blob_id ORDER BY 1, 2
"""
PAIRS = ((KEPT, COUNTED), (OWNERS, OWNERS_COUNTED), (WHOLE, WHOLE_COUNTED), (KNOWN, KNOWN_COUNTED))


def agrees(database: Database) -> None:
    for kept, counted in PAIRS:
        assert database.fetch_all(kept) == database.fetch_all(counted)


PLACES = (
    "INSERT INTO organization (id, slug, name, created_at) VALUES (1, 'acme', 'Acme', 0), (2, 'other', 'Other', 0)",
    """INSERT INTO registry
    (id, organization_id, slug, name, description, emoji, colour, visibility, created_at, policy, policy_id)
    VALUES (2, 1, 'one', '', '', '', '', 'private', 0, '', ''), (3, 1, 'two', '', '', '', '', 'private', 0, '', ''),
        (4, 2, 'one', '', '', '', '', 'private', 0, '', '')""",
)
REGISTRIES, REPOSITORIES, BLOBS = (1, 2, 3, 4), (1, 2, 3, 4, 5), (1, 2, 3, 4)
ADD = {
    "repository": "INSERT INTO repository (id, registry_id, name, created_at) "
    "SELECT {r}, id, 'r{r}', 0 FROM registry WHERE id = {g}",
    "blob": "INSERT INTO blob (id, digest, size, key, created_at) VALUES ({b}, 'b{b}', {b} * 100 + {g}, 'b{b}', 0)",
    "link": "INSERT INTO repository_blob (repository_id, blob_id, protected_until) SELECT r.id, b.id, 0 "
    "FROM repository r, blob b WHERE r.id = {r} AND b.id = {b}",
    "manifest": "INSERT INTO manifest (repository_id, digest, size, media_type, key, annotations, pushed_at) "
    "SELECT id, 'm{b}', {b}, '', 'm{b} ' || id, '', 0 FROM repository WHERE id = {r}",
}
STEPS = (
    *(f"{sql.replace('INSERT', 'INSERT OR IGNORE')}" for sql in ADD.values()),
    *(f"{sql.replace('INSERT', 'INSERT OR IGNORE')}" for sql in list(ADD.values())[2:] * 2),
    f"{ADD['link']} ON CONFLICT (repository_id, blob_id) DO UPDATE SET protected_until = 1",
    "UPDATE repository SET registry_id = {g} WHERE id = {r} AND EXISTS (SELECT 1 FROM registry WHERE id = {g})",
    "UPDATE blob SET size = size + {g} WHERE id = {b}",
    "DELETE FROM repository_blob WHERE repository_id = {r} AND blob_id = {b}",
    "DELETE FROM manifest WHERE digest = 'm{b}'",
    "DELETE FROM blob WHERE id = {b}",
    "DELETE FROM repository WHERE id = {r}",
    "DELETE FROM registry WHERE id = {g} AND id > 1 AND {b} = 1",
    "DELETE FROM organization WHERE id = {g} AND {b} = 1",
)
STEP = st.tuples(st.sampled_from(STEPS), *map(st.sampled_from, (REGISTRIES, REPOSITORIES, BLOBS)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of three registries beside the root one."""
    database = Database(tmp_path_factory.mktemp("quotas") / "ocireg.db")
    migrate(database)
    with database.transaction():
        for sql in PLACES:
            database.change(sql)
    yield database
    database.close()


@contextmanager
def undone(database: Database) -> Iterator[None]:
    """Change rows, of which nothing stays."""

    class Undone(Exception):  # noqa: N818 - it ends a transaction
        """That is all."""

    with suppress(Undone), database.transaction(durable=False):
        yield
        raise Undone


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, min_size=5, max_size=40))
def test_the_sums_are_those_of_counting_after_whatever_changed_rows(made: Database, steps: list[Any]) -> None:
    with undone(made):
        for number in REPOSITORIES[:4]:
            made.change(ADD["repository"].format(r=number, g=number))
        for number in BLOBS[:3]:
            made.change(ADD["blob"].format(b=number, g=1))
        for sql, registry, repository, blob in steps:
            made.change(sql.format(g=registry, r=repository, b=blob))
            agrees(made)
    agrees(made)


def test_what_was_there_before_is_added_up(tmp_path: Path) -> None:
    database = Database(tmp_path / "ocireg.db")
    Runner(database.peewee, str(FOLDER)).up("0011_gc")
    with database.transaction():
        for sql in PLACES:
            database.change(sql)
        for one in REPOSITORIES:
            database.change(ADD["repository"].format(r=one, g=REGISTRIES[one % 4]))
        for one in BLOBS:
            database.change(ADD["blob"].format(b=one, g=1))
            for where in range(one, 6):
                database.change(ADD["link"].format(r=where, b=one))
                database.change(ADD["manifest"].format(r=where, b=one))
    migrate(database)
    agrees(database)
    assert usage.of_registry(database, 2).blobs == 4
    database.close()


@pytest.mark.parametrize(
    ("used", "quota", "percent", "near"),
    [
        (0, None, None, False),
        (10**15, None, None, False),
        (84, 100, 84, False),
        (85, 100, 85, True),
        (8499, 10000, 84, False),
        (100, 100, 100, True),
        (300, 100, 300, True),
        (0, 0, 100, True),
    ],
)
def test_an_allowance_is_near_from_85_per_cent(used: int, quota: int | None, percent: int | None, near: bool) -> None:
    one = Allowance("acme/one", used, quota)
    assert (one.percent, one.is_near) == (percent, near)


@pytest.mark.parametrize(
    ("used", "quota", "more", "goes"),
    [
        (0, None, 10**15, True),
        (90, 100, 10, True),
        (90, 100, 11, False),
        (200, 100, 0, True),
        (200, 100, 1, False),
        (0, 0, 1, False),
    ],
)
def test_what_is_needed_goes_in_or_not(used: int, quota: int | None, more: int, goes: bool) -> None:
    one = Allowance("acme/one", used, quota)
    if goes:
        one.require(more)
        return
    with pytest.raises(RegistryError) as caught:
        one.require(more)
    assert caught.value.error is QUOTA_EXCEEDED
    assert caught.value.detail == {"quota": quota, "used": used, "needed": more}


def test_what_passes_a_quota_is_undone_and_what_frees_space_never_is(made: Database) -> None:
    with undone(made):
        made.change(ADD["repository"].format(r=1, g=2))
        made.change(ADD["blob"].format(b=1, g=0))
        quotas.set_organization(made, 1, 99)
        said = "quota of organization acme exceeded: 0 Bytes of 99 Bytes used, this needs 100 Bytes"
        with pytest.raises(RegistryError, match=said), quotas.within(made, 1):
            made.change(ADD["link"].format(r=1, b=1))
        with quotas.within(made, 1):
            made.change("DELETE FROM repository_blob")
    assert [one.used for one in quotas.of_registry(made, 2)] == [0, 0]
