"""``ocireg user``: who there is."""

import argparse
from typing import Any

from ocireg.cli import output
from ocireg.cli.session import PASSWORD, YES, confirm, password_of, session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded
from ocireg.errors import OperatorError
from ocireg.metadata.users import StoredUser

_NAME = Argument("name", "the name of the user")
_YES = {"yes": True, "no": False}


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.users.every()
    if arguments.json:
        output.document([_shown(one) for one in found])
        return 0
    rows = [(one.name, _said(one.admin), _said(one.password), output.moment(one.created_at)) for one in found]
    output.table(("user", "admin", "password", "created (UTC)"), rows)
    return 0


def _show(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.users.get(arguments.name)
        belongs = at.manager.users.organizations(arguments.name)
        tokens = at.manager.tokens.of_user(arguments.name)
    if arguments.json:
        organizations = [{"organization": slug, "role": role} for slug, role in belongs]
        output.document({**_shown(found), "organizations": organizations, "tokens": len(tokens)})
        return 0
    output.card(
        [
            ("user", found.name),
            ("admin", _said(found.admin)),
            ("password", _said(found.password)),
            ("created", f"{output.moment(found.created_at)} UTC"),
            ("organizations", ", ".join(f"{slug} ({role})" for slug, role in belongs) or "none"),
            ("tokens", str(len(tokens))),
        ]
    )
    return 0


def _add(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        password = password_of(arguments)
        made = at.manager.users.create(at.by, arguments.name, password=password, admin=arguments.admin)
    if arguments.json:
        output.document(_shown(made))
    else:
        output.said(f"made the user {made.name}{', who administers this instance' if made.admin else ''}")
    return 0


def _password(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.users.get(arguments.name)
        password = password_of(arguments)
        at.manager.users.set_password(at.by, arguments.name, password)
    output.said(f"{arguments.name} has {'no password' if password is None else 'a new password'}")
    return 0


def _admin(loaded: Loaded, arguments: argparse.Namespace) -> int:
    admin = _YES.get(arguments.administers)
    if admin is None:
        raise OperatorError(f"wanted yes or no, not {arguments.administers!r}")
    with session(loaded, arguments) as at:
        at.manager.users.set_admin(at.by, arguments.name, admin=admin)
    output.said(f"{arguments.name} {'administers' if admin else 'does not administer'} this instance")
    return 0


def _delete(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.users.get(arguments.name)
        confirm(f"the user {arguments.name}, with tokens, grants and memberships", arguments.name, yes=arguments.yes)
        at.manager.users.delete(at.by, arguments.name)
    output.said(f"deleted the user {arguments.name}")
    return 0


def _said(holds: object) -> str:
    return "yes" if holds else "no"


def _shown(one: StoredUser) -> dict[str, Any]:
    """Return what may be told of a user: of the password, whether there is one."""
    return {"name": one.name, "admin": one.admin, "password": one.password is not None, "created_at": one.created_at}


GROUP = Group(
    "Make, change and delete users.",
    {
        "list": Command(
            _list,
            "List the users.",
            arguments=(JSON,),
            examples=(("ocireg user list", "every user, by name"),),
        ),
        "show": Command(
            _show,
            "Show a user, and the organizations that it belongs to.",
            arguments=(_NAME, JSON),
            examples=(("ocireg user show alice", "what alice is"),),
        ),
        "add": Command(
            _add,
            "Make a user. The password is asked for on a terminal.",
            "A password never stands on a command line, where every user of the machine sees it.",
            arguments=(_NAME, Argument("--admin", "let the user administer the whole instance"), *PASSWORD, JSON),
            examples=(
                ("ocireg user add alice", "with a password, which is asked for twice"),
                ("ocireg user add ci --no-password", "for tokens alone"),
                ("pass show alice | ocireg user add alice --admin --password-stdin", "with a password from elsewhere"),
            ),
        ),
        "password": Command(
            _password,
            "Change the password of a user, or take it away. Every login by the former one ends.",
            "API tokens of the user stay good.",
            arguments=(_NAME, *PASSWORD),
            examples=(
                ("ocireg user password alice", "asked for twice"),
                ("ocireg user password alice --no-password", "tokens alone let alice in"),
            ),
        ),
        "admin": Command(
            _admin,
            "Say whether a user administers the whole instance.",
            "The last one who does stays.",
            arguments=(_NAME, Argument("administers", "whether it does", "yes|no", values=("yes", "no"))),
            examples=(("ocireg user admin alice yes", "alice may do everything"),),
        ),
        "delete": Command(
            _delete,
            "Delete a user, with tokens, grants and memberships. What the user pushed stays.",
            "The name is asked for.",
            arguments=(_NAME, YES),
            examples=(("ocireg user delete bob --yes", "bob is nobody here any more; it is not asked"),),
        ),
    },
)
