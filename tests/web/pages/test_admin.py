"""The administration: what there is, users, organizations, uploads."""

from pathlib import Path

import pytest

from ocireg import __version__
from ocireg.auth.scopes import SCOPES
from ocireg.metadata import uploads
from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.window import Window
from ocireg.oci.digest import Digest
from tests.web.api.conftest import pusher
from tests.web.installed import PASSWORD, Api, Make
from tests.web.pages.browser import Browser
from tests.web.v2 import push

USERS = "/admin/users"
NEW = "another horse battery"


@pytest.fixture
def as_admin(api: Api) -> Browser:
    """A browser of whoever administers the instance."""
    browser = Browser(api.app)
    browser.sign_in("admin")
    return browser


def test_the_overview_has_the_figures_of_the_instance(api: Api, as_admin: Browser) -> None:
    push.manifest(pusher(api), "library/app", "v1")
    page = as_admin.get("/admin")
    for one in (
        "Users 4 1 admin",
        "Organizations 1",
        "Repositories 1 1 manifests",
        f"Version {__version__}",
        "free of",
        "root",
    ):
        assert one in page.text, one
    assert str(api.installed.settings.data) not in page.text.replace(f"file:{api.installed.settings.data}", "")


def test_the_store_is_named_without_what_is_secret_of_it(make: Make, tmp_path: Path) -> None:
    store = tmp_path / "blobs"
    api = make(storage=f"file:{store}")
    browser = Browser(api.app)
    browser.sign_in("admin")
    assert f"file:{store}" in browser.get("/admin").text


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_nobody_else_sees_the_administration_or_a_link_to_it(api: Api, name: str) -> None:
    browser = Browser(api.app)
    assert "Administration" not in browser.sign_in(name).links
    for path in ("/admin", USERS, "/admin/organizations", "/admin/uploads", f"{USERS}/nobody"):
        browser.get(path, 403)


def test_users_are_listed_by_name_and_searched_for(api: Api, as_admin: Browser) -> None:
    names = [row[0].split()[0] for row in as_admin.get(USERS).rows]
    assert names == ["ada", "admin", "bob", "eve"]
    assert [row[0] for row in as_admin.get(f"{USERS}?q=AD").rows] == ["ada", "admin admin"]
    assert as_admin.get(f"{USERS}?q=%25").rows == []
    for number in range(40):
        api.manager.users.create(SYSTEM, f"robot-{number:02}")
    page = as_admin.get(f"{USERS}?q=robot")
    assert len(page.rows) == 30
    assert [row[0] for row in as_admin.get(f"{USERS}{page.links['Next →']}").rows][-1] == "robot-39"
    assert [one["name"] for one in api.get("/users?search=bo")][:2] == ["bob", "robot-00"]


def test_a_user_is_made_and_can_sign_in(api: Api, as_admin: Browser) -> None:
    as_admin.get("/admin/new-user")
    page = as_admin.submit("/admin/new-user", user="new-one", password=NEW, again=NEW)
    assert (page.path, page.h1, as_admin.said) == (f"{USERS}/new-one", "new-one", ["new-one can log in."])
    other = Browser(api.app)
    other.sign_in("new-one", NEW)
    assert other.user == "new-one"
    assert api.manager.users.get("new-one").admin is False


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"user": "ada"}, "there is a user 'ada' already"),
        ({"user": ""}, "This field is required."),
        ({"user": "No Name"}, "name"),
        ({"user": "one", "password": "short", "again": "short"}, "password"),
        ({"user": "one", "password": NEW, "again": "x"}, "This is another one."),
        ({"user": "x" * 65}, "longer than 64"),
    ],
)
def test_what_is_wrong_with_a_new_user_is_said_on_the_form(shared: Api, fields: dict[str, str], said: str) -> None:
    browser = Browser(shared.app)
    browser.sign_in("admin")
    browser.get("/admin/new-user")
    page = browser.submit("/admin/new-user", 422, **fields)
    assert said in page.text
    assert NEW not in page.source
    assert "one" not in [one.name for one in shared.manager.users.every()]


def test_administration_is_given_and_taken_but_from_the_last(api: Api, as_admin: Browser) -> None:
    as_admin.get(f"{USERS}/bob")
    as_admin.submit(f"{USERS}/bob/admin")
    assert as_admin.said == ["bob administers this installation now."]
    assert as_admin.page is not None
    unsaid = as_admin.ask("POST", f"{USERS}/bob/admin", data={"csrf_token": as_admin.page.token})
    assert unsaid.status_code == 400, "what says nothing takes nothing away"
    assert api.manager.users.get("bob").admin
    as_admin.submit(f"{USERS}/bob/admin")
    assert not api.manager.users.get("bob").admin
    as_admin.get(f"{USERS}/admin")
    page = as_admin.submit(f"{USERS}/admin/admin", 409)
    assert "the only one" in page.text
    assert api.manager.users.get("admin").admin


def test_a_password_is_set_and_ends_sessions_by_the_former_one(api: Api, as_admin: Browser) -> None:
    bob = Browser(api.app)
    bob.sign_in("bob")
    path = f"{USERS}/bob/password"
    as_admin.get(path)
    assert "another" in as_admin.submit(path, 422, password=NEW, again="x").text
    as_admin.submit(path, password=NEW, again=NEW)
    bob.get("/")
    assert bob.user == ""
    bob.sign_in("bob", PASSWORD, status=422)
    bob.sign_in("bob", NEW)


def test_a_user_is_deleted_by_who_types_the_name(api: Api, as_admin: Browser) -> None:
    path = f"{USERS}/eve/delete"
    as_admin.get(path)
    as_admin.submit(path, 422, typed="ada")
    as_admin.submit(path, 422, typed="")
    page = as_admin.submit(path, typed="eve")
    assert (page.path, as_admin.said) == (USERS, ["eve is deleted."])
    assert "eve" not in [one.name for one in api.manager.users.every()]
    assert "the only one" in as_admin.submit(f"{USERS}/admin/delete", 422, typed="admin").text


def test_the_tokens_of_a_user_are_listed_and_revoked(api: Api, as_admin: Browser) -> None:
    token = api.manager.tokens.create(SYSTEM, "bob", scopes=SCOPES, description="laptop <b>")
    other = api.manager.tokens.create(SYSTEM, "ada", scopes=SCOPES)
    page = as_admin.get(f"{USERS}/bob")
    assert "laptop <b>" in page.text
    assert token.secret not in page.source
    as_admin.get(f"{USERS}/bob/tokens/{other.id}/revoke", 404)
    path = page.links["Revoke"]
    as_admin.get(path)
    assert as_admin.submit(path).path == f"{USERS}/bob"
    assert api.manager.tokens.of_user("bob") == []


def test_a_limited_token_administers_but_makes_nobody_more(api: Api) -> None:
    token = api.manager.tokens.create(SYSTEM, "admin", scopes=SCOPES, lifetime=3600)
    browser = Browser(api.app)
    browser.sign_in("admin", token.secret)
    page = browser.get(f"{USERS}/bob")
    assert "Set a password" not in page.links
    assert f"{USERS}/bob/admin" not in [one.action for one in page.forms]
    for path in (f"{USERS}/bob/admin", f"{USERS}/bob/password"):
        browser.submit(path, 403, password=NEW, again=NEW)
    browser.get("/admin/new-user")
    browser.submit("/admin/new-user", 403, user="mallory", admin="y")
    assert "mallory" not in [one.name for one in api.manager.users.every()]
    browser.submit("/admin/new-user", user="helper")


def test_an_organization_is_made_and_deleted_by_who_types_its_name(api: Api, as_admin: Browser) -> None:
    as_admin.get("/admin/new-organization")
    page = as_admin.submit("/admin/new-organization", organization="corp", shown="Corp <Inc>", user="eve")
    assert page.path == "/corp"
    assert page.h1 == "Corp <Inc>"
    page = as_admin.get("/admin/organizations")
    assert [row[:2] for row in page.rows] == [["acme", "Acme"], ["corp", "Corp <Inc>"]]
    assert [row[0] for row in as_admin.get("/admin/organizations?q=inc").rows] == ["corp"]
    assert [one["slug"] for one in api.get("/organizations?search=inc")] == ["corp"]
    assert [(one.user, one.standing) for one in api.manager.organizations.members("corp")] == [("eve", "admin")]
    path = "/admin/organizations/corp/delete"
    as_admin.get(path)
    as_admin.submit(path, 422, typed="acme")
    assert [row[0] for row in as_admin.submit(path, typed="corp").rows] == ["acme"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"organization": "acme"}, "already"),
        ({"organization": "admin"}, "admin"),
        ({"organization": "Not One"}, "organization"),
        ({"organization": "corp", "user": "nobody"}, "there is no user"),
        ({"organization": "library"}, "the root registry holds library/app"),
    ],
)
def test_what_is_wrong_with_a_new_organization_is_said_on_the_form(
    shared: Api, fields: dict[str, str], said: str
) -> None:
    push.manifest(pusher(shared), "library/app", "v1")
    browser = Browser(shared.app)
    browser.sign_in("admin")
    browser.get("/admin/new-organization")
    assert said in browser.submit("/admin/new-organization", 422, **fields).text


def test_an_organization_with_registries_stays(api: Api, as_admin: Browser) -> None:
    api.manager.registries.create(SYSTEM, "acme/web")
    path = "/admin/organizations/acme/delete"
    as_admin.get(path)
    assert "acme/web" in as_admin.submit(path, 422, typed="acme").text


def begin(api: Api) -> str:
    """Begin an upload; return its path."""
    location: str = pusher(api).post("/v2/library/app/blobs/uploads/").headers["Location"]
    assert pusher(api).patch(location, data=b"a beginning").status_code == 202
    return location


def test_uploads_under_way_are_listed_and_cancelled(api: Api, as_admin: Browser) -> None:
    assert "No uploads under way" in as_admin.get("/admin/uploads").text
    location = begin(api)
    (row,) = as_admin.get("/admin/uploads").rows
    assert row[0].startswith("library/app")
    assert row[1:3] == ["11 Bytes", "admin"]
    identifier = location.rpartition("/")[2]
    assert "11 Bytes have come so far" in as_admin.get(f"/admin/uploads/{identifier}/cancel").text
    assert as_admin.ask("HEAD", f"/admin/uploads/{identifier}/cancel").status_code == 200, "nobody has answered yet"
    as_admin.submit(f"/admin/uploads/{identifier}/cancel")
    assert as_admin.said == ["The upload is cancelled."]
    assert pusher(api).patch(location, data=b"more").status_code == 404
    assert as_admin.get(f"/admin/uploads/{identifier}/cancel").path == "/admin/uploads"
    as_admin.submit(f"/admin/uploads/{identifier}/cancel")
    assert as_admin.said == ["That upload has ended already."]
    (event,) = api.get("/audit-events?action=upload.cancel")
    assert (event["repository"], event["subject"], event["detail"]) == ("library/app", identifier, {"size": 11})


def test_the_api_lists_uploads_and_cancels_one(api: Api) -> None:
    location = begin(api)
    (upload,) = api.get("/uploads")
    assert (upload["repository"], upload["owner"], upload["size"], upload["active"]) == (
        "library/app",
        "admin",
        11,
        False,
    )
    assert api.ask("DELETE", f"/uploads/{upload['id']}").status_code == 204
    assert api.ask("DELETE", f"/uploads/{upload['id']}").status_code == 404
    assert pusher(api).get(location).status_code == 404
    assert uploads.listed(api.installed.database, Window(10)) == []


def test_an_upload_that_is_cancelled_leaves_nothing_in_the_store(api: Api) -> None:
    location = begin(api)
    blobs = api.installed.settings.data
    before = sum(1 for one in blobs.rglob("*") if one.is_file() and one.stat().st_size == 11)
    api.installed.registry.uploads.stop(location.rpartition("/")[2], SYSTEM)
    after = sum(1 for one in blobs.rglob("*") if one.is_file() and one.stat().st_size == 11)
    assert (before, after) == (1, 0)
    digest = Digest.of(b"a beginning")
    assert pusher(api).head(f"/v2/library/app/blobs/{digest}").status_code == 404
