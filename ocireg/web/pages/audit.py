"""The audit log, for whoever may read it: filtered, the newest first, and to be taken away."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request, stream_with_context
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import Length, Optional

from ocireg.auth.access import Action
from ocireg.metadata import audit
from ocireg.metadata.actions import ACTIONS
from ocireg.metadata.window import Window
from ocireg.web import audited, windows
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import exports, lists
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import render
from ocireg.web.pages.section import Section
from ocireg.web.problems import Problem

section = Section("audit")

READ = Door(Action.READ_AUDIT, audited.place)
LONGEST = 300
"""Characters of a name."""
FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


def _name(label: str, example: str) -> StringField:
    said = {"placeholder": example, "autocomplete": "off", "spellcheck": "false"}
    return StringField(label, [Length(max=LONGEST)], filters=[_stripped], render_kw=said)


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class Filters(Form):
    """Which events are wanted. It changes nothing, so that anybody may have sent it; times are of UTC."""

    class Meta:
        """Without what makes a form one of ours."""

        csrf = False

    organization = SelectField("Organization", default="", validate_choice=False)
    action = SelectField("Action", choices={"": "any", **dict(zip(ACTIONS, ACTIONS, strict=True))}, default="")
    actor = _name("Who", "ada")
    address = _name("Address", "192.0.2.7")
    registry = _name("Registry", "acme/containers")
    repository = _name("Repository", "acme/containers/web/api")
    since = DateTimeLocalField("From (UTC)", [Optional()], format=list(FORMATS))
    until = DateTimeLocalField("To (UTC)", [Optional()], format=list(FORMATS))


@section.page("/audit", READ)
def list_events(asked: Asked) -> Response:
    """List events, the newest first."""
    form = _filters(asked)
    if not form.validate():
        return render("audit.html", 422, form=form, part=None, kept={}, exported=exports.MOST)
    wanted, kept = _wanted(asked, form), _kept(form)

    def find(window: Window) -> list[audit.StoredEvent]:
        return audit.listed(asked.context.database, window, **wanted)

    found = lists.part(find, lambda one: str(one.id), windows.row_of)
    return render("audit.html", form=form, part=found, kept=kept, actions=ACTIONS, exported=exports.MOST)


@section.page("/audit/events.<form>", READ)
def export_events(asked: Asked, form: str) -> Response:
    """Return the events as a file, the newest first: a table, or JSON, an event a line."""
    kind = exports.KINDS.get(form)
    if kind is None:
        raise Problem(404, f"events are given as {' or '.join(exports.KINDS)}")
    filters = _filters(asked)
    if not filters.validate():
        raise Problem(422, "the filter is not good: look at it on the page")
    body = stream_with_context(kind.write(exports.events(asked.context.database, _wanted(asked, filters))))
    name = datetime.now(UTC).strftime(f"audit-%Y%m%dT%H%M%SZ.{form}")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype=kind.media_type, headers=headers)


def _filters(asked: Asked) -> Filters:
    form = Filters(request.args)
    known = audited.known(asked.context, asked.caller.actor)
    form.organization.choices = {"": "any", **{one.slug: one.slug for one in known}}
    return form


def _wanted(asked: Asked, form: Filters) -> dict[str, Any]:
    """Return what ``audit.page`` takes."""
    names = {one: getattr(form, one).data or None for one in ("action", "actor", "address", "registry", "repository")}
    return {**names, "within": audited.owned(asked), "since": _time(form.since.data), "until": _time(form.until.data)}


def _time(when: datetime | None) -> float | None:
    return when.replace(tzinfo=UTC).timestamp() if when else None


def _kept(form: Filters) -> dict[str, str]:
    """Return the filter as links go on saying it."""
    return {one.name: value for one in form if (value := request.args.get(one.name, "").strip())}
