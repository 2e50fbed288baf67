"""What a browser keeps: Flask's signed cookie, for pages alone.

It has who signed in (a random number; what it stands for is a row, so that signing out ends it wherever it is), the
secret of the forms, what is to be said once, and the theme. It is signed with the keys of the installation, as they are
now: whichever process answers reads it.
"""

import time
from collections.abc import Sequence

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

from ocireg.auth import identities, secrets
from ocireg.auth.gate import Gate
from ocireg.auth.login import Login
from ocireg.auth.roster import Roster
from ocireg.config import Settings
from ocireg.errors import RegistryError
from ocireg.web import client
from ocireg.web.asked import Context
from ocireg.web.caller import Caller, keep
from ocireg.web.spaces import is_page

COOKIE = "ocireg_session"
_SECRET, _UNTIL = "secret", "until"


class Session(SecureCookieSession):
    """The session of one request: ``signing`` are the keys that it was read with, and is signed with, the newest last.

    ``fault`` is why it could not be read; then it is empty, and is not kept.
    """

    signing: Sequence[str] = ()
    fault: RegistryError | None = None


class Sessions(SecureCookieSessionInterface):
    """Sessions of pages; other requests have none, and are told none."""

    session_class: type[Session] = Session

    def __init__(self, settings: Settings, roster: Roster) -> None:
        self._settings = settings
        self._roster = roster

    def register(self, app: Flask) -> None:
        """Let the application have sessions."""
        app.session_interface = self
        app.config.update(
            SESSION_COOKIE_SAMESITE="Lax",
            PERMANENT_SESSION_LIFETIME=int(self._settings.session_life),
            SESSION_REFRESH_EACH_REQUEST=False,
        )

    def open_session(self, app: Flask, request: Request) -> Session | None:
        """Return the session of a request for a page, with the keys that are good now; of any other none.

        It never fails: a page of an error has a session too.
        """
        if not is_page(request.path):
            return None
        try:
            return self._read(app, request)
        except RegistryError as error:
            found = Session()
            found.fault = error
            return found

    def _read(self, app: Flask, request: Request) -> Session:
        """Read it. Another process may have signed with a new key, a second before this one knows it."""
        shown, view = request.cookies.get(self.get_cookie_name(app), ""), self._roster.now()
        found = self._load(shown, view.keys)
        if shown and found is None and (newer := self._roster.now(afresh=True)) is not view:
            view, found = newer, self._load(shown, newer.keys)
        found = found or Session()
        found.signing = view.keys
        return found

    def _load(self, shown: str, keys: Sequence[str]) -> Session | None:
        try:
            return Session(self._serializer(keys).loads(shown, max_age=int(self._settings.session_life)))
        except BadSignature:
            return None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:  # noqa: ARG002 - Flask's
        """Return what signs the session of the request under way: it does not matter what others do meanwhile."""
        return self._serializer(getattr(session, "signing", ()))

    def _serializer(self, keys: Sequence[str]) -> URLSafeTimedSerializer:
        how = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        return URLSafeTimedSerializer(list(keys), salt=self.salt, serializer=self.serializer, signer_kwargs=how)

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 - Flask's
        """Return what the cookie is called: where it comes by HTTPS, so that no host beside this one can have set it.

        RFC 6265bis section 4.1.3.2: a browser takes that name from this very host alone.
        """
        return f"__Host-{COOKIE}" if client.uses_https(self._settings) else COOKIE

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's
        """Say whether the cookie is for HTTPS alone: where it comes that way."""
        return client.uses_https(self._settings)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:  # noqa: ARG002 - Flask's
        """Say whether it has changed: one that has not is sent again by no page."""
        return session.modified and bool(getattr(session, "signing", ()))


def require() -> None:
    """Raise what kept the session of this browser from being read, if that was so."""
    fault: RegistryError | None = getattr(session, "fault", None)
    if fault is not None:
        raise fault


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
        if actor is None:
            end()
        elif not actor.fault(address):  # else the cookie stays: it is good elsewhere, and there to be signed out
            return Caller(actor, address, reference=reference)
    return Caller(gate.nobody, address)
