"""``ocireg registry token``: tokens of a registry, for machines that pull from it."""

import argparse

from ocireg.auth.manage.registries import ROOT
from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded

_REGISTRY = Argument("registry", f"ORGANIZATION/REGISTRY, or {ROOT} for the root registry")


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.tokens.of_registry(arguments.registry)
    if arguments.json:
        fields = ("id", "description", "created_at", "last_used_at")
        output.document([{name: getattr(one, name) for name in fields} for one in found])
        return 0
    rows = [(one.id, output.moment(one.created_at), output.moment(one.last_used_at), one.description) for one in found]
    output.table(("id", "created (UTC)", "last used (UTC)", "description"), rows)
    return 0


def _create(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        made = at.manager.tokens.create_for_registry(at.by, arguments.registry, arguments.description)
    if arguments.json:
        about = {"registry": arguments.registry, "description": arguments.description}
        output.document({"id": made.id, "secret": made.secret, **about})
        return 0
    print(made.secret)
    output.aside(f"token {made.id}: pulls from {arguments.registry} until it is revoked; it is not shown again")
    return 0


def _revoke(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.tokens.revoke_for_registry(at.by, arguments.registry, arguments.id)
    output.said(f"revoked {arguments.id}")
    return 0


GROUP = Group(
    "List, make and revoke the tokens that pull from a private registry.",
    {
        "list": Command(
            _list,
            "List the tokens of a registry.",
            arguments=(_REGISTRY, JSON),
            examples=(("ocireg registry token list acme/apps", "when each was last used"),),
        ),
        "create": Command(
            _create,
            "Make a token that pulls from a private registry, and from nothing else.",
            "The secret is printed, alone, and never again: what it is goes to standard error. Any user name goes with "
            "it in docker login.",
            arguments=(_REGISTRY, Argument("--description", "what it is for", "TEXT", default=""), JSON),
            examples=(
                ("ocireg registry token create acme/apps --description cluster", "for the machines of a cluster"),
                (
                    "ocireg registry token create acme/apps | docker login -u registry --password-stdin HOST",
                    "use it at once",
                ),
            ),
        ),
        "revoke": Command(
            _revoke,
            "Revoke a token of a registry. It holds everywhere within two seconds.",
            arguments=(_REGISTRY, Argument("id", "the identifier of the token, as list prints it")),
            examples=(("ocireg registry token revoke acme/apps 5f2b9c0d1e3a4b5c", "this token pulls no more"),),
        ),
    },
)
