"""Lists that pages show: what is in them, and that none reads a table that is large, or puts it in order first."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ocireg.metadata import downloads, holdings, overviews, packages, tag_lists
from ocireg.metadata.database import Database
from ocireg.metadata.downloads import Pulls
from ocireg.metadata.migrate import migrate
from ocireg.metadata.repositories import EVERYTHING, Reach
from ocireg.metadata.window import Window

MANY = 10_000
LARGE, BIG = 2, "acme/goods/n00000"
"""A registry with many repositories, and one of these with many manifests, tags and events."""
SOME = Reach(registries=frozenset({2, 5}))
REGISTRY = (
    "INSERT INTO registry (organization_id, slug, name, description, emoji, colour, visibility, policy,"
    " policy_id, created_at) VALUES (?, ?, ?, '', '', '', ?, '', '', 0)"
)
MANIFEST = (
    "INSERT INTO manifest (id, repository_id, digest, size, media_type, key, annotations, pushed_at)"
    " VALUES (?, ?, ?, 5, 'x/y', ?, '{}', ?)"
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database(Path(tmp_path_factory.mktemp("lists")) / "x.db")
    migrate(made)
    with made.transaction(durable=False):
        fill(made)
    yield made
    made.close()


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def fill(made: Database) -> None:
    """Let there be many of everything. The last ten manifests of the big repository have no tag."""
    numbers = range(MANY)
    made.run_many("INSERT INTO organization (slug, name, created_at) VALUES (?, 'X', 0)", [("acme",), ("other",)])
    made.run_many(REGISTRY, [(1, "goods", "The Goods", "public")])
    made.run_many(REGISTRY, [(n % 2 + 1, f"r{n:05}", f"R{n}", "private") for n in range(MANY)])
    names = [(LARGE, f"acme/goods/n{n:05}") for n in numbers]
    made.run_many("INSERT INTO repository (registry_id, name, created_at) VALUES (?, ?, 0)", names)
    made.run_many(MANIFEST, [(n + 1, n + 1, digest(n), f"a{n}", n) for n in numbers])
    made.run_many(MANIFEST, [(MANY + n + 1, 1, digest(MANY + n), f"b{n}", n % 100) for n in numbers])
    tagged = [(f"t{n:05}", MANY + n + 1, n % 100) for n in range(MANY - 10)]
    made.run_many("INSERT INTO tag (repository_id, name, manifest_id, pushed_at) VALUES (1, ?, ?, ?)", tagged)
    events = [(f"t{n:05}", digest(MANY + n)) for n in numbers]
    made.run_many("INSERT INTO tag_event (repository_id, name, digest, at) VALUES (1, ?, ?, 0)", events)


List = Callable[[Database, Window], list[Any]]
LISTS: dict[str, tuple[List, Any]] = {
    "registries": (lambda d, w: overviews.listed(d, w, EVERYTHING), "acme/r05000"),
    "registries of some": (lambda d, w: overviews.listed(d, w, SOME), "acme/r05000"),
    "registries of anybody": (lambda d, w: overviews.listed(d, w, Reach()), "acme/r05000"),
    "registries searched for": (lambda d, w: overviews.listed(d, w, EVERYTHING, search="R99"), "acme/r05000"),
    "registries of one": (lambda d, w: overviews.listed(d, w, EVERYTHING, organization=2), "other/r05001"),
    "repositories": (lambda d, w: holdings.listed(d, w, EVERYTHING), "acme/goods/n05000"),
    "repositories of some": (lambda d, w: holdings.listed(d, w, SOME), "acme/goods/n05000"),
    "images": (lambda d, w: holdings.listed(d, w, SOME, registry=LARGE), "acme/goods/n05000"),
    "images searched for": (
        lambda d, w: holdings.listed(d, w, EVERYTHING, registry=LARGE, search="99"),
        "acme/goods/n05000",
    ),
    "tags": (lambda d, w: tag_lists.listed(d, BIG, w), "t05000"),
    "tags searched for": (lambda d, w: tag_lists.listed(d, BIG, w, search="99"), "t05000"),
    "newest tags": (lambda d, w: tag_lists.listed(d, BIG, w, newest=True), (50.0, "t05050")),
    "history": (lambda d, w: tag_lists.history(d, BIG, w), 5000),
    "history of one": (lambda d, w: tag_lists.history(d, BIG, w, name="t00007"), 5000),
    "packages": (lambda d, w: packages.listed(d, LARGE, w, name=BIG), MANY + 5000),
    "untagged": (lambda d, w: packages.listed(d, LARGE, w, name=BIG, untagged=True), 2 * MANY - 4),
    "downloads of a repository": (lambda d, _: downloads.of_repository(d, BIG, 30), None),
    "downloads of a manifest": (lambda d, _: downloads.of_manifest(d, MANY + 1, 30), None),
}
SMALL = re.compile(r"SCAN (wanted|part|p|t3|CONSTANT ROW|\(subquery-[34]\))( |$)")
"""What is as long as the page: its rows, and what each of these refers to."""
IN_ORDER = re.compile(r"SCAN t1 USING (COVERING )?INDEX (registry_path|repository_name)$")
"""Where the list is of everything, and ends when the page is full."""


class Explained:
    """A database that keeps how each statement is worked off."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.plans: list[list[str]] = []

    def rows(self, query: Any) -> list[tuple[Any, ...]]:
        text, values = self._database.peewee.get_sql_context().sql(query).query()
        return self.fetch_all(text, *values)

    def fetch_all(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        self.plans.append([row[3] for row in self._database.fetch_all(f"EXPLAIN QUERY PLAN {text}", *values)])
        return self._database.fetch_all(text, *values)


def windows(key: Any) -> list[Window]:
    return [Window(31)] if key is None else [Window(31), Window(31, after=key), Window(31, before=key)]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_reads_a_range_of_an_index_and_sorts_nothing(database: Database, name: str) -> None:
    found, key = LISTS[name]
    for window in windows(key):
        explained = Explained(database)
        found(explained, window)  # type: ignore[arg-type] # which does what is asked of it
        assert 1 <= len(explained.plans) <= 2
        plan = explained.plans[0]  # the second one is about the rows of the page
        scans = [one for one in plan if one.startswith("SCAN") and not SMALL.match(one) and not IN_ORDER.match(one)]
        assert scans == []
        ordered = [at for at, one in enumerate(plan) if "TEMP B-TREE FOR ORDER" in one]
        assert all("tag_manifest_id" in plan[at - 1] for at in ordered)  # the hundred tags that a package names
        for second in explained.plans[1:]:
            assert [one for one in second if one.startswith("SCAN") and not SMALL.match(one)] == []


@pytest.mark.parametrize("name", [one for one in LISTS if "downloads" not in one])
def test_a_list_goes_on_where_a_page_ended_and_comes_back(database: Database, name: str) -> None:
    found, _ = LISTS[name]
    keys: dict[str, Callable[[Any], Any]] = {
        "registries": lambda one: one.registry.path,
        "repositories": lambda one: one.name,
        "images": lambda one: one.name,
        "tags": lambda one: one.name,
        "newest": lambda one: tag_lists.place_of(one.place),
        "history": lambda one: one.id,
        "packages": lambda one: one.row,
        "untagged": lambda one: one.row,
    }
    key = keys[name.partition(" ")[0]]
    whole = found(database, Window(9))
    for cut in range(1, len(whole)):
        assert found(database, Window(len(whole) - cut, after=key(whole[cut - 1]))) == whole[cut:]
        assert found(database, Window(cut, before=key(whole[cut]))) == whole[:cut]
    assert len({str(key(one)) for one in whole}) == len(whole)


def test_registries_say_how_much_they_have(database: Database) -> None:
    (goods,) = overviews.listed(database, Window(9), Reach())
    assert (goods.registry.path, goods.images, goods.pushed_at, goods.downloads) == ("acme/goods", MANY, MANY - 1, 0)
    root, first, second = overviews.listed(database, Window(3), EVERYTHING)
    assert [one.registry.path for one in (root, first, second)] == ["", "acme/goods", "acme/r00000"]
    assert (second.images, second.pushed_at) == (0, None)


def test_images_have_their_sums(database: Database) -> None:
    big, other = holdings.listed(database, Window(2), EVERYTHING, registry=LARGE)
    assert (big.name, big.packages, big.tags, big.size) == (BIG, MANY + 1, MANY - 10, 5 * (MANY + 1))
    assert (other.packages, other.tags, other.size, other.pushed_at) == (1, 0, 5, 1)
    assert (big.registry_path, big.registry_name, big.public) == ("acme/goods", "The Goods", True)


def test_the_newest_tags_come_first(database: Database) -> None:
    found = tag_lists.listed(database, BIG, Window(200), newest=True)
    order = [(one.pushed_at, one.name) for one in found]
    assert order == sorted(order, reverse=True)
    assert order[0] == (99, "t09899")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("09", [f"t{n:05}" for n in range(MANY - 10) if "09" in f"{n:05}"]),
        ("T0000", [f"t{n:05}" for n in range(10)]),
        ("t_0000", []),
        ("%", []),
        ("\\", []),
        ("'", []),
        ("t00000" + "0" * 400, []),
    ],
)
def test_a_search_is_for_the_text_as_it_is_written(database: Database, text: str, names: list[str]) -> None:
    assert [one.name for one in tag_lists.listed(database, BIG, Window(MANY), search=text)] == names


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("the goo", ["acme/goods"]),
        ("e/goo", ["acme/goods"]),
        ("R9999", ["other/r09999"]),
        ("acme/r0000", [f"acme/r0000{n}" for n in (0, 2, 4, 6, 8)]),
        ("%", []),
        ("_", []),
    ],
)
def test_registries_are_found_by_name_and_by_path(database: Database, text: str, paths: list[str]) -> None:
    found = overviews.listed(database, Window(99), EVERYTHING, search=text)
    assert [one.registry.path for one in found] == paths


def test_images_are_found_by_a_piece_of_their_name(database: Database) -> None:
    find = partial(holdings.listed, database, Window(99), EVERYTHING, registry=LARGE)
    assert [one.name for one in find(search="N0123")] == [f"acme/goods/n0123{n}" for n in range(10)]
    assert find(search="n_1") == []


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "x.db")
    migrate(made)
    with made.transaction():
        made.fetch("INSERT INTO repository (id, registry_id, name, created_at) VALUES (1, 1, 'a', 0), (2, 1, 'b', 0)")
        rows = [(n, repository, digest(n % 10), f"{n}", n) for repository in (1, 2) for n in range(repository * 10, 18)]
        made.run_many(MANIFEST, [(n + 100 * r, r, d, f"{r} {k}", at) for n, r, d, k, at in rows])
        made.run_many(MANIFEST, [(200 + n, 2, digest(n), f"2 {n}", n) for n in range(3)])
        made.fetch("UPDATE manifest SET subject = 'sha256:x' WHERE id = 112")
        made.fetch("INSERT INTO tag (repository_id, name, manifest_id, pushed_at) VALUES (1, 't', 111, 0)")
        edges = [(111, 0, "manifest", digest(3)), (114, 0, "manifest", digest(5)), (200, 0, "manifest", digest(7))]
        edges += [(111, 1, "layer", digest(6))]
        made.run_many("INSERT INTO manifest_reference VALUES (?, ?, ?, ?, 'x/y', 1)", edges)
        parents = [(1, digest(3), 111), (1, digest(5), 114), (2, digest(7), 200)]
        made.run_many("INSERT INTO image_parent (repository_id, digest, manifest_id) VALUES (?, ?, ?)", parents)
    yield made
    made.close()


def test_untagged_is_what_nothing_in_its_repository_leads_to(small: Database) -> None:
    """Not what has a tag (1) or a subject (2), nor a child (3, 5); an index of another repository leads nowhere (7)."""
    found = packages.listed(small, 1, Window(99), name="a", untagged=True)
    assert [one.digest for one in found] == [digest(n) for n in (7, 6, 4, 0)]
    everywhere = packages.listed(small, 1, Window(99), untagged=True)
    assert {(one.repository, one.digest) for one in everywhere} == {
        *(("a", digest(n)) for n in (7, 6, 4, 0)),
        *(("b", digest(n)) for n in (2, 1, 0)),
    }
    assert packages.listed(small, 2, Window(99), name="a", untagged=True) == []


def test_of_what_refers_to_very_much_the_size_is_that_of_its_share(
    small: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """111 is of 5 bytes, with a manifest that is said to be of 1 and a layer of 1; 114 with one manifest more."""
    assert packages.total_sizes(small, [111, 114, 117]) == {111: 7, 114: 6, 117: 5}
    with small.transaction():
        edges = [(113, place, "layer", digest(100 + place % 500), 3) for place in range(1000)]
        small.run_many("INSERT INTO manifest_reference VALUES (?, ?, ?, ?, 'x/y', ?)", edges)
    assert packages.total_sizes(small, [111])[111] == 7 + 500 * 3
    monkeypatch.setattr(packages, "PARTS", 20)
    assert packages.total_sizes(small, [111])[111] == 7 + 17 * 3
    assert packages.total_sizes(small, [111, 117]) == {111: 7 + 7 * 3, 117: 5}
    assert packages.total_sizes(small, list(range(111, 118)))[111] == 6


def test_what_was_pulled_is_in_every_list(small: Database) -> None:
    with small.transaction():
        downloads.add(small, [Pulls(1, digest(1), downloads.today(), 3, 1000.0)])
    tag = tag_lists.find(small, "a", "t")
    assert tag is not None
    assert (tag.downloads, tag.pulled_at) == (3, 1000.0)
    (package,) = [one for one in packages.listed(small, 1, Window(99), name="a") if one.row == tag.row]
    assert (package.downloads, package.pulled_at) == (3, 1000.0)
    assert [one.downloads for one in holdings.listed(small, Window(9), EVERYTHING)] == [3, 0]
    assert [one.downloads for one in overviews.listed(small, Window(9), EVERYTHING)] == [3]


def test_the_history_of_a_repository_has_all_its_tags(database: Database) -> None:
    found = tag_lists.history(database, BIG, Window(3))
    assert [(one.name, one.present) for one in found] == [(f"t0999{n}", True) for n in (9, 8, 7)]


@pytest.mark.parametrize("cursor", ["", "x", "~", "nan~t", "1e999~t", "1~2~3", "\x00~t"])
def test_what_is_no_place_among_the_newest_is_none(database: Database, cursor: str) -> None:
    key = tag_lists.place_of(cursor)
    assert len(tag_lists.listed(database, BIG, Window(3, after=key), newest=True)) in {0, 3}
