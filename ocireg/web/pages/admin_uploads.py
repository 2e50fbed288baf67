"""Uploads under way, for whoever administers the instance."""

from flask import Response, flash

from ocireg.errors import UPLOAD_UNKNOWN, RegistryError
from ocireg.metadata import uploads
from ocireg.web.asked import Asked
from ocireg.web.pages import lists
from ocireg.web.pages.admin import MANAGE
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("admin_uploads")


@section.page("/admin/uploads", MANAGE)
def list_uploads(asked: Asked) -> Response:
    """List the uploads under way."""
    found = lists.part(lambda window: uploads.listed(asked.context.database, window), lambda one: one.id)
    return render("admin_uploads.html", part=found)


@section.action("/admin/uploads/<upload>/cancel", MANAGE)
def cancel_upload(asked: Asked, upload: str) -> Response:
    """Cancel an upload, whoever began it."""
    try:
        asked.context.registry.uploads.stop(upload, asked.author)
        flash("The upload is cancelled.", "success")
    except RegistryError as error:
        if error.error is not UPLOAD_UNKNOWN:
            raise
        flash("That upload has ended already.", "info")
    return go("/admin/uploads")
