"""``ocireg repository``: repositories, what they are called, and their end."""

import argparse
from dataclasses import asdict
from itertools import chain

from ocireg.auth.manage.registries import ROOT
from ocireg.cli import output, tag_history
from ocireg.cli.session import YES, confirm, session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.cli.tag_history import NAME
from ocireg.config import Loaded


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = list(chain.from_iterable(at.manager.registries.repositories(arguments.registry or "")))
    if arguments.json:
        output.document([{**asdict(one), "registry": one.registry or ROOT} for one in found])
        return 0
    rows = [
        (one.name, one.registry or ROOT, str(one.tags), str(one.manifests), output.moment(one.created_at))
        for one in found
    ]
    output.table(("repository", "registry", "tags", "manifests", "created (UTC)"), rows)
    return 0


def _move(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.require_writable()
        at.manager.registries.move_repository(at.by, arguments.name, arguments.to)
    output.said(f"{arguments.name} is {arguments.to} now")
    return 0


def _delete(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.require_writable()
        at.manager.registries.require_repository(arguments.name)
        confirm(f"the repository {arguments.name} and all that is in it", arguments.name, yes=arguments.yes)
        at.manager.registries.delete_repository(at.by, arguments.name)
    output.said(f"deleted the repository {arguments.name}")
    return 0


GROUP = Group(
    "List, move and delete repositories.",
    {
        "list": Command(
            _list,
            "List the repositories.",
            "One without manifests is what is left of a push that was given up, or was emptied.",
            arguments=(
                Argument("--registry", f"those of one registry; {ROOT} for the root registry", "REGISTRY"),
                JSON,
            ),
            examples=(("ocireg repository list --registry acme/apps", "what acme/apps has"),),
        ),
        "move": Command(
            _move,
            "Give a repository another name, and so perhaps another registry.",
            "Nothing is copied. Who may pull is what the registry of the new name says; the former name is free.",
            arguments=(NAME, Argument("to", "its new name")),
            examples=(("ocireg repository move web acme/apps/web", "from the root registry to acme/apps"),),
        ),
        "history": tag_history.HISTORY,
        "restore": tag_history.RESTORE,
        "delete": Command(
            _delete,
            "Delete a repository with all that is in it. The name is asked for.",
            "The bytes go after OCIREG_ORPHAN_GRACE, those that other repositories have stay.",
            arguments=(NAME, YES),
            examples=(("ocireg repository delete acme/apps/web --yes", "delete it, and do not ask"),),
        ),
    },
)
