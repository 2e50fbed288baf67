"""The audit log: what is written, what is read of it and how, what is forgotten."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.metadata import audit, organizations, registries, repositories
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.metadata.models import AuditEvent
from ocireg.metadata.printable import object_text, printable

ALICE = Author("alice", "token:7", "192.0.2.1", "docker/28")
BOB = Author("bob", "password", "2001:db8::1", "podman/5")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "x.db")
    migrate(made)
    yield made
    made.close()


def write(database: Database, *events: Event) -> None:
    with database.transaction():
        audit.write(database, *events)


def times(database: Database, **wanted: Any) -> list[float]:
    """Return the times of a page."""
    return [one.at for one in audit.page(database, **{"before": None, "limit": 100, **wanted})]


def test_an_event_is_read_as_it_was_written(database: Database) -> None:
    full = Event("manifest.push", ALICE, "acme", "containers", "acme/containers/web", "v1", "ok", {"tags": ["v1"]}, 5.5)
    write(database, full, Event("login", BOB))
    second, first = audit.page(database, before=None, limit=10)
    assert (first.id, first.at, first.action) == (1, 5.5, "manifest.push")
    assert (first.actor, first.credential, first.address, first.agent) == ("alice", "token:7", "192.0.2.1", "docker/28")
    assert (first.organization, first.registry, first.repository) == ("acme", "containers", "acme/containers/web")
    assert (first.subject, first.outcome, first.detail) == ("v1", "ok", {"tags": ["v1"]})
    assert (second.organization, second.registry, second.repository, second.subject) == (None,) * 4
    assert (second.outcome, second.detail) == ("ok", {})
    assert second.at > 1e9


def test_an_action_is_one_of_the_table() -> None:
    with pytest.raises(ValueError, match=r"'manifest\.pushed' is no action"):
        Event("manifest.pushed", SYSTEM)


def test_an_event_is_gone_with_the_change_that_it_tells_of(database: Database) -> None:
    def fail() -> None:
        with database.transaction():
            audit.write(database, Event("login", ALICE))
            raise KeyError("on the way")

    with pytest.raises(KeyError):
        fail()
    assert times(database) == []


def test_what_strangers_say_is_bounded_and_cannot_steer_a_terminal(database: Database) -> None:
    evil = "\x1b[31mred\r\nforged\u202egnp\x00\ud800\u2028" * 200
    event = Event("login", Author(evil, evil, evil, evil), evil, evil, evil, evil, evil, {evil: [evil, {evil: evil}]})
    write(database, event)
    (row,) = database.rows(AuditEvent.select())
    texts = row[3:]
    assert all(text.isprintable() for text in texts)
    assert "[31mredforgedgnp" in texts[0]
    lengths = [len(text) for text in texts]
    assert lengths == [300, 300, 300, 200, 300, 300, 300, 300, 300, lengths[-1]]
    assert lengths[-1] <= audit.DETAIL
    assert audit.page(database, before=None, limit=1)[0].detail


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({}, "{}"),
        ({"a": None, "b": True, "c": 1, "d": 1.5, "e": "ö"}, '{"a":null,"b":true,"c":1,"d":1.5,"e":"ö"}'),
        ({"big": 2**53, "inf": float("inf")}, '{"big":"0x20000000000000","inf":"inf"}'),
        ({"a": {"b": {"c": 1}}, "d": [[1]]}, '{"a":{"b":"…"},"d":["…"]}'),
        ({"path": Path("/x")}, '{"path":"/x"}'),
        ({"a": "x" * 50, "b": "y" * 50}, '{"a":"' + "x" * 50 + '","truncated":true}'),
        ({"a": "x" * 150}, '{"truncated":true}'),
        ({"truncated": False, "a": "x" * 150}, '{"truncated":true}'),
        ({"a": list(range(60))}, None),
        (dict.fromkeys(map(str, range(60)), 1), None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_detail_is_json_of_bounded_size(content: Mapping[str, object], text: str | None) -> None:
    found = object_text(content, 100)
    assert len(found.encode()) <= 100
    assert text in {found, None}
    assert text is not None or json.loads(found)["truncated"] is True


def test_a_list_that_is_too_long_says_so() -> None:
    assert json.loads(object_text({"a": list(range(60))}, 2048))["a"] == [*range(50), "…"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(content=st.dictionaries(st.text(), _JSON, max_size=80))
def test_any_detail_can_be_written(content: dict[str, object]) -> None:
    found = object_text(content, 500)
    assert len(found.encode()) <= 500
    assert found.isprintable()
    assert isinstance(json.loads(found), dict)


@given(text=st.text(alphabet=st.characters(), max_size=50), limit=st.integers(0, 20))
def test_any_text_can_be_kept(text: str, limit: int) -> None:
    found = printable(text, limit)
    assert len(found) <= limit
    assert found.isprintable()
    assert found.encode().decode() == found


def test_many_events_are_written_at_once(database: Database) -> None:
    write(database, *(Event("blob.pull", ALICE, at=float(number)) for number in range(1234)))
    assert audit.newest(database) == 1234
    write(database)
    assert audit.newest(database) == 1234


def fill(database: Database) -> None:
    """Write six events: 1 and 2 by Alice, 3 to 6 by Bob. That of 2.0 is written late; two are of one instant."""
    write(
        database,
        Event("login", ALICE, at=1),
        Event("manifest.push", BOB, "acme", None, "acme/x", at=3),
        Event("manifest.push", ALICE, "acme", None, "acme/x", at=2),
        Event("tag.delete", BOB, "acme", None, "acme/y", at=4),
        Event("login", BOB, at=4),
        Event("manifest.push", BOB, "other", None, "other/z", at=6),
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [6, 4, 4, 3, 2, 1]),
        ({"limit": 2}, [6, 4]),
        ({"action": "login"}, [4, 1]),
        ({"actor": "alice"}, [2, 1]),
        ({"repository": "acme/x"}, [3, 2]),
        ({"organization": "acme"}, [4, 3, 2]),
        ({"organization": "acme", "actor": "bob", "action": "manifest.push"}, [3]),
        ({"since": 3}, [6, 4, 4, 3]),
        ({"until": 3}, [3, 2, 1]),
        ({"since": 2, "until": 4}, [4, 4, 3, 2]),
        ({"repository": "acme/x", "since": 3}, [3]),
        ({"actor": "nobody"}, []),
        ({"before": 3}, [1]),
        ({"before": 2}, [2, 1]),
        ({"before": 5}, [4, 3, 2, 1]),
        ({"before": 5, "until": 3}, [3, 2, 1]),
        ({"before": 4, "since": 2}, [3, 2]),
        ({"before": 99}, []),
    ],
    ids=str,
)
def test_a_page_has_the_newest_first_of_those_that_are_wanted(
    database: Database, wanted: dict[str, Any], found: list[float]
) -> None:
    fill(database)
    assert times(database, **wanted) == found


@pytest.mark.parametrize("wanted", [{}, {"actor": "bob"}, {"since": 2, "until": 4}, {"organization": "acme"}], ids=str)
def test_pages_put_together_are_the_whole(database: Database, wanted: dict[str, Any]) -> None:
    fill(database)
    whole = audit.page(database, before=None, limit=100, **wanted)
    found: list[audit.StoredEvent] = []
    while more := audit.page(database, before=found[-1].id if found else None, limit=1, **wanted):
        found += more
    assert found == whole


EVERY: list[dict[str, Any]] = [
    {},
    {"actor": "bob"},
    {"action": "login"},
    {"repository": "acme/x"},
    {"organization": "acme"},
    {"actor": "bob", "repository": "acme/x"},
]


@pytest.mark.parametrize("wanted", EVERY, ids=str)
@pytest.mark.parametrize("time", [{}, {"since": 2.0}, {"until": 4.0}, {"since": 2.0, "until": 4.0}], ids=str)
@pytest.mark.parametrize("before", [None, 5])
def test_a_page_is_read_from_an_index_and_nothing_is_sorted(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    wanted: dict[str, Any],
    time: dict[str, Any],
    before: int | None,
) -> None:
    plans = explained(database, monkeypatch)
    audit.page(database, before=before, limit=2, **wanted, **time)
    (plan,) = plans
    assert not [line for line in plan if "TEMP B-TREE" in line or "MULTI-INDEX" in line]
    (first, *others) = plan
    assert "USING INDEX audit_event_" in first
    assert first.startswith("SEARCH") or not (wanted or time or before)
    assert "at<?" in first or not ("until" in time or before)
    assert "at>?" in first or "since" not in time
    assert all("USING INTEGER PRIMARY KEY" in line for line in others if "SUBQUERY" not in line)


def test_what_is_new_is_found_by_id(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(database)
    assert [one.at for one in audit.following(database, after=1, limit=3)] == [3, 2, 4]
    assert [one.at for one in audit.following(database, after=1, limit=3, actor="alice")] == [2]
    assert audit.following(database, after=audit.newest(database), limit=3) == []
    plans = explained(database, monkeypatch)
    audit.following(database, after=1, limit=3)
    assert plans == [["SEARCH t1 USING INTEGER PRIMARY KEY (rowid>?)"]]


def explained(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return a list that the plan of each query is put into from now on."""
    plans: list[list[str]] = []
    plain = Database.rows

    def rows(self: Database, query: Any) -> list[tuple[Any, ...]]:
        sql, values = database.peewee.get_sql_context().parse(query)
        plans.append([row[3] for row in database.peewee.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()])
        return plain(self, query)

    monkeypatch.setattr(Database, "rows", rows)
    return plans


def test_the_oldest_are_pruned_a_few_at_a_time_and_no_id_is_used_twice(database: Database) -> None:
    assert audit.newest(database) == 0
    fill(database)
    assert audit.count_before(database, 4) == 3
    for left in ([6, 4, 4, 3], [6, 4, 4], [6, 4, 4]):
        with database.transaction():
            audit.prune(database, 4, 2)
        assert times(database) == left
    with database.transaction():
        assert audit.prune(database, 99, 100) == 3
    write(database, Event("login", ALICE))
    assert audit.newest(database) == 7
    assert times(database, before=3) == []


@pytest.mark.parametrize(
    ("repository", "organization", "registry"),
    [("acme/containers/web", "acme", "acme/containers"), ("web", None, "root"), ("nowhere", None, None)],
)
def test_an_event_of_a_repository_says_where_that_is(
    database: Database, repository: str, organization: str | None, registry: str | None
) -> None:
    with database.transaction():
        owner = organizations.add(database, "acme", "Acme")
        registries.add(database, owner, "containers", name="containers", visibility="private")
        repositories.ensure(database, "acme/containers/web")
        repositories.ensure(database, "web")
        audit.write(database, Event("manifest.push", ALICE, repository=repository))
    (event,) = audit.page(database, before=None, limit=1)
    assert (event.organization, event.registry) == (organization, registry)
