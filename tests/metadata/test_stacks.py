"""What layers show, one on the other: the queries against the rule, and what they cost."""

import posixpath
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocireg.contents import Entry, Kind, Limits, merged
from ocireg.metadata import finding, layers, stacks
from ocireg.metadata.database import Database
from ocireg.metadata.listings import BATCH, Recorder
from ocireg.metadata.migrate import migrate
from ocireg.metadata.stacks import Listing, Page, Shown, Stack
from tests.contents.test_merge import layer
from tests.security.statements import statements

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
KINDS = st.sampled_from([Kind.FILE, Kind.DIRECTORY, Kind.SYMLINK, Kind.WHITEOUT, Kind.OPAQUE, Kind.HARDLINK])
ENTRIES = st.builds(Entry, PATHS | st.just(""), KINDS, size=st.integers(1, 9), mode=st.integers(1, 9))
SENSIBLE = ENTRIES.filter(lambda one: bool(one.path) or one.kind is Kind.OPAQUE)
LAYERS = st.lists(st.lists(SENSIBLE, max_size=8), max_size=5)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database(tmp_path_factory.mktemp("stacks") / "x.db")
    migrate(made)
    yield made
    made.close()


class Kept:
    """Layers, kept as the registry keeps them."""

    made = 0

    def __init__(self, database: Database, contents: Sequence[Sequence[Entry]]) -> None:
        self.database = database
        self.stack: Stack = [self._keep(one) for one in contents]

    def _keep(self, entries: Sequence[Entry]) -> Listing:
        Kept.made += 1
        database = self.database
        with database.transaction(durable=False):
            layers.ask(database, {f"layer {Kept.made}": 1}, 10**6)
            held = layers.claim(database, 60)
            assert held is not None
            recorder = Recorder(database, held.listing, Limits())
            for first in range(0, len(entries), BATCH):
                recorder.add(entries[first : first + BATCH])
            after: str | None = ""
            while after is not None:
                after = recorder.put_in_order(after)
            found = recorder.summary()
            layers.finish(database, held, found)
        return Listing(held.listing, opaque=found.opaque)

    def walk(self, path: str = "", limit: int = 2) -> Iterator[Shown]:
        """Yield all that is to be seen, by pages."""
        after: str | None = ""
        while after is not None:
            page = stacks.directory(self.database, self.stack, path, after, limit)
            assert page is not None
            assert len(page.entries) <= limit
            after = page.after
            for one in page.entries:
                yield one
                if one.kind is Kind.DIRECTORY:
                    yield from self.walk(one.path, limit)

    def found(self, text: str, limit: int = 2) -> Iterator[str]:
        """Yield what a search finds, by pages."""
        after: str | None = ""
        while after is not None:
            page: Page = finding.search(self.database, self.stack, text, after, limit)
            yield from (one.path for one in page.entries)
            after = page.after


def told(one: Entry | Shown) -> tuple[object, ...]:
    return one.path, one.kind, one.size if one.kind is not Kind.DIRECTORY else 0, one.mode


def applied(contents: Sequence[Sequence[Entry]]) -> set[str]:
    """Return the paths that are there when layers are applied, each put in order, to a tree of dicts."""
    root: dict[str, object] = {}
    for entries in contents:
        marks = [one for one in entries if one.kind in {Kind.WHITEOUT, Kind.OPAQUE}]
        for one in marks:
            _remove(root, one)
        parents = {above for one in entries if one not in marks for above in _above(one.path)}
        last = {one.path: one for one in entries if one not in marks}
        for one in last.values():
            if one.kind is not Kind.DIRECTORY and one.path not in parents:
                _remove(root, Entry(one.path, Kind.WHITEOUT))
        for path in sorted(filter(None, parents | {p for p, one in last.items() if one.kind is Kind.DIRECTORY})):
            _folder(root, path)
        for path, one in last.items():
            if path and one.kind is not Kind.DIRECTORY and path not in parents:
                _folder(root, posixpath.dirname(path))[posixpath.basename(path)] = one
    return set(_paths(root, ""))


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _folder(root: dict[str, object], path: str) -> dict[str, object]:
    for part in filter(None, path.split("/")):
        child = root.get(part)
        if not isinstance(child, dict):
            child = root[part] = {}
        root = child
    return root


def _remove(root: dict[str, object], mark: Entry) -> None:
    where: object = root
    parts = [part for part in mark.path.split("/") if part]
    for part in parts if mark.kind is Kind.OPAQUE else parts[:-1]:
        where = where.get(part) if isinstance(where, dict) else None
    if isinstance(where, dict):
        if mark.kind is Kind.OPAQUE:
            where.clear()
        else:
            where.pop(parts[-1], None)


def _paths(tree: dict[str, object], prefix: str) -> Iterator[str]:
    for name, child in tree.items():
        yield prefix + name
        if isinstance(child, dict):
            yield from _paths(child, f"{prefix}{name}/")


@given(LAYERS)
@settings(max_examples=150, deadline=None)
def test_pages_search_and_count_show_what_the_rule_says(database: Database, contents: list[list[Entry]]) -> None:
    rule = merged(contents)
    assert set(rule) == applied(contents)
    kept = Kept(database, contents)
    walked = [told(one) for one in kept.walk()]
    assert sorted(walked) == sorted(told(one) for one in rule.values())
    assert sorted(kept.found("")) == sorted(rule)
    assert sorted(kept.found("A/b")) == sorted(path for path in rule if "a/b" in path)
    assert sorted(kept.found("a*c")) == sorted(path for path in rule if path.startswith("a") and path.endswith("c"))
    files = [one for one in rule.values() if one.kind is not Kind.DIRECTORY]
    count = finding.count(database, kept.stack)
    assert (count.files, count.bytes) == (len(files), sum(one.size for one in files))


@pytest.mark.parametrize("path", ["nothing", "f", "d/gone", "d/f/x", "d//x", "/", "gone", "d\0", "\ud800"], ids=repr)
def test_what_is_no_directory_is_none(database: Database, path: str) -> None:
    kept = Kept(database, [layer("f d/ d/f d/gone/ d/gone/x gone/x"), layer("-d/gone -gone")])
    assert stacks.directory(database, kept.stack, path) is None


def test_each_entry_tells_which_layer_it_is_of(database: Database) -> None:
    kept = Kept(database, [layer("a b d/ d/x"), layer("b=2 d/y"), layer("c d/x=3")])
    found = {one.path: (one.layer, one.size) for one in kept.walk()}
    assert found == {"a": (0, 1), "b": (1, 2), "c": (2, 1), "d": (0, 0), "d/x": (2, 3), "d/y": (1, 1)}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("PASSWD", ["etc/passwd", "etc/passwd-"]),
        ("etc/p", ["etc/passwd", "etc/passwd-"]),
        ("/etc/m", ["etc/motd"]),
        ("*.so.?", ["usr/lib/libc.so.6"]),
        ("usr/*", ["usr/lib", "usr/lib/100%", "usr/lib/libc.so.6"]),
        ("lib[cd].so*", ["usr/lib/libc.so.6"]),
        ("100%", ["usr/lib/100%"]),
        ("a_b", []),
        ("\\x", []),
        ("' OR 1=1 --", []),
        ("*a" * 200, []),
    ],
    ids=repr,
)
def test_a_search_finds_parts_of_paths_and_patterns(database: Database, text: str, paths: list[str]) -> None:
    kept = Kept(database, [layer("etc/passwd etc/passwd- etc/motd usr/lib/libc.so.6 usr/lib/100% axb")])
    assert list(kept.found(text)) == paths


def test_a_page_of_a_hundred_thousand_files_costs_what_one_of_a_few_does(database: Database) -> None:
    few = Kept(database, [[Entry(f"d/{one:06}", Kind.FILE) for one in range(30)]] * 3)
    many = Kept(database, [[Entry(f"d/{one:06}", Kind.FILE) for one in range(100_000)], *[layer("d/x")] * 2])
    pages: list[Page | None] = []
    costs: list[list[str]] = []
    for kept in (few, many):
        with statements() as asked:
            pages.append(stacks.directory(database, kept.stack, "d", "", 20))
        costs.append(asked)
    assert costs[0] == costs[1]
    assert len(costs[0]) == 3
    assert [len(page.entries) if page else 0 for page in pages] == [20, 20]


def test_no_statement_of_a_page_reads_a_whole_table_or_sorts_a_directory(database: Database) -> None:
    kept = Kept(database, [layer("d/a d/b"), layer("d/c")])
    for sql, values in (
        (stacks._RANGE, (0, 1, "", 10)),  # noqa: SLF001 - the statement is what is judged
        (stacks._DIRECTORIES, ("[1]", "d")),  # noqa: SLF001 - likewise
        (stacks._NAMED, ("[1]", '[["", "d"]]')),  # noqa: SLF001 - likewise
        (finding._MATCHING.format(match="1"), (1, "", "", "", 10)),  # noqa: SLF001 - likewise
    ):
        plan = [row[3] for row in database.fetch_all(f"EXPLAIN QUERY PLAN {sql}", *values)]
        assert not [one for one in plan if one.startswith("SCAN") and one.split()[1] in {"e", "d"}], plan
        assert not [one for one in plan if "TEMP B-TREE" in one and sql is not stacks._NAMED], plan  # noqa: SLF001
    assert len(list(kept.walk())) == 4


def test_a_page_of_hidden_files_is_short_and_the_next_ones_get_there(database: Database) -> None:
    names = [f"{one:05}" for one in range(3000)]
    kept = Kept(
        database,
        [[Entry(one, Kind.FILE) for one in [*names, "last"]], [Entry(one, Kind.WHITEOUT) for one in names]],
    )
    first = stacks.directory(database, kept.stack, "", "", 10)
    assert first is not None
    assert (first.entries, first.after) == ((), names[11 * stacks.LOOKS - 1])
    assert [one.path for one in kept.walk(limit=100)] == ["last"]
    assert list(kept.found("*", limit=500)) == ["last"]


def test_as_many_layers_as_there_may_be_are_one_statement(database: Database) -> None:
    kept = Kept(database, [layer(f"d/{number:03}") for number in range(stacks.MOST)])
    assert len(list(kept.walk(limit=1000))) == stacks.MOST + 1
    assert len(list(kept.found("d/", limit=1000))) == stacks.MOST
    assert finding.count(database, kept.stack) == finding.Count(stacks.MOST, stacks.MOST)


def test_sizes_that_no_disk_has_are_counted_without_an_overflow(database: Database) -> None:
    kept = Kept(database, [[Entry(str(one), Kind.FILE, size=2**50) for one in range(9000)]])
    assert finding.count(database, kept.stack) == finding.Count(9000, 2**63 - 1)


def test_where_too_much_is_hidden_nothing_is_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "HIDDEN", 1)
    kept = Kept(database, [layer("a/x b/x c/x"), layer("-a -b")])
    assert finding.count(database, kept.stack) == finding.Count(None, None)
