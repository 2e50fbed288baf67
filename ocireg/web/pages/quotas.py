"""What a registry or an organization has in use, what it may, and what uses most of it."""

from flask import Response, flash
from wtforms import StringField, SubmitField
from wtforms.validators import Length

from ocireg.auth.access import Action, Target, may
from ocireg.auth.manage.quotas import parse
from ocireg.auth.places import target_of
from ocireg.metadata import quotas, usage
from ocireg.metadata.quotas import Allowance
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import links, lists
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("quotas")

LARGEST = 20
"""What uses most, so many of it."""


class Quota(Form):
    """What may be used at most."""

    quota = StringField(
        "At most",
        [Length(max=40)],
        description="As 500GB or 2TiB; empty: no limit. One below what is in use refuses pushes, and deletes nothing.",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    submit = SubmitField("Save the quota")


@section.page("{registry}/-/quota", Door(Action.READ_SETTINGS, doors.registry))
def show_registry_quota(asked: Asked) -> Response:
    """Show what a registry uses and may."""
    return _registry(asked, None)


@section.action("{registry}/-/quota", Door(Action.SET_QUOTA, doors.registry))
def set_registry_quota(asked: Asked) -> Response:
    """Let a registry use so much."""
    form = Quota()
    if form.is_taken(lambda: asked.manager.quotas.set_registry(asked.author, asked.path, parse(form.quota.data or ""))):
        flash("The quota is saved.", "success")
        return go(links.tab(asked.registry.path, "quota"))
    return _registry(asked, form)


@section.page("/<organization:organization>/-/quota", Door(Action.READ_ORGANIZATION, doors.organization))
def show_organization_quota(asked: Asked) -> Response:
    """Show what the registries of an organization use together, and may."""
    return _organization(asked, None)


@section.action("/<organization:organization>/-/quota", Door(Action.SET_QUOTA, doors.organization))
def set_organization_quota(asked: Asked) -> Response:
    """Let the registries of an organization use so much together."""
    form, slug = Quota(), asked.organization.slug
    if form.is_taken(lambda: asked.manager.quotas.set_organization(asked.author, slug, parse(form.quota.data or ""))):
        flash("The quota is saved.", "success")
        return go(f"/{slug}/-/quota")
    return _organization(asked, form)


def _registry(asked: Asked, form: Quota | None) -> Response:
    registry, database = asked.registry, asked.context.database
    allowances = quotas.of_registry(database, registry.id)
    return render(
        "quota.html",
        422 if form else 200,
        registry=registry,
        allowances=allowances,
        usage=usage.of_registry(database, registry.id),
        largest=usage.largest_repositories(database, registry.id, LARGEST),
        within=lists.within,
        settings=asked.context.settings,
        form=form or _form(asked, target_of(registry), allowances[0]),
    )


def _organization(asked: Asked, form: Quota | None) -> Response:
    found, database = asked.organization, asked.context.database
    allowance = quotas.of_organization(database, found.id)
    return render(
        "quota.html",
        422 if form else 200,
        organization=found,
        allowances=[allowance],
        largest=usage.largest(database, LARGEST, found.id),
        settings=asked.context.settings,
        form=form or _form(asked, Target(found.id), allowance),
    )


def _form(asked: Asked, target: Target, allowance: Allowance) -> Quota | None:
    """Return the form with what holds now, for whoever may change it."""
    if not may(asked.caller.actor, Action.SET_QUOTA, target):
        return None
    return Quota(quota=_written(allowance.quota))


def _written(quota: int | None) -> str:
    """Return a quota as it is typed, exactly."""
    if quota is None:
        return ""
    for unit, size in UNITS:
        if quota and quota % size == 0:
            return f"{quota // size} {unit}"
    return str(quota)


UNITS = (
    ("TB", 10**12),
    ("TiB", 2**40),
    ("GB", 10**9),
    ("GiB", 2**30),
    ("MB", 10**6),
    ("MiB", 2**20),
    ("kB", 10**3),
    ("KiB", 2**10),
)
"""What a quota can be a whole number of."""
