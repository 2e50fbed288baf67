"""What the web asks of access: who is this, may they, and here is their token. It counts what fails."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from ocireg.auth import desk, identities, secrets
from ocireg.auth.access import Action, reach
from ocireg.auth.actor import ANONYMOUS, ANYBODY, Actor
from ocireg.auth.audit import Trail
from ocireg.auth.desk import Issued
from ocireg.auth.login import Exchange, Login, Refused, cannot_be_guessed, log_in, resume
from ocireg.auth.places import Judgement, judge, locate
from ocireg.auth.roster import Roster, View
from ocireg.auth.signing import Access, Reference, Signer
from ocireg.auth.throttle import FailedLogins, Throttle, client_key
from ocireg.config import Settings
from ocireg.errors import TOO_MANY_REQUESTS, RegistryError
from ocireg.metadata.audit import Author, Event
from ocireg.metadata.repositories import Reach
from ocireg.oci.scope import Scope

T = TypeVar("T")

NOTE_EVERY = 600.0
"""Seconds in which logins by the same credential from the same address are one event."""
LONGEST_NAME = 64
"""Characters of a user's name."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose access token was shown, and what it was given for."""

    actor: Actor
    access: Access


class Gate:
    """Access, of one process. Addresses are those of clients; None where the server knows none."""

    def __init__(self, settings: Settings, roster: Roster, trail: Trail, exchange: Exchange) -> None:
        self._settings = settings
        self._roster = roster
        self._trail = trail
        self._exchange = exchange
        self._failures = FailedLogins(settings.login_failures, settings.login_window)
        self._tokens = Throttle(settings.token_requests, settings.login_window)
        self._noted = Throttle(1, NOTE_EVERY)

    @property
    def nobody(self) -> Actor:
        """Who has shown nothing."""
        return ANYBODY if self._settings.open else ANONYMOUS

    @property
    def anonymous(self) -> Login:
        """The login of who has shown nothing."""
        return Login(ANONYMOUS, identities.NOBODY)

    def log_in(self, name: str, secret: str, address: str | None, agent: str) -> Login:
        """Return who this is. ``Refused``; TOOMANYREQUESTS after too many that were.

        Both are noted in the audit log: that somebody logged in, once in a while, since clients do so for each step.
        Whoever waits may still show what cannot be guessed: a neighbour's wrong password must not keep machines from
        their work.
        """
        where = address or ""
        wait = self._failures.check(name, where)
        if wait is not None and not cannot_be_guessed(secret):
            raise _too_many("too many failed logins", wait)
        try:
            found = log_in(self._roster.now(), self._exchange, name, secret, address)
        except Refused as error:
            if wait is not None:
                raise _too_many("too many failed logins", wait) from error
            self._failures.failed(name, where)
            author = Author(self._kept(name), "", where, agent)
            self._trail.note(Event("login.refused", author, outcome="refused", detail={"reason": str(error)}))
            raise
        self._failures.succeeded(name, where)
        if self._noted.take(f"{where} {found.actor.id} {found.actor.credential}") is None:
            self._trail.note(Event("login", Author(found.actor.name, found.actor.credential, where, agent)))
        return found

    def _kept(self, name: str) -> str:
        """Return a claimed name for the audit log: some put a secret where the name belongs, and it must not be kept.

        That which an operator chose looks like any name, and is known by its hash.
        """
        ours = name.startswith((secrets.API_TOKEN, "eyJ"))
        if ours or len(name) > LONGEST_NAME or self._roster.now().is_api_token(secrets.digest(name)):
            return f"(no name: {len(name)} characters)"
        return name

    def resume(self, refresh_token: str, address: str | None) -> Login:
        """Return whose refresh token this is. ``Refused``."""
        view, reference = self._read(lambda signer: signer.read_refresh(refresh_token))
        if reference is None:
            raise Refused("the refresh token is not good, or has expired")
        return resume(view, reference, address)

    def bearer(self, token: str, address: str | None) -> Bearer:
        """Return whose access token this is. ``Refused``."""
        view, access = self._read(lambda signer: signer.read_access(token))
        if access is None:
            raise Refused("the access token is not good, or has expired")
        return Bearer(resume(view, access.reference, address).actor, access)

    def _read(self, read: Callable[[Signer], T | None]) -> tuple[View, T | None]:
        """Read a token of ours. Another process may know a new key, and sign with it, a second before this one does."""
        view = self._roster.now()
        found = read(view.signer)
        if found is None and (newer := self._roster.now(afresh=True)) is not view:
            return newer, read(newer.signer)
        return view, found

    def again(self, reference: Reference) -> Actor | None:
        """Return whose login this is as things stand; None where its credential is gone. One that expired is no change.

        It is for what is under way, which is let end.
        """
        return identities.resolve(self._roster.now(), reference)

    def judge(self, actor: Actor, action: Action, name: str) -> Judgement:
        """Say what becomes of a request for the repository of that name."""
        return judge(self._roster.now(), self._settings, actor, action, name)

    def reach(self, actor: Actor) -> Reach:
        """Return the registries whose repositories are listed to the actor: those that it may pull from."""
        return reach(actor, root=self._settings.root_registry)

    def are_together(self, name: str, other: str) -> bool:
        """Say whether two names belong to the same registry."""
        view = self._roster.now()
        first, second = (locate(view, self._settings, one).registry for one in (name, other))
        return first is not None and second is not None and first.id == second.id

    def count_token_request(self, address: str | None) -> None:
        """Count a request for a token. TOOMANYREQUESTS."""
        wait = self._tokens.take(client_key(address or ""))
        if wait is not None:
            raise _too_many("too many requests for tokens", wait)

    def issue(self, login: Login, asked: Iterable[Scope], *, offline: bool) -> Issued:
        """Return an access token for what is granted of what was asked for."""
        return desk.issue(self._roster.now(), self._settings, login, asked, offline=offline)


def _too_many(message: str, wait: float) -> RegistryError:
    return RegistryError(TOO_MANY_REQUESTS, message, headers={"Retry-After": str(max(math.ceil(wait), 1))})
