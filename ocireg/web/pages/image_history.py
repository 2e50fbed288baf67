"""What the tags of a repository pointed at, and how they are let point at it again."""

from flask import Response, flash, request

from ocireg.metadata import immutability, tag_lists
from ocireg.oci import reference
from ocireg.oci.digest import Digest
from ocireg.web import windows
from ocireg.web.asked import Asked
from ocireg.web.pages import image_frame, keeping, links, lists
from ocireg.web.pages.image_frame import PUSH, READ, path
from ocireg.web.pages.rendering import go
from ocireg.web.pages.section import Section
from ocireg.web.problems import Problem

section = Section("image_history")

TAB = "history"


@section.page("{repository}/-/history", READ)
def show_history(asked: Asked) -> Response:
    """Show what became of the tags of a repository, or of one, the newest first."""
    database, tag = asked.context.database, request.args.get("tag", "").strip()[: lists.LONGEST * 2]
    found = lists.part(
        lambda window: tag_lists.history(database, asked.repository, window, name=tag or None),
        lambda one: str(one.id),
        windows.row_of,
    )
    now = tag_lists.pointing(database, asked.repository, {one.name for one in found.items})
    there = {one.digest for one in found.items if one.digest and one.present and now.get(one.name) != one.digest}
    fates = keeping.of_each(asked, there)
    bound = immutability.among(database, asked.repository, now)
    return image_frame.shown(asked, "image_history.html", TAB, part=found, tag=tag, now=now, fates=fates, bound=bound)


@section.action("{repository}/-/tags/<tag:tag>/restore", PUSH)
def restore_tag(asked: Asked, tag: str) -> Response:
    """Let a tag point again at what it pointed at before."""
    asked.context.registry.tags.restore(asked.repository, tag, _digest(), asked.author)
    flash(f"The tag {tag} is restored.", "success")
    return go(path(asked, TAB) + links.asking(tag=tag))


def _digest() -> Digest:
    try:
        found = reference.parse_reference(request.form.get("digest", ""))
    except ValueError:
        found = ""
    if not isinstance(found, Digest):
        raise Problem(400, "the form names no digest")
    return found
