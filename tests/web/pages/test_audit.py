"""The audit log on its page, and as a file."""

import csv
import json
from collections.abc import Iterator

import pytest

from ocireg.metadata import audit
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.web.pages import exports
from tests.web.installed import Api, peopled
from tests.web.pages.browser import Browser

ADA = Author("ada", "password", "192.0.2.7", "docker/27")
MAL = Author('=HYPERLINK("//evil")', "<script>alert(1)</script>", "+1", "@SUM(A1)")
T0 = 4_000_000_000.0
"""A time that nothing else has."""
EVENTS = (
    Event("manifest.push", ADA, "acme", "acme/web", "acme/web/app", "v1", detail={"tags": ["v1", "v2"]}, at=T0),
    Event("registry.create", ADA, "evil", "evil/web", at=T0 + 60),
    Event("blob.push", MAL, "acme", "acme/web", "acme/web/other", "-2+3", outcome="refused", at=T0 + 120),
    Event("user.create", SYSTEM, subject="eve", at=T0 + 180),
)
MANY = [Event("tag.delete", ADA, "acme", subject=f"t{number}", at=T0 / 2 - number) for number in range(70)]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An installation in which something has happened."""
    api = peopled(Api(tmp_path_factory.mktemp("logged")))
    api.manager.organizations.create(SYSTEM, "evil", admin="eve")
    database = api.installed.database
    with database.transaction():
        audit.write(database, *EVENTS, *MANY)
    yield api
    api.close()


@pytest.fixture
def as_admin(logged: Api) -> Browser:
    """A browser of whoever administers the instance."""
    browser = Browser(logged.app)
    browser.sign_in("admin")
    return browser


def actions(browser: Browser, query: str = "") -> list[str]:
    """Return the actions of what a page lists that happened at our time."""
    page = browser.get(f"/audit?since=2096-01-01T00:00&{query}")
    return [row[1].split()[0] for row in page.rows]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", ["user.create", "blob.push", "registry.create", "manifest.push"]),
        ("organization=&action=&actor=", ["user.create", "blob.push", "registry.create", "manifest.push"]),
        ("actor=ada", ["registry.create", "manifest.push"]),
        ("actor=+ada+", ["registry.create", "manifest.push"]),
        ("action=blob.push", ["blob.push"]),
        ("organization=acme", ["blob.push", "manifest.push"]),
        ("registry=evil/web", ["registry.create"]),
        ("repository=acme/web/app", ["manifest.push"]),
        ("address=192.0.2.7&action=manifest.push", ["manifest.push"]),
        ("until=2096-10-02T07:08", ["registry.create", "manifest.push"]),
        ("actor=nobody", []),
    ],
)
def test_the_newest_come_first_and_a_filter_leaves_what_is_as_it_says(
    as_admin: Browser, query: str, listed: list[str]
) -> None:
    assert actions(as_admin, query) == listed


@pytest.mark.parametrize("query", ["action=nonsense", "since=yesterday", f"actor={'x' * 301}"])
def test_a_filter_that_is_none_is_told_at_its_field(as_admin: Browser, query: str) -> None:
    page = as_admin.get(f"/audit?{query}", 422)
    assert page.rows == []
    assert [one for one in page.root.all() if "invalid-feedback" in one.attributes.get("class", "")]
    assert as_admin.ask("GET", f"/audit/events.csv?{query}").status_code == 422


def test_admins_of_an_organization_read_what_is_theirs_and_nothing_else(logged: Api) -> None:
    browser = Browser(logged.app)
    browser.sign_in("ada")
    assert actions(browser) == ["blob.push", "manifest.push"]
    assert actions(browser, "organization=acme") == ["blob.push", "manifest.push"]
    assert actions(browser, "registry=evil/web") == []
    assert browser.get("/audit?organization=evil", 404).text.count("evil") == 1
    assert "evil/web" not in browser.ask("GET", "/audit/events.jsonl").get_data(as_text=True)


@pytest.mark.parametrize(("name", "shown"), [("admin", True), ("ada", True), ("bob", False), ("", False)])
def test_the_log_is_linked_for_whoever_may_read_it(logged: Api, name: str, *, shown: bool) -> None:
    browser = Browser(logged.app)
    page = browser.sign_in(name) if name else browser.get("/")
    assert ("Audit" in page.links) is shown


def test_what_an_organization_of_the_same_name_did_before_is_not_its_own(logged: Api) -> None:
    manager = logged.manager
    manager.organizations.create(SYSTEM, "again", admin="bob")
    manager.organizations.delete(SYSTEM, "again")
    manager.organizations.create(SYSTEM, "again", admin="bob")
    browser = Browser(logged.app)
    browser.sign_in("bob")
    assert [row[1] for row in browser.get("/audit").rows] == ["member.add", "organization.create"]
    manager.organizations.delete(SYSTEM, "again")


def test_every_field_of_an_event_is_among_its_details(as_admin: Browser) -> None:
    text = as_admin.get("/audit?action=manifest.push").text
    for one in ("password", "docker/27", "192.0.2.7", "2096-10-02 07:06:40.000", 'tags ["v1", "v2"]', "acme/web/app"):
        assert one in text


def test_what_strangers_chose_is_text_on_the_page(as_admin: Browser) -> None:
    page = as_admin.get("/audit?action=blob.push")
    assert "<script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.source
    assert page.links[MAL.actor] == "?action=blob.push&actor=%3DHYPERLINK%28%22%2F%2Fevil%22%29"


def test_more_events_are_on_further_pages_which_keep_the_filter(as_admin: Browser) -> None:
    seen, page = [], as_admin.get("/audit?action=tag.delete&actor=ada")
    while True:
        seen += [row[3].split()[-1] for row in page.rows]
        if "Next →" not in page.links:
            break
        page = as_admin.get(f"/audit{page.links['Next →']}")
    assert seen == [f"t{number}" for number in range(70)]
    page = as_admin.get(f"/audit{page.links['← Previous']}")
    assert page.rows[0][3] == "acme t30"


def test_a_table_has_what_the_page_has_and_no_cell_is_a_formula(as_admin: Browser) -> None:
    answer = as_admin.ask("GET", "/audit/events.csv?since=2096-01-01T00:00")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    head, *rows = csv.reader(answer.get_data(as_text=True).splitlines())
    assert tuple(head) == audit.StoredEvent.__slots__
    found = [dict(zip(head, row, strict=True)) for row in rows]
    assert [one["action"] for one in found] == ["user.create", "blob.push", "registry.create", "manifest.push"]
    assert found[3]["at"] == "2096-10-02T07:06:40.000Z"
    assert json.loads(found[3]["detail"]) == {"tags": ["v1", "v2"]}
    assert [found[1][one] for one in ("actor", "address", "agent", "subject")] == [
        '\'=HYPERLINK("//evil")',
        "'+1",
        "'@SUM(A1)",
        "'-2+3",
    ]


@pytest.mark.parametrize("cell", ["=1", " =1", "\t=1", "\n@x", "-1", "+1", "\uff1d1", "\u3000\uff0b1", "\rx"])
def test_what_a_program_for_tables_would_compute_is_quoted(cell: str) -> None:
    event = audit.StoredEvent(1, 0.0, "login", cell, "", "", "", None, None, None, None, "ok", {})
    _, line = exports.as_table([event])
    assert next(csv.reader([line]))[3] == f"'{cell}"


def test_json_lines_are_those_of_the_command(as_admin: Browser) -> None:
    answer = as_admin.ask("GET", "/audit/events.jsonl?action=blob.push")
    assert answer.content_type == "application/x-ndjson"
    (event,) = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert set(event) == set(audit.StoredEvent.__slots__)
    assert (event["actor"], event["at"]) == (MAL.actor, T0 + 120)


def test_a_file_of_another_kind_there_is_none(as_admin: Browser) -> None:
    as_admin.get("/audit/events.xml", 404)


def test_a_file_has_a_largest_length_and_is_read_by_parts(logged: Api) -> None:
    database = logged.installed.database
    wanted = {"action": "tag.delete"}
    every = list(exports.events(database, wanted))
    assert list(exports.events(database, wanted, 5)) == every[:5]
    assert len(every) > 5


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", " =1", "\t=1", "\r=1"])
def test_a_cell_that_a_program_would_compute_begins_with_a_quote(cell: str) -> None:
    event = audit.StoredEvent(1, T0, "login", cell, "", "", "", None, None, None, None, "ok", {})
    _, line = exports.as_table([event])
    assert f"'{cell}" in line
