"""What the admins of a registry have: tokens, levels, the OIDC policy, settings, and its end."""

import pytest

from ocireg.metadata import repositories
from ocireg.metadata.audit import SYSTEM
from ocireg.web.pages.policy_examples import EXAMPLES
from tests.web.api.conftest import pusher
from tests.web.installed import Api, Make, peopled
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open
from tests.web.v2 import push

FOR_ADMINS = ["Tokens", "Access", "OIDC policy", "Settings"]
POLICY = EXAMPLES["github"].policy
HOSTILE = "<img src=x onerror=alert(1)> & “co”"


@pytest.fixture
def api(api: Api) -> Api:
    """The same installation, whose acme has a private registry."""
    api.manager.registries.create(SYSTEM, "acme/app", name="The app")
    return api


def push_image(api: Api) -> None:
    """Let the registry have an image."""
    client = pusher(api)
    for content in (b"layer", b"{}"):
        push.blob(client, "acme/app/web", content)
    push.manifest(client, "acme/app/web", "1.0")


@pytest.mark.parametrize(
    ("who", "path", "tabs", "status"),
    [
        ("ada", "/acme/app", FOR_ADMINS, 200),
        ("admin", "/root", FOR_ADMINS, 200),
        ("bob", "/acme/app", [], 403),
        ("eve", "/root", [], 403),
    ],
)
def test_the_tabs_of_admins_are_shown_to_admins(
    api: Api, open_as: Open, who: str, path: str, tabs: list[str], status: int
) -> None:
    api.manager.registries.grant(SYSTEM, "root", "eve", "write")
    browser = open_as(who)
    page = browser.get(path)
    assert [one for one in FOR_ADMINS if one in page.links] == tabs
    for tab in ("tokens", "access", "policy", "settings"):
        browser.get(f"{path}/-/{tab}", status)


@pytest.mark.parametrize("path", ["/acme/app", "/root"])
def test_a_token_of_a_registry_is_made_shown_once_listed_and_revoked(api: Api, open_as: Open, path: str) -> None:
    browser = open_as("admin")
    assert "No tokens yet" in browser.get(f"{path}/-/tokens").text
    page = browser.submit(f"{path}/-/tokens", description=HOSTILE)
    secret, line = (one.text for one in page.root.all("pre"))
    assert line == f"echo {secret} | docker login registry.example.com -u token --password-stdin"
    assert api.app.test_client().get("/v2/", auth=("token", secret)).status_code == 200
    page = browser.get(f"{path}/-/tokens")
    assert page.rows[0][0].startswith(HOSTILE)
    assert secret not in page.source
    browser.submit(browser.get(page.links["Revoke"]).path)
    assert browser.said[0].endswith("is revoked: it is good for nothing any more.")
    assert api.app.test_client().get("/v2/", auth=("token", secret)).status_code == 401


def test_a_public_registry_says_that_it_needs_no_tokens(api: Api, open_as: Open) -> None:
    kept = api.manager.tokens.create_for_registry(SYSTEM, "acme/app", "of before")
    api.manager.registries.change(SYSTEM, "acme/app", visibility="public")
    browser = open_as("ada")
    page = browser.get("/acme/app/-/tokens")
    assert "it needs no tokens" in page.text
    assert [one.action for one in page.forms if one.action.startswith("/acme")] == []
    assert page.rows[0][0] == f"of before {kept.id}"
    assert "acme/app is public: everybody may pull from it" in browser.submit("/acme/app/-/tokens", 422).text


def test_a_token_of_another_registry_is_not_there(api: Api, open_as: Open) -> None:
    api.manager.registries.create(SYSTEM, "acme/other")
    other = api.manager.tokens.create_for_registry(SYSTEM, "acme/other", "x")
    browser = open_as("ada")
    browser.get(f"/acme/app/-/tokens/{other.id}/revoke", 404)
    browser.submit(f"/acme/app/-/tokens/{other.id}/revoke", 404)
    assert len(api.manager.tokens.of_registry("acme/other")) == 1


def test_levels_are_granted_changed_and_withdrawn(api: Api, open_as: Open) -> None:
    browser = open_as("ada")
    browser.get("/acme/app/-/access")
    browser.submit("/acme/app/-/access", user="eve", level="read")
    assert browser.said == ["eve has the level read on acme/app."]
    row = next(one for one in browser.get("/acme/app/-/access").forms if one.fields.get("user") == ["eve"])
    browser.submit(row, level="write")
    assert [(one.user, one.standing) for one in api.manager.registries.grants("acme/app")] == [("eve", "write")]
    page = browser.get("/acme/app/-/access/eve/withdraw")
    assert page.h1 == "Withdraw the level of eve on acme/app?"
    browser.submit("/acme/app/-/access/eve/withdraw")
    assert api.manager.registries.grants("acme/app") == []
    browser.get("/acme/app/-/access/eve/withdraw", 404)
    assert "there is no user 'nobody'" in browser.submit("/acme/app/-/access", 422, user="nobody").text


def test_a_policy_is_saved_as_it_was_written_shown_and_removed(api: Api, open_as: Open) -> None:
    browser = open_as("ada")
    browser.get("/acme/app/-/policy")
    browser.submit("/acme/app/-/policy", policy=POLICY.replace("\n", "\r\n"))
    assert browser.said == ["The policy is saved."]
    assert api.manager.registries.get("acme/app").policy == POLICY
    page = browser.get("/acme/app/-/policy")
    assert page.form("/acme/app/-/policy").fields["policy"] == [POLICY]
    assert "Not saved" not in page.text
    assert "https://registry.example.com/acme/app" in page.text
    browser.get("/acme/app/-/policy/remove")
    browser.submit("/acme/app/-/policy/remove")
    assert api.manager.registries.get("acme/app").policy == ""
    browser.submit("/acme/app/-/policy/remove", 404)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (" \n", ["the policy is empty: to be rid of it, remove it"]),
        ("- iss: nobody\n  claims: {a: 1}\n", ["statement 1, line 1: 'nobody' is not an issuer that is allowed here"]),
        (
            f"{POLICY}- iss: https://gitlab.com\n  scopes: [fly]\n  claims: {{}}\n",
            ["statement 2, line 9: unknown scope 'fly'", "statement 2, line 10: claims are missing"],
        ),
        ("</textarea><script>alert(1)</script>", ["line 1: a policy is a list of statements"]),
    ],
)
def test_each_fault_of_a_policy_is_said_at_the_field_and_the_text_stays(
    api: Api, open_as: Open, text: str, faults: list[str]
) -> None:
    browser = open_as("ada")
    browser.get("/acme/app/-/policy")
    page = browser.submit("/acme/app/-/policy", 422, policy=text, iss="kept")
    said = [one.text for one in page.root.all("div") if "invalid-feedback" in one.attributes.get("class", "")]
    assert len(said) == len(faults)
    assert all(one.startswith(fault) for one, fault in zip(said, faults, strict=True)), said
    assert page.form("/acme/app/-/policy").fields["policy"] == [text]
    assert page.form("/acme/app/-/policy").fields["iss"] == ["kept"]
    assert api.manager.registries.get("acme/app").policy == ""


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_added_and_means_its_claims(api: Api, open_as: Open, name: str) -> None:
    api.manager.registries.set_policy(SYSTEM, "acme/app", POLICY)
    browser = open_as("ada")
    page = browser.get(f"/acme/app/-/policy?example={name}")
    form = page.form("/acme/app/-/policy")
    assert form.fields["policy"] == [POLICY + EXAMPLES[name].policy]
    assert "Not saved" in page.text
    page = browser.submit("/acme/app/-/policy/test", 200, **form.fields)
    first = name == "github"
    assert f"Statement {1 if first else 2} wins, and grants read_packages, write_packages." in page.text
    assert [row[1] for row in page.rows] == (["wins"] if first else ["does not fit", "wins"])
    assert api.manager.registries.get("acme/app").policy == POLICY, "nothing is saved"


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"claims": '{"repository": "evil/web"}'}, 200, "The token is refused: no statement means it."),
        ({"claims": '{"iss": "https://gitlab.com"}', "iss": ""}, 200, "the issuer is 'https://gitlab.com': wanted"),
        ({"claims": "{}", "iss": ""}, 422, "say who issues the token"),
        ({"claims": "{\n'a': 1}"}, 422, "this is no JSON: line 2"),
        ({"claims": "[1]"}, 422, "claims are an object"),
        ({"claims": "[" * 20_000}, 422, "this is no JSON"),
        ({"policy": "- iss: 1\n"}, 422, "statement 1, line 1"),
    ],
)
def test_claims_are_judged_and_the_reason_is_said(
    api: Api, open_as: Open, fields: dict[str, str], status: int, said: str
) -> None:
    browser = open_as("ada")
    browser.get("/acme/app/-/policy")
    filled = {"policy": POLICY, "iss": EXAMPLES["github"].iss, **fields}
    page = browser.submit("/acme/app/-/policy/test", status, **filled)
    assert said in page.text
    assert page.form("/acme/app/-/policy").fields["claims"] == [filled.get("claims", "")]
    assert api.manager.registries.get("acme/app").policy == ""


def test_where_tokens_of_oidc_cannot_be_taken_the_page_says_so(make: Make) -> None:
    api = peopled(make(url="", oidc_issuers="gitlab"))
    browser = Browser(api.app)
    browser.sign_in("admin")
    text = browser.get("/root/-/policy").text
    assert "this installation has not been told its URL (OCIREG_URL)" in text
    assert text.count("(its issuer is not allowed here)") == 3


@pytest.mark.parametrize("path", ["acme/app", "root"])
def test_settings_are_changed_and_what_is_wrong_is_said(api: Api, open_as: Open, path: str) -> None:
    api.manager.registries.change(SYSTEM, path, colour="#123456")
    browser = open_as("admin")
    form = browser.get(f"/{path}/-/settings").form()
    assert form.fields["colour"] == ["#123456"], "one that the API has set stays"
    page = browser.submit(form, name=HOSTILE, description="What we run.", emoji="🚀")
    assert (browser.said, page.h1.startswith(HOSTILE)) == (["The settings are saved."], True)
    found = api.manager.registries.get(path)
    assert (found.name, found.description, found.emoji, found.colour) == (HOSTILE, "What we run.", "🚀", "#123456")
    page = browser.submit(page.form(), 422, emoji="no emoji", name="kept")
    assert "emoji is one emoji, or nothing" in page.text
    assert page.form().fields["name"] == ["kept"]
    assert api.manager.registries.get(path).name == HOSTILE


def test_a_registry_becomes_public_after_a_warning_and_private_again(api: Api, open_as: Open) -> None:
    push_image(api)
    browser = open_as("ada")
    page = browser.get("/acme/app/-/visibility")
    assert page.h1 == "Make acme/app public?"
    assert "without any login" in page.text
    assert "That is 1 image, and whatever will be pushed later" in page.text
    form = page.form()
    browser.submit(form)
    assert api.manager.registries.get("acme/app").public
    browser.submit(form)
    assert api.manager.registries.get("acme/app").public, "sent twice it is the same"
    browser.get("/acme/app/-/visibility")
    browser.submit("/acme/app/-/visibility")
    assert not api.manager.registries.get("acme/app").public
    browser.submit(form, 422, to="half")


def test_a_registry_goes_when_its_path_is_typed_and_its_images_are_meant(api: Api, open_as: Open) -> None:
    push_image(api)
    browser = open_as("ada")
    page = browser.get("/acme/app/-/delete")
    assert "It holds 1 image." in page.text
    assert "it holds 1 image: say that" in browser.submit("/acme/app/-/delete", 422, typed="acme/app").text
    assert "that is not acme/app" in browser.submit("/acme/app/-/delete", 422, typed="app", contents="y").text
    page = browser.submit("/acme/app/-/delete", typed="acme/app", contents="y")
    assert (page.path, browser.said) == ("/acme", ["The registry acme/app is deleted."])
    browser.get("/acme/app", 404)
    assert not repositories.exists(api.installed.database, "acme/app/web")


def test_an_empty_registry_goes_when_its_path_is_typed(api: Api, open_as: Open) -> None:
    browser = open_as("ada")
    page = browser.get("/acme/app/-/delete")
    assert "It is empty." in page.text
    assert "contents" not in page.form().fields
    browser.submit("/acme/app/-/delete", typed="acme/app")
    assert api.manager.registries.every("acme") == []


def test_the_root_registry_stays_and_the_page_says_how_it_is_switched_off(shared: Api) -> None:
    browser = Browser(shared.app)
    browser.sign_in("admin")
    page = browser.get("/root/-/settings")
    assert "OCIREG_ROOT_REGISTRY=false switches it off" in page.text
    assert "Delete it…" not in page.links
    assert "OCIREG_ROOT_REGISTRY=false" in browser.get("/root/-/delete", 409).text


@pytest.mark.parametrize("scopes", [["read_registries"], ["read_registries", "read_packages", "write_packages"]])
def test_a_token_that_may_only_look_is_shown_no_forms(api: Api, scopes: list[str]) -> None:
    api.manager.tokens.create_for_registry(SYSTEM, "acme/app", "x")
    api.manager.registries.grant(SYSTEM, "acme/app", "eve", "read")
    browser = Browser(api.app)
    browser.sign_in("ada", api.manager.tokens.create(SYSTEM, "ada", scopes=scopes).secret)
    for tab in ("tokens", "access", "settings"):
        page = browser.get(f"/acme/app/-/{tab}")
        assert [one.action for one in page.forms if one.action.startswith("/acme")] == []
        assert not {"Revoke", "Withdraw", "Delete it…", "Make it public…"} & set(page.links)
        browser.submit(f"/acme/app/-/{tab}", 403)
    assert [text for _, _, text in browser.get("/acme/app/-/policy").form().buttons] == ["Test"]
