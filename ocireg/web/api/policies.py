"""OIDC policies of registries: which outside identities may do what."""

from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.policy import MOST_BYTES, Decision, PolicyError, parse
from ocireg.web import doors
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.problems import Fault, Problem

noun = Noun("OIDC policies", "The policy of a registry says which jobs of CI services may do what, without a secret.")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)
EXAMPLE = "- iss: https://token.actions.githubusercontent.com\n  claims:\n    repository: acme/app\n"


class Policy(Strict):
    """A policy, as it was written: YAML, or JSON."""

    policy = base.String(
        required=True,
        validate=validate.Length(1, MOST_BYTES),
        metadata={"example": EXAMPLE, "format": "oidc-policy"},
    )


class Claims(Strict):
    """What a token says, to be judged as if it had been signed. Without a policy: by the one that the registry has."""

    iss = base.String(
        required=True,
        validate=validate.Length(1, 2048),
        metadata={"example": "https://token.actions.githubusercontent.com"},
    )
    claims = base.Dict(
        keys=base.String(),
        load_default=dict,
        metadata={"example": {"repository": "acme/app", "ref": "main"}},
    )
    policy = base.String(
        validate=validate.Length(1, MOST_BYTES), metadata={"example": EXAMPLE, "format": "oidc-policy"}
    )


class StatementOutcome(Strict):
    """What became of a statement: it won, or the reason why not."""

    statement = base.Integer(required=True, metadata={"description": "Counted from 1."})
    won = base.Boolean(required=True)
    reason = base.String(required=True)


class PolicyDecision(Strict):
    """What a token would be granted."""

    granted = base.Boolean(required=True)
    statement = base.Integer(required=True, allow_none=True, metadata={"description": "The one that won."})
    scopes = base.List(base.String(), required=True)
    outcomes = base.List(base.Nested(StatementOutcome), required=True)


@noun.operation("GET", f"{A_REGISTRY}/policy", READ, answer=Policy)
def show_policy(asked: Asked) -> dict[str, str]:
    """Show the policy of a registry."""
    return {"policy": _policy(asked)}


@noun.operation("PUT", f"{A_REGISTRY}/policy", MANAGE, body=Policy, answer=Policy)
def set_policy(asked: Asked, body: dict[str, str]) -> dict[str, str]:
    """Replace the policy of a registry. Whoever came in by the former one has to come again."""
    if not body["policy"].strip():
        raise Problem(422, "the policy is empty", [Fault("policy", "invalid", "DELETE takes the policy away")])
    _parsed(asked, body["policy"])
    asked.manager.registries.set_policy(asked.author, asked.path, body["policy"])
    return {"policy": body["policy"]}


@noun.operation("DELETE", f"{A_REGISTRY}/policy", MANAGE)
def remove_policy(asked: Asked) -> None:
    """Take the policy of a registry away, and all that came in by it."""
    _policy(asked)
    asked.manager.registries.set_policy(asked.author, asked.path, "")


@noun.operation("POST", f"{A_REGISTRY}/policy/test", READ, body=Claims, answer=PolicyDecision, changes=False)
def test_policy(asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
    """Say what a token of these claims would be granted, and why. Nothing is changed, and nobody is let in."""
    policy = _parsed(asked, body["policy"] if "policy" in body else _policy(asked))
    decision: Decision = policy.decide(body["iss"], body["claims"])
    return {
        "granted": decision.granted,
        "statement": decision.statement,
        "scopes": sorted(decision.scopes),
        "outcomes": decision.outcomes,
    }


def _parsed(asked: Asked, text: str) -> Any:
    """Return a policy; 422 has a fault for each of its own, with the statement."""
    try:
        return parse(text, asked.context.settings.oidc_issuers)
    except PolicyError as error:
        faults = [Fault("policy", "invalid", str(one)) for one in error.faults]
        raise Problem(422, "the policy is not valid", faults) from None


def _policy(asked: Asked) -> str:
    found = asked.manager.registries.get(asked.path).policy
    if not found:
        raise Unknown("policy", f"{asked.path} has no OIDC policy")
    return found
