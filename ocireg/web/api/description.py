"""The description of the API, made from its declarations: OpenAPI 3.1 for programs, a page for people."""

from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, json, render_template, request
from flask_smorest import Api
from marshmallow import Schema, fields

from ocireg import __version__
from ocireg.web.api.nouns import PREFIX, Noun
from ocireg.web.problems import CODES
from ocireg.web.rules import PUBLIC, Rules

INTRODUCTION = (
    "Whatever a page or a command does, programs do here. Lists come by pages, with Link headers to the next and the "
    "former one. Every answer that can be read has an ETag: If-None-Match saves a transfer, If-Match a change that "
    "somebody else has made meanwhile. Times are of UTC, sizes are bytes."
)
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class ErrorItem(Schema):
    """One thing that is wrong."""

    field = fields.String(required=True, metadata={"description": "What it is about; empty where that is no field."})
    code = fields.String(required=True, metadata={"example": "invalid"})
    message = fields.String(required=True)


class Error(Schema):
    """An error."""

    message = fields.String(required=True, metadata={"example": "the body is not valid"})
    errors = fields.List(fields.Nested(ErrorItem), required=True)


class Described(Api):  # type: ignore[misc] # it has no types
    """The nouns as one description. Errors are answered by the application, which knows all of them."""

    ERROR_SCHEMA = Error

    def _register_error_handlers(self) -> None:
        pass

    def _register_doc_blueprint(self) -> None:
        pass

    def add(self, noun: Noun) -> None:
        """Take the operations of a noun in."""
        noun.register_views_in_doc(self, self._app, self.spec, name=noun.name, parameters=None)
        self.spec.tag({"name": noun.title, "description": noun.description})


def described(app: Flask, nouns: list[Noun]) -> Described:
    """Return the description of an application that has these nouns."""
    schemes = {
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "A user's name and password, or any name and a token: an API token, a token of a registry, "
            "a temporary token, or the JWT of a CI service.",
        },
        "secret": {"type": "http", "scheme": "bearer", "description": "The same token, without a name."},
    }
    found = Described(
        app,
        spec_kwargs={
            "title": "ocireg",
            "version": __version__,
            "openapi_version": "3.1.0",
            "info": {"description": INTRODUCTION},
            "servers": [{"url": "/", "description": "This installation."}],
        },
    )
    for name, scheme in schemes.items():
        found.spec.components.security_scheme(name, scheme)
    for noun in nouns:
        found.add(noun)
    return found


def blueprint(app: Flask, nouns: list[Noun], rules: Rules) -> Blueprint:
    """Return the blueprint of the description, which is everybody's, and is made when somebody first asks for it."""
    found = Blueprint("api-description", __name__, url_prefix=PREFIX, template_folder="templates")

    @cache
    def document() -> dict[str, Any]:
        made: dict[str, Any] = described(app, nouns).spec.to_dict()
        return made

    def for_programs() -> Response:
        return _lasting(Response(json.dumps(document()), content_type="application/json"))

    def for_people() -> Response:
        response = Response(render_template("description.html", document=document(), codes=CODES), mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return _lasting(response)

    def style() -> Response:
        return _lasting(Response(render_template("description.css"), mimetype="text/css"))

    for rule, view in (("/openapi.json", for_programs), ("/", for_people), ("/style.css", style)):
        view.provide_automatic_options = False  # type: ignore[attr-defined] # as everywhere in the API
        found.add_url_rule(rule, view.__name__, view, methods=["GET"])
        rules.add(f"{found.name}.{view.__name__}", PUBLIC)
    return found


def _lasting(response: Response) -> Response:
    """Let a page that changes with the program alone be asked for again cheaply."""
    response.add_etag()
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
