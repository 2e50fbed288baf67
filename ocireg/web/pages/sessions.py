"""What a browser keeps: Flask's signed cookie, for pages alone.

It has who signed in (a random number; what it stands for is a row, so that signing out ends it wherever it is), the
secret of the forms, what is to be said once, and the theme. It is signed with the keys of the installation, as they are
now: whichever process answers reads it.
"""

import time
from typing import Any

from flask import Flask, Request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from ocireg.auth import identities, secrets
from ocireg.auth.gate import Gate
from ocireg.auth.login import Login
from ocireg.auth.roster import Roster
from ocireg.config import Settings
from ocireg.web import client
from ocireg.web.asked import Context
from ocireg.web.caller import Caller, keep
from ocireg.web.spaces import is_page

COOKIE = "ocireg_session"
_SECRET, _UNTIL = "secret", "until"


class Sessions(SecureCookieSessionInterface):
    """Sessions of pages; other requests have none, and are told none."""

    def __init__(self, settings: Settings, roster: Roster) -> None:
        self._settings = settings
        self._roster = roster

    def register(self, app: Flask) -> None:
        """Let the application have sessions."""
        app.session_interface = self
        app.config.update(
            SESSION_COOKIE_NAME=COOKIE,
            SESSION_COOKIE_SAMESITE="Lax",
            PERMANENT_SESSION_LIFETIME=int(self._settings.session_life),
            SESSION_REFRESH_EACH_REQUEST=False,
        )

    def open_session(self, app: Flask, request: Request) -> Any:
        """Return the session of a request for a page, with the keys that are good now; of any other none."""
        if not is_page(request.path):
            return None
        *former, key = self._roster.now().keys
        app.config.update(SECRET_KEY=key, SECRET_KEY_FALLBACKS=former)
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's
        """Say whether the cookie is for HTTPS alone: where it comes that way."""
        return client.uses_https(self._settings)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:  # noqa: ARG002 - Flask's
        """Say whether it has changed: one that has not is sent again by no page."""
        return session.modified


def sign_in(here: Context, login: Login, address: str | None) -> None:
    """Let a session of a user begin in this browser. ``Invalid`` of what is no user."""
    life = here.settings.session_life
    begin(here.manager.sessions.begin(login, address=address or "", agent=client.agent(), seconds=life), life)


def begin(secret: str, seconds: float) -> None:
    """Let the browser keep who has signed in, and nothing of what it kept before."""
    theme = session.get("theme")
    session.clear()
    session.permanent = True
    session.update({_SECRET: secret, _UNTIL: time.time() + seconds, "theme": theme})


def end() -> None:
    """Let the browser forget it."""
    session.pop(_SECRET, None)
    session.pop(_UNTIL, None)


def current() -> str:
    """Return what the session of this browser is known by, "" where nobody has signed in, or it is over."""
    secret, until = session.get(_SECRET), session.get(_UNTIL)
    if not isinstance(secret, str) or not isinstance(until, int | float) or until <= time.time():
        return ""
    return secrets.digest(secret)


def identify(gate: Gate, settings: Settings) -> Caller:
    """Find out who asks for a page, and keep it for ``caller``: who has signed in, or nobody."""
    return keep(_identify(gate, client.address(settings)))


def _identify(gate: Gate, address: str | None) -> Caller:
    if known := current():
        reference = identities.of_session(known)
        actor = gate.again(reference)
        if actor is not None and not actor.fault(address):
            return Caller(actor, address, reference=reference)
        end()
    return Caller(gate.nobody, address)
