"""What holds of every page: what browsers are told of it, and how it is written."""

from itertools import pairwise

from werkzeug.test import TestResponse

from tests.web.pages.markup import Element, Page

NOTHING_FROM_ELSEWHERE = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def check_headers(answer: TestResponse) -> None:
    """Fail where an answer of the pages lets anything be loaded, run, framed, guessed or kept."""
    policy = [one.strip().partition(" ") for one in answer.headers["Content-Security-Policy"].split(";")]
    assert {name: value for name, _, value in policy if name != "sandbox"} == NOTHING_FROM_ELSEWHERE
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def check_markup(page: Page) -> None:
    """Fail where a page has what its policy forbids, or what not everybody can use."""
    for one in page.root.all():
        assert "style" not in one.attributes, f"a style of its own: {one}"
        assert not [name for name in one.attributes if name.startswith("on")], f"a script of its own: {one}"
        assert one.tag not in {"style", "iframe", "object", "embed", "base"}, one
        assert one.tag != "script" or (one.attributes["src"].startswith("/static/") and not one.inside), one
        for name in ("href", "src", "action"):
            assert _leads_somewhere(one.attributes.get(name, "/")), one
    _check_use(page.root)


def _leads_somewhere(address: str) -> bool:
    """Say whether it is a path of ours, a query, a place on the page, or an address of the web."""
    return (
        not address
        or (address[0] in "/?#" and not address.startswith("//"))
        or address.startswith(("http://", "https://"))
    )


def _check_use(root: Element) -> None:
    ids = [one.attributes["id"] for one in root.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids)), f"an id twice: {[one for one in ids if ids.count(one) > 1]}"
    assert len(list(root.all("h1"))) == 1
    levels = [int(one.tag[1]) for one in root.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert all(later - former <= 1 for former, later in pairwise([0, *levels])), f"headings skip a level: {levels}"
    labelled = {one.attributes.get("for") for one in root.all("label")}
    within = {id(one) for label in root.all("label") for one in label.all()}
    for one in root.all("input", "select", "textarea"):
        if one.attributes.get("type") not in {"hidden", "submit"}:
            said = one.attributes.get("id") in labelled or id(one) in within or one.attributes.get("aria-label")
            assert said, f"without a label: {one.tag} {one.attributes}"
    for one in root.all("a", "button"):
        assert one.text or one.attributes.get("aria-label"), f"without words: {one.tag} {one.attributes}"
    for one in root.all("img"):
        assert "alt" in one.attributes
    for one in root.all("table"):
        assert list(one.all("caption")) or one.attributes.get("aria-label"), "a table without a name"
    for one in root.all("form"):
        if one.attributes.get("method", "get").lower() == "post":
            assert [each for each in one.all("input") if each.attributes.get("name") == "csrf_token"], one.attributes
