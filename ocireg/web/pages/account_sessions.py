"""The browsers in which one has signed in."""

from flask import Response, flash

from ocireg.metadata.printable import printable
from ocireg.metadata.sessions import StoredSession
from ocireg.web import accounts
from ocireg.web.asked import Asked
from ocireg.web.doors import WHOLE
from ocireg.web.pages import sessions
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("account_sessions")

BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
"""What is in the ``User-Agent`` of which; the first that is there counts, since browsers name those they are like."""


@section.page("/account/sessions", WHOLE)
def list_sessions(asked: Asked) -> Response:
    """List one's sessions, the newest first: a user has 50 at most."""
    found = asked.manager.sessions.of_user(accounts.own(asked).name)
    return render("account_sessions.html", sessions=found, current=sessions.current(), agent=agent_of)


@section.action("/account/sessions/<session>/end", WHOLE)
def end_session(asked: Asked, session: str) -> Response:
    """Sign a browser out, or this one."""
    asked.manager.sessions.end(asked.author, accounts.own(asked).name, session)
    if session == sessions.current():
        sessions.end()
        flash("You have signed out.", "success")
        return go("/")
    flash("That browser is signed out.", "success")
    return go("/account/sessions")


def agent_of(session: StoredSession) -> tuple[str, str]:
    """Return which browser it is, as people call it, and all that it says of itself."""
    said = printable(session.agent)
    browser, system = (next((name for part, name in some.items() if part in said), "") for some in (BROWSERS, SYSTEMS))
    named = f"{browser} on {system}" if browser and system else browser or system
    return named or said or "It does not say what it is", said if named else ""
