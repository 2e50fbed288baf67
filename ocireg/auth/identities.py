"""From a reference to an actor: whose it is, and what they may do as things stand.

A reference is what a token of ours carries, and what a login ends in. It is resolved again whenever access changes, so
that nothing a token says outlives what it was given for.
"""

import hashlib
from collections.abc import Callable

from ocireg.auth.actor import ANONYMOUS, Actor, Kind, user
from ocireg.auth.roster import View
from ocireg.auth.scopes import EVERY_SCOPE, LEVELS, READ_PACKAGES, ROLES, Level
from ocireg.auth.signing import Reference, reference_of
from ocireg.config.networks import Networks
from ocireg.metadata import credentials, memberships, sessions, users
from ocireg.metadata.credentials import StoredApiToken, StoredRegistryToken
from ocireg.metadata.users import StoredUser

NOBODY: Reference = ("anonymous",)


def of_password(found: StoredUser) -> Reference:
    """Return the reference of a login by password: it ends when the password changes."""
    return ("user", found.id, _version(found))


def of_api_token(token: str) -> Reference:
    """Return the reference of a login by API token."""
    return ("api", token)


def of_registry_token(token: str) -> Reference:
    """Return the reference of a login by registry token."""
    return ("registry", token)


def of_oidc(
    registry: int, policy: str, issuer: str, subject: str, scopes: frozenset[str], expires_at: float
) -> Reference:
    """Return the reference of a login by OIDC: it ends when the policy of the registry changes, or then at the latest.

    Nor does it outlive a start that allows its issuer no more.
    ``expires_at`` is in seconds since the epoch, UTC.
    """
    return ("oidc", registry, policy, issuer, subject, tuple(sorted(scopes)), int(expires_at))


def of_temporary(reference: Reference, registry: int, expires_at: float) -> Reference:
    """Return a reference to the same login, for pulls from one registry, until then (seconds since the epoch, UTC)."""
    return ("temporary", reference, registry, expires_at)


def of_session(session: str) -> Reference:
    """Return the reference of a login session, by the hash of its secret."""
    return ("session", session)


def resolve(view: View, reference: Reference) -> Actor | None:
    """Return the actor; None where the credential is gone. Whether it is good now, ``Actor.fault`` says."""
    find = _KINDS.get(reference[0])
    if find is None:
        return None
    return view.remembered(("actor", reference), lambda: find(view, *reference[1:]))


def _anonymous(_view: View) -> Actor:
    return ANONYMOUS


def _by_password(view: View, identifier: str, version: str) -> Actor | None:
    found = users.by_id(view.database, identifier)
    if found is None or _version(found) != version:
        return None
    return _user(view, found, "password")


def _by_api_token(view: View, identifier: str) -> Actor | None:
    token = credentials.api_token(view.database, token=identifier)
    owner = users.by_id(view.database, token.user) if token else None
    if token is None or owner is None:
        return None
    return _user(
        view,
        owner,
        _named("API token", token),
        scopes=frozenset(token.scopes.split()) & EVERY_SCOPE,
        networks=Networks.parse(token.networks),
        expires_at=token.expires_at,
    )


def _by_registry_token(view: View, identifier: str) -> Actor | None:
    token = credentials.registry_token(view.database, token=identifier)
    registry = view.registry_by_id(token.registry) if token else None
    if token is None or registry is None:
        return None
    return Actor(
        Kind.REGISTRY_TOKEN,
        f"registry-token:{token.id}",
        f"registry token of {registry.path or 'the root registry'}",
        _named("registry token", token),
        scopes=frozenset({READ_PACKAGES}),
        levels={registry.id: Level.READ},
        bound_to=registry.id,
    )


def _by_oidc(
    view: View,
    registry_id: int,
    policy: str,
    issuer: str,
    subject: str,
    scopes: tuple[str, ...],
    expires_at: float,
) -> Actor | None:
    registry = view.registry_by_id(registry_id)
    if registry is None or not policy or registry.policy_id != policy or issuer not in view.issuers:
        return None
    return Actor(
        Kind.OIDC,
        f"oidc:{registry.id}:{hashlib.sha256(f'{issuer} {subject}'.encode()).hexdigest()[:32]}",
        subject,
        f"OIDC {issuer}",
        scopes=frozenset(scopes),
        levels={registry.id: Level.WRITE},
        bound_to=registry.id,
        expires_at=expires_at,
    )


def _temporary(view: View, reference: Reference, registry: int, expires_at: float) -> Actor | None:
    whose = resolve(view, reference)
    return whose.reading_only(registry, expires_at) if whose else None


def _by_session(view: View, identifier: str) -> Actor | None:
    """Return who has signed in, with all that their credential has: it ends with that. The cookie knows its own end."""
    session = sessions.find(view.database, identifier)
    return resolve(view, reference_of(session.reference)) if session else None


def _user(view: View, found: StoredUser, credential: str, **what: object) -> Actor:
    return user(
        found.name,
        found.id,
        credential,
        admin=found.admin,
        levels={one: LEVELS[level] for one, level in memberships.levels(view.database, found.id).items()},
        roles={one: ROLES[role] for one, role in memberships.roles(view.database, found.id).items()},
        **what,
    )


def _version(found: StoredUser) -> str:
    """Return what tells this password from the next."""
    return hashlib.sha256((found.password or "").encode()).hexdigest()[:16]


def _named(kind: str, token: StoredApiToken | StoredRegistryToken) -> str:
    return f"{kind} {token.id}" + (f" ({token.description})" if token.description else "")


_KINDS: dict[str, Callable[..., Actor | None]] = {
    "anonymous": _anonymous,
    "user": _by_password,
    "api": _by_api_token,
    "registry": _by_registry_token,
    "oidc": _by_oidc,
    "session": _by_session,
    "temporary": _temporary,
}
