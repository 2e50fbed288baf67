"""How a registry is shown and who sees it, and its end."""

from flask import Response, flash
from wtforms import BooleanField, HiddenField, SubmitField

from ocireg.auth.access import Action, may
from ocireg.auth.manage.errors import Conflict, Invalid
from ocireg.auth.places import target_of
from ocireg.metadata import quotas, registries
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, links, tabs
from ocireg.web.pages.confirming import Question, Typed
from ocireg.web.pages.forms import Form
from ocireg.web.pages.registry_fields import Appearance
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("registry_settings")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)
DELETE = Door(Action.DELETE_REGISTRY, doors.registry)
ROOT_STAYS = "the root registry cannot be deleted: OCIREG_ROOT_REGISTRY=false switches it off"


class General(Appearance):
    """How a registry is shown."""

    submit = SubmitField("Save")


class Visibility(Form):
    """What a registry is to be, as it was asked: sent twice it is no other."""

    to = HiddenField()


class Removal(Typed):
    """The path of a registry, and whether what it holds is meant, too."""

    contents = BooleanField("")


@section.page("{registry}/-/settings", READ)
def show_settings(asked: Asked) -> Response:
    """Show the settings of a registry."""
    return _shown(asked, General(obj=asked.manager.registries.get(asked.path)), 200)


@section.action("{registry}/-/settings", MANAGE)
def change_registry(asked: Asked) -> Response:
    """Change how a registry is shown; its slug stays, since images are named by it."""
    form = General()
    if not form.is_taken(lambda: asked.manager.registries.change(asked.author, asked.path, **form.texts())):
        return _shown(asked, form, 422)
    flash("The settings are saved.", "success")
    return go(links.tab(asked.registry.path, tabs.SETTINGS))


@section.form("{registry}/-/visibility", MANAGE)
def change_visibility(asked: Asked) -> Response:
    """Ask, and let a private registry be public, or a public one private."""
    registry, path = asked.registry, asked.path
    wanted, back = "private" if registry.public else "public", links.tab(asked.registry.path, tabs.SETTINGS)
    form = Visibility(to=wanted)
    if form.is_taken(lambda: asked.manager.registries.change(asked.author, path, visibility=form.to.data or "")):
        flash(f"{path} is {form.to.data} now.", "success")
        return go(back)
    crumbs = ((path, links.registry(registry.path)), ("Settings", back))
    title, button = f"Make {path} {wanted}?", f"Make it {wanted}"
    return confirming.ask(Question(title, _consequences(asked), button, back, crumbs), form)


@section.form("{registry}/-/delete", DELETE)
def delete_registry(asked: Asked) -> Response:
    """Ask, and delete a registry: one that holds images only where that is said, too."""
    registry, path = asked.registry, asked.path
    if registry.organization is None:
        raise Conflict("registry", ROOT_STAYS)
    count, form = registries.repository_count(asked.context.database, registry.id), Removal()
    form.typed.label.text = f"Type its path, {path}"
    form.contents.label.text = f"Delete all {_images(count)} with it"
    if not count:
        del form.contents
    if form.is_taken(lambda: _delete(asked, form, count)):
        flash(f"The registry {path} is deleted.", "success")
        return go(f"/{registry.organization_slug}")
    lines = [f"It holds {_images(count)}." if count else "It is empty.", "This cannot be undone."]
    if count and asked.manager.immutable.rules(path):
        lines.append("It has rules for immutable tags: remove these first, or nothing is deleted.")
    back = links.tab(registry.path, tabs.SETTINGS)
    crumbs = ((path, links.registry(registry.path)), ("Settings", back))
    return confirming.ask(Question(f"Delete {path}?", tuple(lines), "Delete the registry", back, crumbs), form)


def _consequences(asked: Asked) -> tuple[str, ...]:
    if asked.registry.public:
        return ("Then only who may read it sees it and pulls from it: machines that pull without a login fail.",)
    count = registries.repository_count(asked.context.database, asked.registry.id)
    return (
        "Then everybody who reaches this installation sees it and pulls from it, without any login.",
        f"That is {_images(count) if count else 'nothing yet'}, and whatever will be pushed later, with all tags.",
        "What somebody has pulled meanwhile stays with them when you make it private again.",
    )


def _delete(asked: Asked, form: Removal, count: int) -> None:
    form.require(asked.path)
    contents = bool(count) and bool(form.contents.data)
    if count and not contents:
        raise Invalid("contents", f"it holds {_images(count)}: say that these are deleted, too")
    asked.manager.registries.delete(asked.author, asked.path, contents=contents)


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _shown(asked: Asked, form: General, status: int) -> Response:
    registry, actor = asked.registry, asked.caller.actor
    target = target_of(registry)
    return render(
        "registry_settings.html",
        status,
        registry=registry,
        form=form,
        immutable=len(asked.manager.immutable.rules(asked.path)),
        allowance=quotas.of_registry(asked.context.database, registry.id)[0],
        manages=may(actor, Action.MANAGE_REGISTRY, target),
        deletes=may(actor, Action.DELETE_REGISTRY, target),
    )
