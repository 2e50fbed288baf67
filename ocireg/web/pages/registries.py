"""The first page: the registries that somebody may see."""

from flask import Response

from ocireg.web.asked import Asked
from ocireg.web.doors import EVERYBODY
from ocireg.web.pages.rendering import render
from ocireg.web.pages.section import Section

section = Section("registries")


@section.page("/", EVERYBODY)
def list_registries(_asked: Asked) -> Response:
    """List the registries."""
    return render("registries.html")
