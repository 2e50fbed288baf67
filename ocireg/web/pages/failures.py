"""Errors, for people: what it is, and what to do. Whoever may see more when they sign in is led there."""

from urllib.parse import quote

from flask import Response, g, request

from ocireg.errors import RegistryError
from ocireg.web.asked import context
from ocireg.web.pages import links, places, sessions
from ocireg.web.pages.headers import finished
from ocireg.web.pages.rendering import go, render
from ocireg.web.problems import Problem

TITLES = {
    400: "This cannot be done so",
    401: "Sign in",
    403: "Not for you",
    404: "Nothing here",
    405: "Not possible here",
    409: "Something stands in the way",
    413: "Too much at once",
    429: "Too fast",
    503: "Not now",
    507: "No room left",
}


def answer(problem: Problem) -> Response:
    """Return the page of an error."""
    if problem.status in {401, 404} and (found := _elsewhere()):
        return finished(go(found))
    if problem.status == 401:
        wanted = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else ""
        return finished(go(f"/login{links.asking(next=wanted)}"))
    title = TITLES.get(problem.status, "Something went wrong" if problem.status >= 500 else TITLES[400])
    page = render(
        "failure.html", problem.status, title=title, forbidden=problem.status == 403, message=_told(problem.message)
    )
    for name, value in problem.headers.items():
        page.headers[name] = value
    return finished(page)


def _told(message: str) -> str:
    """Return a message as it is said to who looks: their name is no word to begin with, that of an image stays."""
    caller = g.get("caller")
    if caller is not None and message.startswith(f"{caller.actor.name} may "):
        message = f"you{message.removeprefix(caller.actor.name)}"
    first = message.partition(" ")[0]
    return message if "/" in first else message[:1].upper() + message[1:]


def _elsewhere() -> str:
    """Return where what was looked for is, "" of nothing, or where that cannot be found out now."""
    if request.method != "GET":
        return ""
    here = context()
    try:
        found = places.elsewhere(here, g.get("caller") or sessions.identify(here.gate, here.settings))
    except RegistryError:
        return ""
    return quote(found, safe="/:@") + links.asking(**request.args.to_dict()) if found else ""
