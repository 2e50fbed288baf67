"""Deleting a version, or a tag: on a page of its own, that says what goes with it."""

from flask import Response, flash, request

from ocireg.auth.access import Action
from ocireg.metadata import immutability, repositories
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import links, places
from ocireg.web.pages.rendering import go
from ocireg.web.pages.version.frame import Seen, section, see, shown
from ocireg.web.problems import Problem

DELETE = Door(Action.DELETE, places.repository)


@section.form("{repository}{reference}/-/delete", DELETE)
def delete(asked: Asked, reference: str) -> Response:
    """Ask whether it shall go, and delete it: what was shown, and not what a tag has come to point at since."""
    seen = see(asked, reference)
    if request.method != "POST":
        return _asked(asked, seen)
    if request.form.get("digest") != seen.version.digest:
        flash(f"{reference} points at something else now: nothing was deleted.", "warning")
        return go(seen.link("delete"))
    delete = {"tag": _delete_tag, "manifest": _delete_manifest}.get(request.form.get("what", ""))
    if delete is None:
        raise Problem(400, "the form does not say what shall be deleted, so nothing was")
    return delete(asked, seen)


def _asked(asked: Asked, seen: Seen) -> Response:
    """Return the page that asks, or says what immutable tag leads to it."""
    database = asked.context.database
    row = repositories.find(database, asked.repository)
    held = immutability.leading(database, row, seen.version.digest) if row is not None else None
    return shown(asked, seen, "delete", held=held)


def _delete_tag(asked: Asked, seen: Seen) -> Response:
    """Delete the tag that the page is of; a digest is none, and is unknown as a tag."""
    asked.context.registry.tags.delete(asked.repository, seen.reference, asked.author)
    flash(f"The tag {seen.reference} is deleted. It can be restored from the history of tags.", "success")
    return go(links.version(asked.repository, seen.version.digest))


def _delete_manifest(asked: Asked, seen: Seen) -> Response:
    asked.context.registry.manifests.delete(asked.repository, seen.digest, asked.author)
    flash(f"{seen.version.digest[:19]} is deleted, with every tag that pointed at it.", "success")
    there = asked.context.registry.catalog.knows(asked.repository)
    return go(links.repository(asked.repository) if there else links.registry(asked.registry.path))
