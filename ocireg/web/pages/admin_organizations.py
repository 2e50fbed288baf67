"""Organizations, for whoever administers the instance: which there are, a new one, and the end of one."""

from flask import Response, flash
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired, Length

from ocireg.auth.manage.values import LONGEST_TEXT
from ocireg.metadata import organizations
from ocireg.web.asked import Asked
from ocireg.web.pages import confirming, lists
from ocireg.web.pages.admin import CRUMB, MANAGE
from ocireg.web.pages.confirming import Question, Typed
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("admin_organizations")

ORGANIZATIONS = "/admin/organizations"
_CRUMBS = (CRUMB, ("Organizations", ORGANIZATIONS))
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class Organization(Form):
    """An organization to be made."""

    organization = StringField(
        "Slug",
        [InputRequired(), Length(max=63)],
        description="What its images' names begin with: acme of acme/containers/web. It cannot be changed.",
        render_kw=_PLAIN,
    )
    shown = StringField("Name", [Length(max=LONGEST_TEXT)], description="For people. Empty: the slug.")
    user = StringField(
        "First admin",
        [Length(max=64)],
        description="A user, who makes its registries and names its members.",
        render_kw=_PLAIN,
    )
    submit = SubmitField("Make the organization")


@section.page(ORGANIZATIONS, MANAGE)
def list_organizations(asked: Asked) -> Response:
    """List the organizations, by slug."""
    search, database = lists.search(), asked.context.database
    found = lists.part(lambda window: organizations.listed(database, window, None, search), lambda one: one.slug)
    return render("admin_organizations.html", part=found, search=search)


@section.form("/admin/new-organization", MANAGE)
def make_organization(asked: Asked) -> Response:
    """Make an organization."""
    form = Organization()

    def make() -> None:
        slug, name, first = (one.data or "" for one in (form.organization, form.shown, form.user))
        asked.manager.organizations.create(asked.author, slug, name, admin=first)

    if form.is_taken(make):
        flash(f"The organization {form.organization.data} is made.", "success")
        return go(f"/{form.organization.data}")
    crumbs, status = [*_CRUMBS, ("New organization", None)], 422 if form.errors else 200
    title = "New organization"
    return render("admin_form.html", status, form=form, title=title, tab="organizations", crumbs=crumbs)


@section.form(f"{ORGANIZATIONS}/<slug:name>/delete", MANAGE)
def delete_organization(asked: Asked, name: str) -> Response:
    """Ask, and delete an organization."""
    found, form = asked.manager.organizations.get(name), Typed()

    def delete() -> None:
        form.require(found.slug)
        asked.manager.organizations.delete(asked.author, found.slug)

    if form.is_taken(delete):
        flash(f"The organization {found.slug} is deleted.", "success")
        return go(ORGANIZATIONS)
    lines = ("It must have no registries any more. Memberships go with it; its users stay, and so does the audit log.",)
    title = f"Delete the organization {found.slug}?"
    return confirming.ask(Question(title, lines, "Delete the organization", ORGANIZATIONS, _CRUMBS), form)
