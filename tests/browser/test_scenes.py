"""What people come for, from the first page to what they wanted, as they would do it."""

import json
import re
import shlex
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.artifacts import image, layer
from tests.browser.conftest import NewVisitor
from tests.browser.installation import PASSWORD, POLICY, Installation, push
from tests.browser.stock import API, TOOL, WORKER
from tests.clients.accounts import ADMIN
from tests.clients.run import Run

FILES = {"app/": b"", "app/api.py": b"print('hello')\n", "app/static/": b"", "app/static/style.css": b"a {}"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs clients that know nobody."""
    return Run(tmp_path)


def registry(installation: Installation, slug: str, visibility: str = "private") -> str:
    """Make a registry on the stage; return its path."""
    answer = requests.post(
        f"{installation.url}/api/v1/organizations/stage/registries",
        json={"slug": slug, "name": slug, "visibility": visibility},
        auth=("stella", PASSWORD),
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    return f"stage/{slug}"


def pushed(installation: Installation, repository: str, tag: str, **files: bytes) -> str:
    """Push an image; return its digest."""
    made = image([layer("COPY . /", FILES | files)])
    with requests.Session() as session:
        session.auth = ("admin", ADMIN)
        push(session, installation.url, repository, made, tag)
    return made.digest


def search(page: Page, label: str, text: str) -> None:
    """Search by a form of the page."""
    page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Search").click()


def test_who_wants_a_private_page_signs_in_and_is_there(visitor: NewVisitor) -> None:
    rita = visitor()
    page = rita.visit(f"/{API}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_label("User name").fill("rita")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web/api")
    expect(page.get_by_role("link", name="rita")).to_be_visible()


@pytest.mark.parametrize("client", ["skopeo", "crane"])
def test_an_image_is_found_by_search_and_pulled_by_the_command_that_was_copied(
    visitor: NewVisitor, installation: Installation, run: Run, client: str
) -> None:
    rita = visitor("rita", clipboard=True)
    page = rita.visit("/")
    search(page, "Search registries by name", "containers")
    page.get_by_role("link", name="Containers").click()
    search(page, "Search images by name", "work")
    page.get_by_role("link", name="worker").click()
    page.get_by_role("table", name="Tags").get_by_role("link", name="1.0", exact=True).click()
    page.get_by_text("Pull with other clients").click()
    page.get_by_role("button", name=f"Copy: {client}, by tag").click()
    expect(page.get_by_role("button", name=f"Copy: {client}, by tag")).to_have_text("Copied")
    run.know(installation.server.address, "rita", PASSWORD)
    run(*shlex.split(rita.copied()))
    if client == "skopeo":
        index = json.loads((run.folder / "worker" / "index.json").read_text())
        assert index["manifests"][0]["digest"] == installation.digests[f"{WORKER}:1.0"]
    else:
        assert (run.folder / "worker.tar").stat().st_size > 0


def test_the_files_of_an_image_are_listed_for_who_asks_opened_and_searched(
    visitor: NewVisitor, installation: Installation
) -> None:
    repository = f"{registry(installation, 'files', 'public')}/app"
    pushed(installation, repository, "1.0")
    page = visitor().visit(f"/{repository}:1.0")
    page.get_by_role("link", name="Contents").click()
    page.get_by_role("button", name="List files").click()
    page.get_by_role("link", name="app/", exact=True).click()
    expect(page.get_by_role("row", name="api.py")).to_contain_text("15 Bytes")
    page.get_by_role("link", name="static/").click()
    expect(page.get_by_role("row", name="style.css")).to_be_visible()
    search(page, "Search for a path", "*.py")
    expect(page.get_by_role("row", name="app/api.py")).to_be_visible()
    expect(page.get_by_text("style.css")).to_have_count(0)


def test_the_listing_of_an_image_goes_on_before_ones_eyes(visitor: NewVisitor, installation: Installation) -> None:
    repository = f"{registry(installation, 'progress')}/app"
    pushed(installation, repository, "1.0", **{f"file{number}": bytes(1000) for number in range(2000)})
    page = visitor("stella").visit(f"/{repository}:1.0/-/contents")
    expect(page.get_by_role("progressbar").or_(page.get_by_role("link", name="app/"))).to_be_visible()
    expect(page.get_by_role("link", name="app/")).to_be_visible()
    for _ in range(100):
        if not page.get_by_text("Its files are being counted").count():
            break
        page.reload()
    expect(page.get_by_text("2,002 files, ")).to_be_visible()


def test_the_platform_is_switched_and_all_tabs_are_of_that_one(visitor: NewVisitor, installation: Installation) -> None:
    page = visitor("rita").visit(f"/{API}:1.0")
    page.get_by_role("navigation", name="Platforms").get_by_role("link", name="linux/arm64/v8").click()
    expect(page.get_by_label("Pull by tag", exact=True)).to_contain_text("--platform linux/arm64/v8")
    digest = installation.digests[f"{API}:linux/arm64/v8"]
    expect(page.get_by_label("Pull by digest", exact=True)).to_contain_text(digest)
    page.get_by_role("link", name="Details", exact=True).click()
    expect(page.get_by_role("table", name="Digests of the manifest")).to_contain_text(digest)
    page.get_by_role("link", name="linux/arm/v7").first.click()
    expect(page.get_by_role("table", name="Digests of the manifest")).to_contain_text(
        installation.digests[f"{API}:linux/arm/v7"]
    )
    page.get_by_role("link", name="Index 1.0").click()
    expect(page.get_by_role("table", name="Digests of the manifest")).to_contain_text(
        installation.digests[f"{API}:1.0"]
    )


def test_a_token_is_made_on_the_page_and_pushes(visitor: NewVisitor, installation: Installation, run: Run) -> None:
    path = registry(installation, "pushed")
    stella = visitor("stella", clipboard=True)
    page = stella.visit("/account")
    page.get_by_role("link", name="API tokens").click()
    page.get_by_role("link", name="New token").click()
    page.get_by_label("Description").fill("to push from here")
    page.get_by_label("write_packages").check()
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("button", name="Copy: The secret").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    secret, address = stella.copied(), installation.server.address
    run.know(address, "stella", secret)
    run("crane", "copy", "--insecure", f"{address}/{TOOL}:1.0", f"{address}/{path}/tool:1.0")
    stella.visit(f"/{path}")
    page.get_by_role("link", name="tool").click()
    expect(page.get_by_role("row", name="1.0")).to_contain_text("by stella")
    stella.visit("/account/tokens")
    expect(page.get_by_text("to push from here")).to_be_visible()
    assert secret not in page.content()


def test_a_fault_in_a_policy_is_named_mended_and_claims_are_tested(
    visitor: NewVisitor, installation: Installation
) -> None:
    path = registry(installation, "policy")
    stella = visitor("stella")
    page = stella.visit(f"/{path}/-/policy")
    stella.pardon(f"/{path}/-/policy")
    at_fault = f"{POLICY}- iss: https://token.actions.githubusercontent.com\n  claims:\n    ref: {{matched: main}}\n"
    page.get_by_label("Policy").fill(at_fault)
    page.get_by_role("button", name="Save the policy").click()
    expect(page.get_by_text(re.compile("statement 2.*matched"))).to_be_visible()
    page.get_by_label("Policy").fill(at_fault.replace("matched", "matches"))
    page.get_by_label("Issuer (iss)").fill("https://token.actions.githubusercontent.com")
    page.get_by_label("Claims, as JSON").fill('{"repository": "acme/site", "ref": "main"}')
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("Statement 2 wins")).to_be_visible()
    expect(page.get_by_text("Not saved")).to_be_visible()
    page.get_by_role("button", name="Save the policy").click()
    expect(page.get_by_text("The policy is saved.")).to_be_visible()


def test_a_tag_is_deleted_and_restored_from_the_history(
    visitor: NewVisitor, installation: Installation, run: Run
) -> None:
    repository = f"{registry(installation, 'history')}/app"
    digest, address = pushed(installation, repository, "1.0"), installation.server.address
    pushed(installation, repository, "2.0", other=b"")
    run.know(address, "stella", PASSWORD)
    ask = ("crane", "digest", "--insecure", f"{address}/{repository}:1.0")
    page = visitor("stella").visit(f"/{repository}")
    page.get_by_role("link", name="Delete 1.0").click()
    page.get_by_role("button", name="Delete the tag").click()
    expect(page.get_by_text("The tag 1.0 is deleted.")).to_be_visible()
    run(*ask, fails=True)
    page.get_by_role("link", name="History", exact=True).click()
    page.get_by_role("button", name="Restore: let 1.0 point at").click()
    expect(page.get_by_text("The tag 1.0 is restored.")).to_be_visible()
    assert run(*ask).strip() == digest


def test_a_registry_is_everybodys_while_it_is_public(visitor: NewVisitor, installation: Installation) -> None:
    path = registry(installation, "shown")
    pushed(installation, f"{path}/app", "1.0")
    page, somebody = visitor("stella").visit(f"/{path}/-/settings"), visitor()
    for wanted, heading in (("private", "Sign in"), ("public", "app"), ("private", "Sign in")):
        if wanted not in page.get_by_role("heading", name="Visibility").inner_text().lower():
            page.get_by_role("link", name=f"Make it {wanted}").click()
            page.get_by_role("button", name=f"Make it {wanted}").click()
            expect(page.get_by_text(f"{path} is {wanted} now.")).to_be_visible()
        seen = somebody.visit(f"/{path}/app")
        expect(seen.get_by_role("heading", level=1)).to_contain_text(heading)
        listed = somebody.visit("/").get_by_role("link", name="shown", exact=True)
        expect(listed).to_have_count(1 if wanted == "public" else 0)


def test_a_browser_is_signed_out_from_another_one(visitor: NewVisitor, installation: Installation) -> None:
    answer = requests.post(
        f"{installation.url}/api/v1/users",
        json={"name": "tessa", "password": PASSWORD},
        auth=("admin", PASSWORD),
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    here, there = visitor(), visitor()
    there.sign_in("tessa", PASSWORD)
    here.sign_in("tessa", PASSWORD)
    page = here.visit("/account/sessions")
    other = page.get_by_role("listitem").filter(has=page.get_by_role("button"), has_not_text="This browser")
    other.get_by_role("button", name="Sign out").click()
    expect(other).to_have_count(0)
    expect(there.visit("/account").get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    expect(here.visit("/account").get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_theme_that_was_chosen_stays(visitor: NewVisitor) -> None:
    rita = visitor()
    page = rita.visit("/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.get_by_label("Theme").select_option("dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    rita.sign_in("rita", PASSWORD)
    rita.visit(f"/{API}")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_label("Theme")).to_have_value("dark")


def test_rows_are_filtered_as_one_types(visitor: NewVisitor) -> None:
    page = visitor("rita").visit("/acme/containers")
    rows = page.get_by_role("table", name="Images").get_by_role("rowgroup").last.get_by_role("row")
    expect(rows.filter(visible=True)).to_have_count(5)
    page.get_by_label("Search images by name").press_sequentially("API")
    expect(rows.filter(visible=True)).to_have_count(1)
    expect(rows.filter(visible=True)).to_contain_text("web/api")
