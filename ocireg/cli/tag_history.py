"""``ocireg repository history`` and ``restore``: what tags pointed at, and how they do so again."""

import argparse
from dataclasses import asdict

from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command
from ocireg.config import Loaded
from ocireg.errors import OperatorError, RegistryError
from ocireg.metadata import tag_lists
from ocireg.metadata.window import Window
from ocireg.oci.digest import Digest
from ocireg.registry.tags import Tags

NAME = Argument("name", "the name of the repository, as acme/apps/web")
LISTED = 1000
"""Changes that are shown at most, the newest."""


def _history(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.registries.require_repository(arguments.name)
        found = tag_lists.history(at.database, arguments.name, Window(LISTED), name=arguments.tag)
    if arguments.json:
        output.document([asdict(one) for one in found])
        return 0
    rows = [
        (
            output.moment(one.at),
            one.name,
            one.digest or "deleted",
            "gone" if one.digest and not one.present else "",
            one.by,
        )
        for one in found
    ]
    output.table(("when (UTC)", "tag", "points at", "", "by"), rows)
    return 0


def _restore(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.require_writable()
        at.manager.registries.require_repository(arguments.name)
        try:
            wanted = Digest.parse(arguments.digest)
        except ValueError as error:
            raise OperatorError(f"{arguments.digest!r} is no digest: ocireg repository history shows them") from error
        try:
            Tags(at.database).restore(arguments.name, arguments.tag, wanted, at.by)
        except RegistryError as error:
            raise OperatorError(error.message) from error
    output.said(f"{arguments.tag} of {arguments.name} points at {arguments.digest} again")
    return 0


HISTORY = Command(
    _history,
    "Show what the tags of a repository pointed at, the newest first.",
    f"The last {LISTED} changes. What is not gone can be restored.",
    arguments=(NAME, Argument("--tag", "of one tag", "TAG"), JSON),
    examples=(("ocireg repository history acme/apps/web --tag 1.0", "what 1.0 was"),),
)
RESTORE = Command(
    _restore,
    "Let a tag point again at what it pointed at before.",
    "That is there for OCIREG_GC_GRACE after its last tag was deleted, and for OCIREG_UNTAGGED_RETENTION after the tag "
    "moved.",
    arguments=(NAME, Argument("tag", "the tag"), Argument("digest", "what it shall point at, from its history")),
    examples=(('ocireg repository restore acme/apps/web 1.0 "$DIGEST"', "undo that 1.0 was deleted, or moved"),),
)
