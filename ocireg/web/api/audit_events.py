"""The audit log: who did what, when and from where."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.access import Action
from ocireg.metadata import audit
from ocireg.metadata.actions import ACTIONS
from ocireg.metadata.audit import StoredEvent
from ocireg.metadata.window import Window
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.windows import row_of

noun = Noun(
    "Audit events",
    "The audit log. An organization's admins read what was done to it and what it has since it was made; those who "
    "administer the instance read all.",
)

FILTERS = ("action", "actor", "address", "registry", "repository", "organization")


class AuditEvent(Strict):
    """Something that happened. Names are those of then."""

    id = base.String(metadata={"example": "1042"})
    at = fields.time()
    action = base.String(metadata={"example": "manifest.push"})
    actor = base.String(metadata={"example": "ada"})
    credential = base.String(metadata={"example": "API token 0123456789abcdef (laptop)"})
    address = base.String(metadata={"example": "192.0.2.7"})
    agent = base.String()
    organization = base.String(allow_none=True)
    registry = base.String(allow_none=True)
    repository = base.String(allow_none=True)
    subject = base.String(allow_none=True, metadata={"description": "What it happened to: a tag, a digest, a user."})
    outcome = base.String(metadata={"example": "ok"})
    detail = base.Dict(keys=base.String())


class AuditQuery(PageQuery):
    """Which events are listed."""

    action = fields.one_of(ACTIONS, "manifest.push")
    actor = base.String(validate=validate.Length(1, 300), metadata={"example": "ada"})
    address = base.String(validate=validate.Length(1, 300), metadata={"example": "192.0.2.7"})
    registry = base.String(validate=validate.Length(1, 300), metadata={"example": "acme/containers"})
    repository = base.String(validate=validate.Length(1, 300), metadata={"example": "acme/containers/web/api"})
    organization = fields.slug("acme")
    since = base.AwareDateTime(format="iso", default_timezone=UTC, metadata={"example": "2026-05-01T12:00:00Z"})
    until = base.AwareDateTime(format="iso", default_timezone=UTC, metadata={"example": "2026-05-02T12:00:00Z"})


@noun.operation(
    "GET",
    "/audit-events",
    Door(Action.READ_AUDIT, doors.organization_or_instance),
    query=AuditQuery,
    answer=AuditEvent(many=True),
)
def list_audit_events(asked: Asked, query: dict[str, Any]) -> Any:
    """List events, the newest first: of the organization that is named, or of the whole instance."""
    wanted: dict[str, Any] = {name: query[name] for name in FILTERS if name in query}
    since, until = (_seconds(query.get(name)) for name in ("since", "until"))
    if asked.place_organization is not None:  # one of the same name may have been before
        since = max(since or 0.0, asked.organization.created_at)

    def find(window: Window) -> list[StoredEvent]:
        return audit.listed(asked.context.database, window, since=since, until=until, **wanted)

    return page(query, find, lambda one: str(one.id), row_of)


def _seconds(time: datetime | None) -> float | None:
    return time.timestamp() if time else None
