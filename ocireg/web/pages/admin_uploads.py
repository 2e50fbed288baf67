"""Uploads under way, for whoever administers the instance."""

from flask import Response, flash, request

from ocireg.errors import UPLOAD_UNKNOWN, RegistryError
from ocireg.metadata import uploads
from ocireg.web.asked import Asked
from ocireg.web.pages import confirming, lists
from ocireg.web.pages.admin import CRUMB, MANAGE
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section
from ocireg.web.pages.words import size

section = Section("admin_uploads")

UPLOADS = "/admin/uploads"
_CRUMBS = (CRUMB, ("Uploads", UPLOADS))


@section.page(UPLOADS, MANAGE)
def list_uploads(asked: Asked) -> Response:
    """List the uploads under way."""
    found = lists.part(lambda window: uploads.listed(asked.context.database, window), lambda one: one.id)
    return render("admin_uploads.html", part=found)


@section.form("/admin/uploads/<upload>/cancel", MANAGE)
def cancel_upload(asked: Asked, upload: str) -> Response:
    """Ask, and cancel an upload, whoever began it."""
    found = uploads.by_id(asked.context.database, upload)
    if request.method != "POST" and found is not None:
        row, repository = found
        lines = (f"{size(row.size)} have come so far. They go, and its client has to begin again.",)
        question = Question(f"Cancel the upload to {repository}?", lines, "Cancel the upload", UPLOADS, _CRUMBS)
        return confirming.ask(question)
    if found is None or not _stopped(asked, upload):
        flash("That upload has ended already.", "info")
    else:
        flash("The upload is cancelled.", "success")
    return go(UPLOADS)


def _stopped(asked: Asked, upload: str) -> bool:
    try:
        asked.context.registry.uploads.stop(upload, asked.author)
    except RegistryError as error:
        if error.error is UPLOAD_UNKNOWN:
            return False
        raise
    return True
