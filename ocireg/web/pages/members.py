"""Who belongs to an organization, and in which role."""

from flask import Response, flash, request
from wtforms import SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from ocireg.auth.access import Action, Target, may
from ocireg.auth.scopes import ROLES
from ocireg.metadata import memberships
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, lists
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("members")

READ = Door(Action.READ_ORGANIZATION, doors.organization)
MANAGE = Door(Action.MANAGE_ORGANIZATION, doors.organization)


class Member(Form):
    """A user, and the role that they are to have."""

    user = StringField(
        "User name", [InputRequired(), Length(max=64)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    role = SelectField("Role", choices={one: one for one in ROLES}, default="member")
    submit = SubmitField("Add")


@section.page("/<organization:organization>/-/members", READ)
def list_members(asked: Asked) -> Response:
    """List the members, by name."""
    return _shown(asked, Member(), 200)


@section.action("/<organization:organization>/-/members", MANAGE)
def set_member(asked: Asked) -> Response:
    """Let a user belong to an organization, or have another role in it."""
    form, slug = Member(), asked.organization.slug
    user, role = (form.user.data or "").strip(), form.role.data
    if not form.is_taken(lambda: asked.manager.organizations.enrol(asked.author, slug, user, role)):
        return _shown(asked, form, 422)
    flash(f"{user} is {'an admin' if role == 'admin' else 'a member'} of {slug}.", "success")
    return go(f"/{slug}/-/members")


@section.form("/<organization:organization>/-/members/<user>/remove", MANAGE)
def remove_member(asked: Asked, user: str) -> Response:
    """Ask, and let a user no longer belong to an organization."""
    slug = asked.organization.slug
    back = f"/{slug}/-/members"
    if request.method == "POST":
        asked.manager.organizations.dismiss(asked.author, slug, user)
        flash(f"{user} belongs to {slug} no more.", "success")
        return go(back)
    asked.manager.organizations.require_member(slug, user)
    lines = ["What they may as a member ends; levels that were granted to them on single registries stay."]
    if user == asked.caller.actor.name:
        lines.append("This is you: you may not come back on your own.")
    crumbs = ((slug, f"/{slug}"), ("Members", back))
    return confirming.ask(Question(f"Remove {user} from {slug}?", tuple(lines), "Remove", back, crumbs))


def _shown(asked: Asked, form: Member, status: int) -> Response:
    found, database = asked.organization, asked.context.database
    return render(
        "members.html",
        status,
        organization=found,
        part=lists.part(lambda window: memberships.members_page(database, found.id, window), lambda one: one.user),
        form=form,
        roles=list(ROLES),
        manages=may(asked.caller.actor, Action.MANAGE_ORGANIZATION, Target(found.id)),
    )
