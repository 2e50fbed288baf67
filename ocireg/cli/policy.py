"""``ocireg policy``: OIDC policies of registries, and what they would decide."""

import argparse
import re
import sys
from dataclasses import asdict
from pathlib import Path

from ocireg.auth.manage.registries import ROOT
from ocireg.auth.policy import Decision, Policy, PolicyError, parse
from ocireg.cli import output
from ocireg.cli.files import STDIN, read_object, read_text
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded
from ocireg.errors import OperatorError

_REGISTRY = Argument("registry", f"ORGANIZATION/REGISTRY, or {ROOT} for the root registry")
_PATH = re.compile(rf"{ROOT}|[a-z0-9-]+/[a-z0-9-]+")
_FILE = Argument("file", "a policy in YAML or JSON; - is standard input")

_POLICY = Argument("policy", f"a file as of set, or a registry whose policy is tried: ORGANIZATION/REGISTRY, or {ROOT}")


class _Faulty(Exception):  # noqa: N818 - it ends the command, and was told
    """A policy that is none."""


def _show(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        text = at.manager.registries.get(arguments.registry).policy
    if arguments.json:
        output.document({"registry": arguments.registry, "policy": text or None})
    elif text:
        output.verbatim(text)
    else:
        output.aside(f"{arguments.registry} has no policy")
    return 0


def _set(loaded: Loaded, arguments: argparse.Namespace) -> int:
    text = read_text(arguments.file)
    try:
        policy = _parsed(loaded, arguments.file, text)
    except _Faulty:
        return 2
    with session(loaded, arguments) as at:
        former = at.manager.registries.get(arguments.registry).policy
        at.manager.registries.set_policy(at.by, arguments.registry, text)
    again = "; whoever came by the former one has to again" if former else ""
    output.said(f"{arguments.registry} has this policy: {_counted(policy)}{again}")
    if not loaded.settings.url:
        output.aside("url is not set: no JWT is accepted until it is (OCIREG_URL), since each names it as its audience")
    return 0


def _remove(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.registries.set_policy(at.by, arguments.registry, "")
    output.said(f"{arguments.registry} has no policy any more")
    return 0


def _check(loaded: Loaded, arguments: argparse.Namespace) -> int:
    try:
        policy = _parsed(loaded, arguments.file, read_text(arguments.file))
    except _Faulty:
        return 2
    output.said(f"{arguments.file} is a policy: {_counted(policy)}")
    return 0


def _test(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Say what a policy decides; 0 if it lets in, 1 if not, 2 if something is faulty."""
    if arguments.policy == arguments.claims == STDIN:
        raise OperatorError("one of them alone can come from standard input")
    try:
        policy = _parsed(loaded, arguments.policy, _written(loaded, arguments))
    except _Faulty:
        return 2
    claims = read_object(arguments.claims)
    if "iss" not in claims:
        raise OperatorError(f"{arguments.claims}: the claims have no iss: it names the issuer of the token")
    iss = claims["iss"]
    if not isinstance(iss, str):
        raise OperatorError(f"{arguments.claims}: iss is no text: it names the issuer of the token")
    decision = policy.decide(iss, claims)
    if arguments.json:
        output.document(
            {
                "granted": decision.granted,
                "statement": decision.statement,
                "scopes": sorted(decision.scopes),
                "outcomes": [asdict(one) for one in decision.outcomes],
            }
        )
    else:
        _tell(policy, decision)
    return 0 if decision.granted else 1


def _written(loaded: Loaded, arguments: argparse.Namespace) -> str:
    """Return the text of a policy: of a file or, where no file has that name, of a registry."""
    name = arguments.policy
    if Path(name).exists() or not _PATH.fullmatch(name):
        return read_text(name)
    with session(loaded, arguments) as at:
        text = at.manager.registries.get(name).policy
    if not text:
        raise OperatorError(f"{name} has no policy")
    return text


def _tell(policy: Policy, decision: Decision) -> None:
    if decision.granted:
        scopes = ", ".join(sorted(decision.scopes)) or "no scope"
        output.said(f"granted by statement {decision.statement}: {scopes}")
    else:
        output.said("refused: no statement fits")
    rows = [(str(one.statement), "wins" if one.won else "does not fit", one.reason) for one in decision.outcomes]
    looked_at = len(decision.outcomes)
    rows += [(str(number), "not looked at", "") for number in range(looked_at + 1, len(policy.statements) + 1)]
    output.table(("statement", "outcome", "reason"), rows)


def _parsed(loaded: Loaded, name: str, text: str) -> Policy:
    """Return a policy; tell the faults of one that is none, each with its place."""
    try:
        return parse(text, loaded.settings.oidc_issuers)
    except PolicyError as error:
        for one in error.faults:
            where = f"statement {one.statement}: " if one.statement else ""
            print(f"ocireg: {name}:{one.line}:{one.column}: {where}{one.reason}", file=sys.stderr)
        raise _Faulty from None


def _counted(policy: Policy) -> str:
    count = len(policy.statements)
    issuers = f" for {', '.join(sorted(policy.issuers))}" if count else ""
    return f"{count} statement{'' if count == 1 else 's'}{issuers}"


GROUP = Group(
    "Show and change the OIDC policies of registries, and try them.",
    {
        "show": Command(
            _show,
            "Print the policy of a registry, as it was written.",
            arguments=(_REGISTRY, JSON),
            examples=(("ocireg policy show acme/apps > policy.yml", "to change it"),),
        ),
        "set": Command(
            _set,
            "Let a registry have a policy, in place of another one.",
            "Logins by the former one end within two seconds. docs/policy.rst describes the language; the setting url "
            "must be set, since tokens name it.",
            arguments=(_REGISTRY, _FILE),
            examples=(("ocireg policy set acme/apps policy.yml", "let jobs of a CI service in"),),
        ),
        "remove": Command(
            _remove,
            "Take the policy of a registry away. Logins by it end within two seconds.",
            arguments=(_REGISTRY,),
            examples=(("ocireg policy remove acme/apps", "no job of a CI service comes in any more"),),
        ),
        "check": Command(
            _check,
            "Say whether a file is a policy, and what is wrong where. Exit status 2: it is none.",
            "Issuers are those of OCIREG_OIDC_ISSUERS.",
            arguments=(_FILE,),
            examples=(("ocireg policy check policy.yml", "before it is set"),),
        ),
        "test": Command(
            _test,
            "Say what a policy decides about a token, and why. Exit status 0: granted, 1: refused, 2: faulty.",
            "The token is given by its claims, as an object of JSON with iss. Whether a token is genuine, of this "
            "moment and for this registry is not looked at.",
            arguments=(_POLICY, Argument("claims", "the claims in JSON; - is standard input"), JSON),
            examples=(
                ("ocireg policy test policy.yml claims.json", "which statement wins"),
                ("ocireg policy test acme/apps claims.json", "likewise, of the policy that is set"),
            ),
        ),
    },
)
