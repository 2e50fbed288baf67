"""What is in a repository without a name: manifests that no tag and no index leads to."""

from flask import Response, flash, request

from ocireg.auth.manage.errors import Conflict, Unknown
from ocireg.metadata import holdings, manifests, packages, tags
from ocireg.metadata.manifests import StoredManifest
from ocireg.oci.digest import Digest
from ocireg.web import windows
from ocireg.web.asked import Asked
from ocireg.web.pages import image_frame, keeping, links, lists
from ocireg.web.pages.image_frame import DELETE, READ, path
from ocireg.web.pages.rendering import go
from ocireg.web.pages.section import Section

section = Section("image_untagged")

TAB = "untagged"


@section.page("{repository}/-/untagged", READ)
def list_untagged(asked: Asked) -> Response:
    """List the versions that nothing leads to but their digests, the newest first."""
    found = lists.part(
        lambda window: packages.listed(
            asked.context.database, asked.registry.id, window, name=asked.repository, untagged=True
        ),
        lambda one: str(one.row),
        windows.row_of,
    )
    return image_frame.shown(
        asked,
        "image_untagged.html",
        TAB,
        part=found,
        platforms=image_frame.platforms(asked, found.items),
        fates=keeping.of_each(asked, (one.digest for one in found.items)),
        condemned=keeping.condemned,
    )


@section.form("{repository}/-/untagged/<digest:digest>/delete", DELETE)
def delete_untagged(asked: Asked, digest: str) -> Response:
    """Ask whether an untagged version shall be deleted, and delete it for good."""
    found = _untagged(asked, digest)
    if request.method != "POST":
        return image_frame.shown(asked, "image_delete_untagged.html", TAB, manifest=found)
    asked.context.registry.manifests.delete(asked.repository, Digest.parse(found.digest), asked.author)
    flash("The version is deleted.", "success")
    if holdings.find(asked.context.database, asked.repository) is None:
        return go(links.registry(asked.registry.path))
    return go(path(asked, TAB))


def _untagged(asked: Asked, digest: str) -> StoredManifest:
    """Return a manifest without tags. ``Unknown``; ``Conflict`` where it has some by now, which would go with it."""
    found = manifests.find(asked.context.database, asked.repository, digest=digest, content=False)
    if found is None:
        raise Unknown("digest", f"{asked.repository} has no {digest}")
    if named := tags.of_manifest(asked.context.database, found.id):
        raise Conflict("digest", f"it is tagged {named[0]!r} now: delete it on its own page, or the tag alone")
    return found
