"""A registry: its images, and how some are put there."""

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.installed import Api, Make, peopled
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, OPEN, asked, fill, image, scans

pytestmark = pytest.mark.usefixtures("acme")

HERE = f"/{GOODS}"


@pytest.fixture(scope="module")
def acme(shared: Api) -> Api:
    """The organization acme with goods, and nothing in open (public), where ada is the admin, and bob a member."""
    return furnished(shared)


@pytest.fixture
def plain(make: Make) -> Browser:
    """Where admin has signed in, at an installation that is reached by HTTP and knows no URL of its own."""
    browser = Browser(make(url="").app)
    browser.sign_in("admin")
    return browser


def furnished(api: Api) -> Api:
    """Let there be these registries, and images."""
    api.manager.registries.create(SYSTEM, GOODS, name="Goods")
    api.manager.registries.create(SYSTEM, OPEN, name="Open", visibility="public")
    for name, tag in ((NAME, "1"), (NAME, "2"), (f"{GOODS}/a_b", "1"), (f"{GOODS}/acb", "1"), ("tool", "1")):
        image(api, name, tag, tag.encode())
    return api


def cells(browser: Browser, path: str, column: int = 0) -> list[str]:
    """Return a column of the table of a page."""
    return [row[column] for row in browser.get(path).rows]


@pytest.mark.parametrize("who", ["bob", "ada", "admin"])
def test_who_may_pull_sees_the_images(shared_as: Open, who: str) -> None:
    page = shared_as(who).get(HERE)
    assert [(row[0], row[1], row[4]) for row in page.rows] == [
        ("a_b", "1", "0"),
        ("acb", "1", "0"),
        ("web/api", "2", "0"),
    ]
    assert page.links["web/api"] == f"/{NAME}"
    assert page.h1 == "Goods Private"
    assert page.links["Publish instructions"] == f"{HERE}/-/publish"


def test_images_of_the_root_registry_are_below_it(shared_as: Open) -> None:
    page = shared_as("admin").get("/root")
    assert [row[0] for row in page.rows] == ["tool"]
    assert page.links["tool"] == "/root/tool"


def test_what_somebody_may_not_see_is_not_there(shared_as: Open) -> None:
    assert "There is no registry" in shared_as("eve").get("/root", status=404).text
    for path in (HERE, f"{HERE}/-/publish"):
        assert shared_as("").get(path).title.startswith("Sign in")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("API", ["web/api"]),
        ("_", ["a_b"]),
        ("%", []),
        ("goods", []),  # the registry's own name is not looked in
        ("/", ["web/api"]),
        ("<b>", []),
    ],
)
def test_images_are_searched_by_their_names_in_the_registry(shared_as: Open, text: str, wanted: list[str]) -> None:
    browser = shared_as("bob")
    found = browser.get(HERE)
    found = browser.submit(next(one for one in found.forms if one.method == "get"), q=text)
    assert [row[0] for row in found.rows] == wanted
    assert ("Nothing found" in found.text) == (not wanted)


def test_an_empty_registry_tells_who_may_push_how(shared_as: Open) -> None:
    page = shared_as("ada").get(f"/{OPEN}")
    assert "docker push registry.example.com/acme/open/my-image:1.0" in page.text
    assert page.links["Other tools, and CI"] == f"/{OPEN}/-/publish"
    assert "Nobody has pushed one so far." in shared_as("").get(f"/{OPEN}").text


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("", "docker login registry.example.com -u ada"),
        ("Docker", "docker tag my-image registry.example.com/acme/goods/my-image:1.0"),
        ("Podman", "podman login registry.example.com/acme/goods -u ada"),
        ("Buildah", "buildah push my-image docker://registry.example.com/acme/goods/my-image:1.0"),
        ("Skopeo", "skopeo login registry.example.com -u ada"),
        ("Crane", "crane push my-image.tar registry.example.com/acme/goods/my-image:1.0"),
        ("Helm", "helm push my-chart-1.0.0.tgz oci://registry.example.com/acme/goods"),
        ("ORAS", "oras push registry.example.com/acme/goods/my-image:1.0 --artifact-type"),
        ("<script>", "docker login registry.example.com -u ada"),
    ],
)
def test_each_tool_is_told_how_to_push(shared_as: Open, tool: str, command: str) -> None:
    page = shared_as("ada").get(f"{HERE}/-/publish?tool={tool}&ci=Buildkite")
    assert command in page.text
    assert "buildkite-agent" in page.text
    assert page.links["Helm"] == "?ci=Buildkite&tool=Helm#tool"
    assert page.links["New API token"] == "/account/tokens/new?scope=read_packages&scope=write_packages"


@pytest.mark.parametrize(
    ("tool", "commands"),
    [
        ("Docker", ["docker login registry.example.com -u admin", "docker push registry.example.com/my-image:1.0"]),
        ("Podman", ["podman login --tls-verify=false registry.example.com -u", "podman push --tls-verify=false my-"]),
        ("Buildah", ["buildah login --tls-verify=false -u admin", "buildah push --tls-verify=false my-image docker:"]),
        ("Skopeo", ["skopeo login --tls-verify=false", "copy --dest-tls-verify=false --all oci:FOLDER:1.0 docker:"]),
        ("Crane", ["crane push --insecure my-image.tar", "crane copy --insecure docker.io/library/my-image reg"]),
        ("Helm", ["helm registry login --plain-http", "oci://registry.example.com --plain-http"]),
        ("ORAS", ["oras login --plain-http registry", "oras push --plain-http registry.example.com/my-image:1.0"]),
    ],
)
def test_a_tool_is_told_of_plain_http_where_it_wants_to_be(plain: Browser, tool: str, commands: list[str]) -> None:
    page = plain.get(f"/root/-/publish?tool={tool}")
    assert "reached by HTTP" in page.text
    for command in (*commands, "podman login --tls-verify=false registry.example.com."):
        assert command in page.text


@pytest.mark.parametrize(
    ("registry", "audience"),
    [(HERE, "https://registry.example.com/acme/goods"), ("/root", "https://registry.example.com")],
)
@pytest.mark.parametrize(
    ("service", "line"),
    [
        ("GitHub Actions", '"$ACTIONS_ID_TOKEN_REQUEST_URL&audience={aud}" |'),
        ("Buildkite", "--audience {aud} --lifetime 300 |"),
        ("GitLab CI", "aud: {aud} script:"),
        ("CircleCI", """--claims '{"aud": "{aud}"}' |"""),
    ],
)
def test_a_job_shows_a_token_for_this_registry(
    shared_as: Open, registry: str, audience: str, service: str, line: str
) -> None:
    page = shared_as("admin").get(f"{registry}/-/publish?ci={service}")
    assert line.replace("{aud}", audience) in page.text
    assert page.links["OIDC policy"] == f"{registry}/-/policy"


def test_who_may_not_push_or_administer_is_told_so(shared_as: Open) -> None:
    page = shared_as("bob").get(f"{HERE}/-/publish")
    assert "You may pull from this registry." in page.text
    assert "OIDC policy" not in page.links
    assert "There is none yet, so no job may" in page.text
    assert "docker login registry.example.com -u token" in page.text
    assert "overwrites the first" in page.text


def test_what_is_public_is_pulled_without_a_login(shared_as: Open) -> None:
    page = shared_as("").get(f"/{OPEN}/-/publish")
    assert "pulling takes no login" in page.text
    assert "docker login registry.example.com -u USER" in page.text
    assert "-u token" not in page.text


def test_without_a_url_of_its_own_there_is_no_oidc(plain: Browser) -> None:
    page = plain.get("/root/-/publish")
    assert "OCIREG_URL" in page.text
    assert "docker push registry.example.com/my-image:1.0" in page.text
    assert "reached by HTTP" in page.text


def test_a_page_of_many_images_asks_no_more_than_one_of_few(make: Make) -> None:
    api = furnished(peopled(make()))
    browser = Browser(api.app)
    browser.sign_in("bob")
    few = asked(browser, HERE)
    fill(api, 0, 10_000)
    many = asked(browser, HERE)
    assert len(many) == len(few) <= 3
    assert scans(api, [*many, *asked(browser, f"{HERE}?q=n01")]) == []
    first = cells(browser, HERE)
    assert browser.page
    following = cells(browser, HERE + browser.page.links["Next →"])
    assert (first[0], len(first), len(following)) == ("a_b", 30, 30)
    assert following[0] > first[-1]
    assert cells(browser, HERE + browser.page.links["← Previous"]) == first
    assert cells(browser, f"{HERE}?q=0999") == ["n00999", *(f"n0999{one}" for one in range(10))]
