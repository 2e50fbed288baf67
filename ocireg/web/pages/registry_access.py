"""Levels of users on a registry."""

from flask import Response, flash, request
from wtforms import SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from ocireg.auth.access import Action, may
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.places import target_of
from ocireg.auth.scopes import LEVELS
from ocireg.metadata import memberships
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, links, lists, tabs
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("registry_access")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)


class Grant(Form):
    """A user, and the level that they are to have."""

    user = StringField(
        "User name", [InputRequired(), Length(max=64)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    level = SelectField("Level", choices={one: one for one in LEVELS}, default="read")
    submit = SubmitField("Grant")


@section.page("{registry}/-/access", READ)
def list_grants(asked: Asked) -> Response:
    """List whom levels were granted to, by name."""
    return _shown(asked, Grant(), 200)


@section.action("{registry}/-/access", MANAGE)
def set_grant(asked: Asked) -> Response:
    """Let a user have a level on a registry, in place of the one before."""
    form = Grant()
    user, level = (form.user.data or "").strip(), form.level.data
    if not form.is_taken(lambda: asked.manager.registries.grant(asked.author, asked.path, user, level)):
        return _shown(asked, form, 422)
    flash(f"{user} has the level {level} on {asked.path}.", "success")
    return go(links.tab(asked.registry.path, tabs.ACCESS))


@section.form("{registry}/-/access/<user>/withdraw", MANAGE)
def withdraw_grant(asked: Asked, user: str) -> Response:
    """Ask, and take a user's level on a registry away."""
    back = links.tab(asked.registry.path, tabs.ACCESS)
    if request.method == "POST":
        asked.manager.registries.withdraw(asked.author, asked.path, user)
        flash(f"{user} has no level of their own on {asked.path} any more.", "success")
        return go(back)
    if asked.registry.id not in memberships.levels(asked.context.database, asked.manager.users.get(user).id):
        raise Unknown("user", f"{user} was granted nothing on {asked.path}")
    lines = ["What they may as a member of the organization stays."] if asked.registry.path else []
    if user == asked.caller.actor.name:
        lines.append("This is you: you may not come back on your own.")
    crumbs = ((asked.path, links.registry(asked.registry.path)), ("Access", back))
    question = Question(f"Withdraw the level of {user} on {asked.path}?", tuple(lines), "Withdraw", back, crumbs)
    return confirming.ask(question)


def _shown(asked: Asked, form: Grant, status: int) -> Response:
    registry, database = asked.registry, asked.context.database
    return render(
        "registry_access.html",
        status,
        registry=registry,
        part=lists.part(lambda window: memberships.granted_page(database, registry.id, window), lambda one: one.user),
        form=form,
        levels=list(LEVELS),
        manages=may(asked.caller.actor, Action.MANAGE_REGISTRY, target_of(registry)),
    )
