"""An organization: its registries, its name, a new registry in it, and its end."""

from flask import Response, flash, request
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired, Length

from ocireg.auth.access import Action, Target, may
from ocireg.auth.manage import values
from ocireg.auth.manage.errors import Conflict
from ocireg.metadata import overviews, quotas, registries
from ocireg.metadata.repositories import EVERYTHING
from ocireg.metadata.window import Window
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, links, lists, places
from ocireg.web.pages.confirming import Question, Typed
from ocireg.web.pages.forms import Form
from ocireg.web.pages.registry_fields import Appearance, visibility_field
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("organizations")

SEE = Door(on=places.organization, everybody=True)
MANAGE = Door(Action.MANAGE_ORGANIZATION, doors.organization)
CREATE = Door(Action.CREATE_REGISTRY, doors.organization)


class Name(Form):
    """The name that people see."""

    name = StringField("Name", [InputRequired(), Length(max=values.LONGEST_TEXT)])
    submit = SubmitField("Save")


class NewRegistry(Appearance):
    """A registry to be made."""

    slug = StringField(
        "Slug",
        [Length(max=values.LONGEST_SLUG)],
        description="What images are named by, and cannot be changed later: lower-case letters, digits and hyphens. "
        "Empty: that of the name.",
        render_kw={"autocomplete": "off", "spellcheck": "false", "data-suggests-slug": "name"},
    )
    visibility = visibility_field()
    submit = SubmitField("Make the registry")


@section.page("/<organization:organization>", SEE)
def show_organization(asked: Asked) -> Response:
    """Show the registries of an organization that somebody may see."""
    found, database, actor = asked.organization, asked.context.database, asked.caller.actor
    reach, search = places.seen(actor), lists.search()
    part = lists.part(
        lambda window: overviews.listed(database, window, reach, organization=found.id, search=search),
        lambda one: one.registry.path,
    )
    creates = may(actor, Action.CREATE_REGISTRY, Target(found.id))
    reads = may(actor, Action.READ_ORGANIZATION, Target(found.id))
    allowance = quotas.of_organization(database, found.id) if reads else None
    return render(
        "organization.html", organization=found, part=part, search=search, creates=creates, allowance=allowance
    )


@section.form("/<organization:organization>/-/new", CREATE)
def make_registry(asked: Asked) -> Response:
    """Make a registry."""
    form, owner = NewRegistry(), asked.organization
    slug = list[str]()
    if form.is_taken(lambda: slug.append(_make(asked, form))):
        flash("The registry is made.", "success")
        return go(links.tab(f"{owner.slug}/{slug[0]}", "publish"))
    return render("registry_new.html", 422 if form.errors else 200, organization=owner, form=form)


@section.form("/<organization:organization>/-/settings", MANAGE)
def change_organization(asked: Asked) -> Response:
    """Change the name that people see; the slug stays."""
    found = asked.organization
    form = Name(name=found.name)
    if form.is_taken(lambda: asked.manager.organizations.rename(asked.author, found.slug, form.name.data or "")):
        flash("The name is changed.", "success")
        return go(f"/{found.slug}/-/settings")
    allowance = quotas.of_organization(asked.context.database, found.id)
    status = 422 if form.errors else 200
    return render("organization_settings.html", status, organization=found, form=form, allowance=allowance)


@section.form("/<organization:organization>/-/delete", MANAGE)
def delete_organization(asked: Asked) -> Response:
    """Ask, and delete an organization that has no registries any more."""
    found, form = asked.organization, Typed()
    form.typed.label.text = f"Type its slug, {found.slug}"
    if form.is_taken(lambda: _delete(asked, form)):
        flash(f"The organization {found.slug} is deleted.", "success")
        return go("/")
    lines = ["Its members belong to it no more. Whoever makes an organization of that name can have its images' names."]
    if request.method == "GET" and registries.listed(asked.context.database, Window(1), EVERYTHING, found.id):
        lines.append("It has registries: they are deleted first, each on its own.")
    crumbs = ((found.slug, f"/{found.slug}"), ("Settings", f"/{found.slug}/-/settings"))
    question = Question(f"Delete {found.slug}?", tuple(lines), "Delete the organization", crumbs[1][1], crumbs)
    return confirming.ask(question, form)


def _make(asked: Asked, form: NewRegistry) -> str:
    slug = values.slug(form.slug.data.strip()) if form.slug.data else values.slug_of(form.name.data or "")
    texts = {**form.texts(), "visibility": form.visibility.data}
    try:
        return asked.manager.registries.create(asked.author, f"{asked.organization.slug}/{slug}", **texts).slug
    except Conflict as error:
        raise Conflict("slug", error.message) from None


def _delete(asked: Asked, form: Typed) -> None:
    form.require(asked.organization.slug)
    asked.manager.organizations.delete(asked.author, asked.organization.slug)
