"""Lets a request for ``/v2/`` through, or says what the client may do about it."""

from collections.abc import Callable

from flask import Response, request

from ocireg.auth.access import RULES, Action
from ocireg.auth.actor import Kind
from ocireg.auth.login import Refused
from ocireg.auth.manage.errors import ChangeError
from ocireg.auth.places import Judgement, Verdict
from ocireg.errors import DENIED, NAME_INVALID, NAME_UNKNOWN, RegistryError
from ocireg.web.caller import Caller, identify
from ocireg.web.challenge import INSUFFICIENT, INVALID, challenge
from ocireg.web.v2.context import Context

_ACTIONS = {"pull": Action.PULL, "push": Action.PUSH, "delete": Action.DELETE}
_ASKED = {"pull": "pull", "push": "pull,push", "delete": "delete"}
"""What a client is told to ask a token for: who pushes also looks what is there."""

Handler = Callable[[Context, str, str], Response]


def identify_for(context: Context, action: str, name: str) -> Caller:
    """Find out who asks. UNAUTHORIZED with a challenge for what is asked, where what is shown is not good."""
    try:
        return identify(context.gate, context.settings)
    except Refused as error:
        bearer = request.authorization is not None and request.authorization.type == "bearer"
        scope = _scope(action, name)
        raise challenge(
            context.settings,
            scope,
            INVALID if bearer else "",
            "the access token is not good" if bearer else "the user name or the secret is not good",
        ) from error


def enter(context: Context, who: Caller, action: str) -> None:
    """Let through what concerns no repository: the base, and the catalog. UNAUTHORIZED."""
    if who.actor.kind is Kind.ANONYMOUS and who.access is None:
        raise challenge(context.settings, _scope(action, ""))
    if action == "catalog" and who.access is not None and not who.access.catalog:
        raise challenge(context.settings, _scope(action, ""), INSUFFICIENT)


def require(
    context: Context, who: Caller, action: str, name: str, handler: Handler, argument: str, *, begins: bool
) -> Response:
    """Let a request for a repository through to its handler, or answer as what it may not see would if it were not.

    ``begins``: what is pushed may be the first that its registry holds, so that the registry may be made.

    UNAUTHORIZED where another token may help, DENIED where the secret itself came and does not suffice, NAME_UNKNOWN.
    """
    if not _was_given(who, action, name):
        raise _refusal(context, who, action, name)
    judgement = context.gate.judge(who.actor, _ACTIONS[action], name)
    if judgement.verdict is Verdict.REFUSED:
        raise _refusal(context, who, action, name)
    if who.actor.kind is Kind.ANONYMOUS and not _is_there(context, judgement, name):
        raise _refusal(context, who, action, name)  # who logs in may see more: clients ask for a login only on 401
    if judgement.verdict is Verdict.ABSENT:
        return _absent(context, judgement, action, name, handler, argument)
    if judgement.creates is not None and begins:
        _create(context, who, name, *judgement.creates)
    return handler(context, name, argument)


def require_still(context: Context, who: Caller, action: str, name: str) -> None:
    """Let a request go on whose body has come, if access is still as it was when it was let through.

    A body may take an hour, in which a user is deleted or the name comes to belong to an organization. UNAUTHORIZED,
    DENIED, NAME_UNKNOWN.
    """
    actor = who.actor if who.reference is None else context.gate.again(who.reference)
    judgement = Judgement(Verdict.REFUSED) if actor is None else context.gate.judge(actor, _ACTIONS[action], name)
    if judgement.verdict is Verdict.REFUSED:
        raise _refusal(context, who, action, name)
    if judgement.verdict is Verdict.ABSENT:
        raise RegistryError(NAME_UNKNOWN, judgement.message, detail={"name": name})


def _create(context: Context, who: Caller, name: str, organization: str, slug: str) -> None:
    """Make the registry that a push names. NAME_INVALID where its name can be a repository's and no registry's."""
    try:
        context.manager.registries.create_on_push(who.author, organization, slug)
    except ChangeError as error:
        raise RegistryError(NAME_INVALID, error.message, detail={"name": name}) from error


def may_push(context: Context, who: Caller, name: str) -> bool:
    """Say whether whoever asks what is there may push it, too: what they find is kept for them for a while."""
    if context.settings.read_only or not _was_given(who, "push", name):
        return False
    return context.gate.judge(who.actor, Action.PUSH, name).verdict is Verdict.ALLOWED


def may_mount(context: Context, who: Caller, name: str, source: str) -> bool:
    """Say whether blobs of ``source`` may be mounted in ``name``.

    Levels are by registry: within one, it suffices whose token it is. Few clients ask for one that names both, and none
    can for a mount that names no source.
    """
    allowed = context.gate.judge(who.actor, Action.PULL, source).verdict is Verdict.ALLOWED
    together = context.gate.are_together(name, source)  # asked in any case: what is hidden costs what is absent does
    return allowed and (together or _was_given(who, "pull", source))


def nowhere(name: str) -> str:
    """Return what no repository can be called: to be looked for in place of what may not be seen."""
    return f"-{name[1:]}"


def _was_given(who: Caller, action: str, name: str) -> bool:
    """Say whether the access token, if there is one, was given for this."""
    return who.access is None or action in who.access.granted.get(name, ())


def _is_there(context: Context, judgement: Judgement, name: str) -> bool:
    """Say whether there is such a repository, and may be seen: after the same work whatever the answer."""
    return context.registry.catalog.knows(name if judgement.verdict is Verdict.ALLOWED else nowhere(name))


def _refusal(context: Context, who: Caller, action: str, name: str) -> RegistryError:
    """Refuse, in the same words whether or not there is such a repository."""
    if who.actor.kind is Kind.ANONYMOUS:
        message = f"log in to {action} {name}"
    elif (scope := RULES[_ACTIONS[action]].scope) not in who.actor.scopes:
        message = f"{who.actor.credential} lacks the scope {scope} to {action} {name}"
    else:
        message = f"{who.actor.name} may not {action} {name}"
    if who.by_basic:
        return RegistryError(DENIED, message, detail={"name": name, "action": action})
    error = INSUFFICIENT if who.access is not None else ""
    return challenge(context.settings, _scope(action, name), error, message)


def _scope(action: str, name: str) -> str:
    """Return the scope that a token for this must have. ``name`` is checked: it cannot end the header's quotes."""
    if action == "catalog":
        return "registry:catalog:*"
    return f"repository:{name}:{_ASKED[action]}" if name else ""


def _absent(
    context: Context, judgement: Judgement, action: str, name: str, handler: Handler, argument: str
) -> Response:
    """Answer as a repository that is not there: by the same code, so that neither body nor time tells them apart."""
    if action == "push" or judgement.message:
        raise RegistryError(NAME_UNKNOWN, judgement.message, detail={"name": name})
    try:
        return handler(context, nowhere(name), argument)
    except RegistryError as error:
        if error.detail == {"name": nowhere(name)}:
            error.detail = {"name": name}
        raise
