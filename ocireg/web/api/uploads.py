"""Uploads under way, for whoever administers the instance."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.errors import UPLOAD_UNKNOWN, RegistryError
from ocireg.metadata import uploads
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

noun = Noun("Uploads", "Blobs that are on their way: what a client has begun and not ended.")


class Upload(Strict):
    """An upload under way."""

    id = base.String(metadata={"example": "0123456789abcdef0123456789abcdef"})
    repository = base.String(metadata={"example": "acme/containers/web/api"})
    owner = base.String(metadata={"example": "ada", "description": "Who began it."})
    size = base.Integer(metadata={"description": "Bytes that have come."})
    created_at = fields.time()
    expires_at = fields.time()
    active = base.Boolean(metadata={"description": "Whether a request is adding to it."})


@noun.operation("GET", "/uploads", Door(Action.READ_ORGANIZATION), query=PageQuery, answer=Upload(many=True))
def list_uploads(asked: Asked, query: dict[str, Any]) -> Any:
    """List the uploads under way, by identifier."""
    return page(query, lambda window: uploads.listed(asked.context.database, window), lambda one: one.id)


@noun.operation("DELETE", "/uploads/<upload>", Door(Action.MANAGE_INSTANCE))
def cancel_upload(asked: Asked, upload: str) -> None:
    """Cancel an upload, whoever began it: what has come of it goes, and its client has to begin again."""
    try:
        asked.context.registry.uploads.stop(upload, asked.author)
    except RegistryError as error:
        if error.error is not UPLOAD_UNKNOWN:
            raise
        raise Unknown("upload", f"there is no upload {upload!r}") from error
