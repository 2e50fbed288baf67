"""The token end-point without HTTP: what is granted of what was asked for, and in what form.

What is not granted is left out, and is no error: the answer holds the intersection, which may be empty. A name that
must look as if it were not there is granted like one that is not there.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from ocireg.auth import identities, secrets
from ocireg.auth.access import Action
from ocireg.auth.actor import Actor, Kind
from ocireg.auth.login import Login
from ocireg.auth.places import Verdict, judge
from ocireg.auth.roster import View
from ocireg.auth.signing import Access
from ocireg.config import Settings
from ocireg.oci.errors import InvalidName
from ocireg.oci.reference import parse_repository
from ocireg.oci.scope import Scope

ACTIONS = {"pull": Action.PULL, "push": Action.PUSH, "delete": Action.DELETE}
TEMPORARY_LIFE = 600.0
"""Seconds that a temporary token lives."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What a client gets. Seconds; times are seconds since the epoch, UTC. ``scope`` is what was granted."""

    token: str
    expires_in: int
    issued_at: float
    scope: str
    refresh_token: str | None = None


def issue(view: View, settings: Settings, login: Login, asked: Iterable[Scope], *, offline: bool) -> Issued:
    """Return an access token, and where ``offline`` a refresh token too, of somebody who is known."""
    now = time.time()
    scopes = list(asked)
    granted: dict[str, frozenset[str]] = {}
    for one in scopes:
        if one.type == "repository" and (actions := _granted(view, settings, login.actor, one)):
            granted[one.name] = granted.get(one.name, frozenset()) | actions
    catalog = any(one.type == "registry" and one.name == "catalog" for one in scopes)
    expires_at = now + _life(settings, login.actor)
    if login.actor.expires_at is not None:
        expires_at = min(expires_at, login.actor.expires_at)
    return Issued(
        token=view.signer.access(Access(login.reference, granted, catalog), expires_at),
        expires_in=max(int(expires_at - now), 1),
        issued_at=now,
        scope=" ".join(_written(granted, catalog=catalog)),
        refresh_token=_refresh(view, settings, login, now) if offline and login.actor.is_known else None,
    )


def temporary(view: View, login: Login, registry: int) -> str:
    """Return a secret for pulls from one registry, good for ``TEMPORARY_LIFE`` seconds."""
    expires_at = time.time() + TEMPORARY_LIFE
    reference = identities.of_temporary(login.reference, registry, expires_at)
    return secrets.TEMPORARY_TOKEN + view.signer.temporary(reference, expires_at)


def _granted(view: View, settings: Settings, actor: Actor, scope: Scope) -> frozenset[str]:
    """Return the actions that are granted. ``*`` is all that can be; who may push and delete need not ask for both.

    Some clients ask for ``pull,push`` to delete (crane), others for ``*``.
    """
    try:
        name = parse_repository(scope.name)
    except InvalidName:
        return frozenset()
    wanted = set(ACTIONS) if "*" in scope.actions else set(scope.actions & ACTIONS.keys())
    if "push" in wanted:
        wanted.add("delete")
    refused = Verdict.REFUSED
    return frozenset(one for one in wanted if judge(view, settings, actor, ACTIONS[one], name).verdict is not refused)


def _written(granted: dict[str, frozenset[str]], *, catalog: bool) -> list[str]:
    found = [str(Scope("repository", name, actions)) for name, actions in granted.items()]
    return [*found, "registry:catalog:*"] if catalog else found


def _life(settings: Settings, actor: Actor) -> float:
    """Return how long an access token lives. One for OIDC outlives its JWT: most clients show the dead JWT again."""
    return settings.oidc_session if actor.kind is Kind.OIDC else settings.token_life


def _refresh(view: View, settings: Settings, login: Login, now: float) -> str:
    """Return a refresh token. It is good until it expires: docker keeps the first that it gets."""
    expires_at = now + settings.refresh_life
    if login.actor.expires_at is not None:
        expires_at = min(expires_at, login.actor.expires_at)
    return view.signer.refresh(login.reference, expires_at)
