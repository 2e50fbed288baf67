"""From a JWT of an outside issuer to a reference: the registry by its audience, the scopes by the registry's policy."""

import time
from collections.abc import Container

from ocireg.auth import identities, secrets
from ocireg.auth.login import Exchange, Refused
from ocireg.auth.oidc import Fetcher, InvalidToken, IssuerUnavailable, Keys, Verifier, peek
from ocireg.auth.policy import Policy, PolicyError, parse
from ocireg.auth.roster import View
from ocireg.auth.signing import Reference
from ocireg.config import Settings
from ocireg.errors import UNAVAILABLE, RegistryError
from ocireg.metadata.registries import StoredRegistry

LONGEST_SUBJECT = 300
"""Characters of ``sub`` that are kept: issuers write a repository and a branch into it."""


def oidc(settings: Settings) -> tuple[Container[str], Exchange]:
    """Return the issuers that policies may name, and what takes a JWT."""
    fetcher = Fetcher(settings.oidc_networks)
    verifier = Verifier(settings.oidc_issuers, Keys(fetcher.get))

    def exchange(view: View, token: str) -> Reference:
        key = ("jwt", secrets.digest(token))
        found = view.remembered(key, lambda: _judged(view, settings, verifier, token))
        if found[1] <= time.time():  # a client that shows it at every request, by Basic, shows a dead one in the end
            raise Refused("the JWT has expired")
        return found[0]

    return settings.oidc_issuers, exchange


def audience(settings: Settings, registry: StoredRegistry) -> str:
    """Return what ``aud`` must be for this registry: its URL. The Host header has no say in it."""
    return f"{settings.url}/{registry.path}" if registry.path else settings.url


def _judged(view: View, settings: Settings, verifier: Verifier, token: str) -> tuple[Reference, float]:
    """Return what a JWT is good for, and when it expires. ``Refused``; UNAVAILABLE if its issuer does not answer."""
    if not settings.url:
        raise Refused("a JWT is good for a URL, and the setting url names none")
    peeked = peek(token)
    if peeked is None:
        raise Refused("it is no JWT with an issuer and one audience")
    registry = _registry_of(view, settings, peeked.aud)
    if registry is None or not registry.policy_id:
        raise Refused(f"no registry with an OIDC policy has the URL that aud is: {peeked.aud[:200]!r}")
    policy = _policy(view, settings, registry)
    try:
        claims = verifier.verify(token, audience(settings, registry), policy.issuers)
    except IssuerUnavailable as error:
        message = "the issuer of the JWT does not answer"
        raise RegistryError(UNAVAILABLE, message, headers={"Retry-After": "15"}) from error
    except InvalidToken as error:
        raise Refused(str(error)) from None
    decision = policy.decide(peeked.iss, claims)
    if not decision.granted:
        reasons = "; ".join(f"statement {one.statement}: {one.reason}" for one in decision.outcomes)
        raise Refused(f"no statement of the policy of {registry.path or 'the root registry'} fits: {reasons}")
    subject = str(claims.get("sub", ""))[:LONGEST_SUBJECT]
    until = time.time() + settings.oidc_session
    reference = identities.of_oidc(registry.id, registry.policy_id, peeked.iss, subject, decision.scopes, until)
    return reference, float(claims["exp"])


def _registry_of(view: View, settings: Settings, aud: str) -> StoredRegistry | None:
    if aud == settings.url:
        return view.root() if settings.root_registry else None
    organization, slash, slug = aud.removeprefix(settings.url + "/").partition("/")
    return view.registry(organization, slug) if slash and aud.startswith(settings.url + "/") else None


def _policy(view: View, settings: Settings, registry: StoredRegistry) -> Policy:
    """Return the policy of a registry. One that names an issuer which is not allowed any more lets nobody in.

    It is read once, good or not: strangers can ask as often as they like for what takes half a second.
    """

    def read() -> Policy | PolicyError:
        try:
            return parse(registry.policy, settings.oidc_issuers)
        except PolicyError as error:
            return error

    found = view.remembered(("policy", registry.id), read)
    if isinstance(found, PolicyError):
        raise Refused(f"the policy of {registry.path or 'the root registry'} cannot be used: {found}")
    return found
