"""``ocireg org``: organizations and their members."""

import argparse
from dataclasses import asdict
from typing import Any

from ocireg.auth.manage import Manager
from ocireg.cli import output, quota
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded
from ocireg.metadata.organizations import StoredOrganization

_SLUG = Argument("slug", "its name in the names of repositories, as acme")
_ORG = Argument("org", "the slug of the organization")
_USER = Argument("user", "the name of the user")


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.organizations.every()
    if arguments.json:
        output.document([_shown(one) for one in found])
    else:
        rows = [(one.slug, output.moment(one.created_at), one.name) for one in found]
        output.table(("slug", "created (UTC)", "name"), rows)
    return 0


def _create(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        made = at.manager.organizations.create(at.by, arguments.slug, arguments.name or "", admin=arguments.admin or "")
        if arguments.json:
            output.document(_whole(at.manager, made))
    if not arguments.json:
        first = f", which {arguments.admin} administers" if arguments.admin else ""
        output.said(f"made the organization {made.slug}{first}")
    return 0


def _show(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = _whole(at.manager, at.manager.organizations.get(arguments.slug))
    if arguments.json:
        output.document(found)
        return 0
    members = ", ".join(f"{one['user']} ({one['role']})" for one in found["members"])
    output.card(
        [
            ("slug", found["slug"]),
            ("name", found["name"]),
            ("created", f"{output.moment(found['created_at'])} UTC"),
            ("members", members or "none"),
            ("registries", ", ".join(found["registries"]) or "none"),
        ]
    )
    return 0


def _rename(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.organizations.rename(at.by, arguments.slug, arguments.name)
    output.said(f"{arguments.slug} is called {arguments.name} now")
    return 0


def _delete(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.organizations.delete(at.by, arguments.slug)
    output.said(f"deleted the organization {arguments.slug}")
    return 0


def _member_list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.organizations.members(arguments.org)
    if arguments.json:
        output.document([{"user": one.user, "role": one.standing} for one in found])
    else:
        output.table(("user", "role"), [(one.user, one.standing) for one in found])
    return 0


def _member_add(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.organizations.enrol(at.by, arguments.org, arguments.user, arguments.role)
    output.said(f"{arguments.user} is {arguments.role} of {arguments.org}")
    return 0


def _member_remove(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.organizations.dismiss(at.by, arguments.org, arguments.user)
    output.said(f"{arguments.user} does not belong to {arguments.org} any more")
    return 0


def _shown(one: StoredOrganization) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "id"}


def _whole(manager: Manager, one: StoredOrganization) -> dict[str, Any]:
    """Return an organization with what belongs to it."""
    return {
        **_shown(one),
        "members": [{"user": each.user, "role": each.standing} for each in manager.organizations.members(one.slug)],
        "registries": [each.path for each in manager.registries.every(one.slug)],
    }


_MEMBER = Group(
    "List, add and remove the members of an organization.",
    {
        "list": Command(
            _member_list,
            "List the members of an organization, and their roles.",
            arguments=(_ORG, JSON),
            examples=(("ocireg org member list acme", "who belongs to acme"),),
        ),
        "add": Command(
            _member_add,
            "Let a user belong to an organization, or have another role there.",
            "A member reads every registry of it; an admin pushes, deletes and administers them, and its members.",
            arguments=(
                _ORG,
                _USER,
                Argument(
                    "--role",
                    "the role, that of a member if unsaid",
                    "ROLE",
                    default="member",
                    values=("member", "admin"),
                ),
            ),
            examples=(
                ("ocireg org member add acme bob", "bob may pull from all registries of acme"),
                ("ocireg org member add acme bob --role admin", "bob administers acme"),
            ),
        ),
        "remove": Command(
            _member_remove,
            "Let a user no longer belong to an organization.",
            "What was granted on single registries stays: ocireg grant remove.",
            arguments=(_ORG, _USER),
            examples=(("ocireg org member remove acme bob", "bob is no member any more"),),
        ),
    },
)

GROUP = Group(
    "Make, change and delete organizations, and say who belongs to them.",
    {
        "list": Command(
            _list,
            "List the organizations.",
            arguments=(JSON,),
            examples=(("ocireg org list", "every organization, by slug"),),
        ),
        "create": Command(
            _create,
            "Make an organization.",
            "Repository names that begin with its slug belong to it from then on. So the slug must not be one that "
            "repositories of the root registry begin with: move or delete those first.",
            arguments=(
                _SLUG,
                Argument("--name", "what people see; the slug if unsaid", "TEXT"),
                Argument("--admin", "a user who is its first admin", "USER"),
                JSON,
            ),
            examples=(
                ("ocireg org create acme", "an organization without members"),
                ("ocireg org create acme --name 'ACME Inc.' --admin alice", "one that alice administers"),
            ),
        ),
        "show": Command(
            _show,
            "Show an organization, its members and its registries.",
            arguments=(_SLUG, JSON),
            examples=(("ocireg org show acme", "what there is of acme"),),
        ),
        "rename": Command(
            _rename,
            "Change the name of an organization that people see. The slug stays.",
            arguments=(_SLUG, Argument("name", "the new name")),
            examples=(("ocireg org rename acme 'ACME & Sons'", "another name for people"),),
        ),
        "delete": Command(
            _delete,
            "Delete an organization that has no registries any more.",
            arguments=(_SLUG,),
            examples=(("ocireg org delete acme", "delete acme, and who belongs to it"),),
        ),
        "quota": quota.ORGANIZATION,
        "member": _MEMBER,
    },
)
