"""A repository: its tags."""

from flask import Response, flash, request

from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import immutability, tag_lists
from ocireg.metadata.tag_lists import StoredTag
from ocireg.web.asked import Asked
from ocireg.web.pages import image_frame, lists
from ocireg.web.pages.image_frame import DELETE, READ, path
from ocireg.web.pages.rendering import go
from ocireg.web.pages.section import Section

section = Section("image")

BY_NAME = "name"
"""What the query says for tags by name; otherwise they come by their last push, the newest first."""


@section.page("{repository}", READ)
def show_image(asked: Asked) -> Response:
    """Show the tags of a repository, by push or by name."""
    database, search = asked.context.database, lists.search()
    newest = request.args.get("sort") != BY_NAME
    found = lists.part(
        lambda window: tag_lists.listed(database, asked.repository, window, search=search, newest=newest),
        (lambda one: one.place) if newest else (lambda one: one.name),
        tag_lists.place_of if newest else str,
    )
    return image_frame.shown(
        asked,
        "image.html",
        "",
        part=found,
        search=search,
        sort="" if newest else BY_NAME,
        platforms=image_frame.platforms(asked, found.items),
        bound=immutability.among(database, asked.repository, [one.name for one in found.items]),
    )


@section.form("{repository}/-/tags/<tag:tag>/delete", DELETE)
def delete_tag(asked: Asked, tag: str) -> Response:
    """Ask whether a tag shall be deleted, and delete it, and nothing that it points at."""
    found = _tag(asked, tag)
    if request.method != "POST":
        rule = immutability.among(asked.context.database, asked.repository, [tag]).get(tag)
        return image_frame.shown(asked, "image_delete_tag.html", "", tag=found, rule=rule)
    asked.context.registry.tags.delete(asked.repository, tag, asked.author)
    flash(f"The tag {tag} is deleted. History restores it, as long as what it points at is there.", "success")
    return go(path(asked))


def _tag(asked: Asked, tag: str) -> StoredTag:
    found = tag_lists.find(asked.context.database, asked.repository, tag)
    if found is None:
        raise Unknown("tag", f"{asked.repository} has no tag {tag!r}")
    return found
