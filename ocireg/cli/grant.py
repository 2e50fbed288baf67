"""``ocireg grant``: levels that users have on single registries."""

import argparse

from ocireg.auth.manage.registries import ROOT
from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded

_REGISTRY = Argument("registry", f"ORGANIZATION/REGISTRY, or {ROOT} for the root registry")
_USER = Argument("user", "the name of the user")


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.registries.grants(arguments.registry)
    if arguments.json:
        output.document([{"user": one.user, "level": one.standing} for one in found])
    else:
        output.table(("user", "level"), [(one.user, one.standing) for one in found])
    return 0


def _set(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.registries.grant(at.by, arguments.registry, arguments.user, arguments.level)
    output.said(f"{arguments.user} has the level {arguments.level} on {arguments.registry}")
    return 0


def _remove(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.registries.withdraw(at.by, arguments.registry, arguments.user)
    output.said(f"{arguments.user} has no level on {arguments.registry} any more")
    return 0


GROUP = Group(
    "Say what users may do on single registries.",
    {
        "list": Command(
            _list,
            "List who was granted a level on a registry.",
            "Members of its organization have theirs besides (ocireg org member list), and so has who administers the "
            "instance (ocireg user list).",
            arguments=(_REGISTRY, JSON),
            examples=(("ocireg grant list acme/apps", "whom, and what"),),
        ),
        "set": Command(
            _set,
            "Let a user have a level on a registry, in place of another one.",
            "read: pull. write: push and delete, too. admin: change the registry, its tokens, grants and policy, too. "
            "It holds everywhere within two seconds.",
            arguments=(
                _REGISTRY,
                _USER,
                Argument("level", "what the user may do there", values=("read", "write", "admin")),
            ),
            examples=(
                ("ocireg grant set acme/apps bob write", "bob may push"),
                ("ocireg grant set root ci read", "ci may pull from the root registry"),
            ),
        ),
        "remove": Command(
            _remove,
            "Take a user's level on a registry away. It holds everywhere within two seconds.",
            arguments=(_REGISTRY, _USER),
            examples=(("ocireg grant remove acme/apps bob", "what bob has as a member of acme stays"),),
        ),
    },
)
