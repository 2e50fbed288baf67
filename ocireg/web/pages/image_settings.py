"""A repository is given another name, or deleted."""

from flask import Response, flash, request
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired, Length

from ocireg.auth.manage.errors import Invalid, Unknown
from ocireg.metadata import immutability, repositories
from ocireg.metadata.immutability import Immutable
from ocireg.oci.errors import InvalidName
from ocireg.oci.grammar import REPOSITORY_NAME_LENGTH
from ocireg.oci.reference import parse_repository
from ocireg.web import images
from ocireg.web.asked import Asked
from ocireg.web.pages import image_frame, links
from ocireg.web.pages.forms import Form
from ocireg.web.pages.image_frame import DELETE
from ocireg.web.pages.rendering import go
from ocireg.web.pages.section import Section
from ocireg.web.problems import Problem

section = Section("image_settings")


class Move(Form):
    """The new name."""

    to = StringField(
        "New name", [InputRequired(), Length(max=REPOSITORY_NAME_LENGTH)], render_kw={"spellcheck": "false"}
    )
    submit = SubmitField("Move")


class Remove(Form):
    """The name, typed by whoever means it."""

    name = StringField(
        "Type its full name", [InputRequired(), Length(max=REPOSITORY_NAME_LENGTH)], render_kw={"autocomplete": "off"}
    )
    submit = SubmitField("Delete this image")


@section.form("{repository}/-/settings", DELETE)
def move_image(asked: Asked) -> Response:
    """Give a repository another name."""
    form = Move(to=asked.repository)
    if form.is_taken(lambda: _move(asked, form.to.data or "")):
        flash(f"{asked.repository} is {form.to.data} now.", "success")
        return go(links.repository(form.to.data or ""))
    return _shown(asked, "image_settings.html", form)


@section.form("{repository}/-/delete", DELETE)
def delete_image(asked: Asked) -> Response:
    """Ask whether a repository shall be deleted, and delete it with all that is in it."""
    form = Remove()
    if form.is_taken(lambda: _remove(asked, form.name.data or "")):
        flash(f"{asked.repository} is deleted.", "success")
        return go(links.registry(asked.registry.path))
    return _shown(asked, "image_delete.html", form)


def _shown(asked: Asked, template: str, form: Form) -> Response:
    database = asked.context.database
    row = repositories.find(database, asked.repository)
    bound = immutability.first(database, row) if row is not None else None
    status = 422 if request.method == "POST" else 200
    return image_frame.shown(asked, template, "settings", status, form=form, bound=bound)


def _move(asked: Asked, to: str) -> None:
    try:
        images.move(asked, parse_repository(to))
    except InvalidName as error:
        raise Invalid("to", str(error)) from None
    except Immutable as error:
        raise Invalid("to", error.message) from error
    except (Problem, Unknown) as error:
        raise Invalid("to", f"there is no place for {to}, or none that you may push to") from error


def _remove(asked: Asked, name: str) -> None:
    if name != asked.repository:
        raise Invalid("name", f"that is not {asked.repository}")
    try:
        asked.manager.registries.delete_repository(asked.author, name)
    except Immutable as error:
        raise Invalid("name", error.message) from error
