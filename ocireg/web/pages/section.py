"""How pages are declared: each with its door, its paths and what it does, in one place.

A page that names no door cannot be declared. A form is sent to the path that shows it, so that what is wrong with it is
said where it was filled in.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from ocireg.errors import READ_ONLY, RegistryError
from ocireg.web.asked import asked
from ocireg.web.doors import Door
from ocireg.web.form import read_form
from ocireg.web.pages import sessions
from ocireg.web.pages.headers import finished
from ocireg.web.problems import Problem
from ocireg.web.rules import Rule, Rules

PLACES = ("organization", "registry", "repository")
"""What of a path the door has found already."""
FORM_LIMIT = 256 * 1024
"""Bytes of a form: the longest OIDC policy fits, escaped."""
FORGED = (
    "this form was not sent by the page that it belongs to, or somebody has signed in or out since that was shown: go "
    "back, load the page again, and send it again. Cookies must be allowed"
)
_FORMS = {
    "{registry}": ("/<organization:organization>/<slug:registry>", "/root"),
    "{repository}": ("/<image:repository>", "/root/<repository:repository>"),
    "{reference}": (":<tag:reference>", "@<digest:reference>"),
}
"""What paths begin with: what belongs to an organization, and what is in the root registry."""

View = Callable[..., Any]
V = TypeVar("V", bound=View)

csrf = CSRFProtect()


class Section(Blueprint):
    """Pages about one thing."""

    def __init__(self, name: str) -> None:
        super().__init__(name, __name__, template_folder="templates")
        self.rules: dict[str, Rule] = {}
        self.after_request(finished)

    def page(self, path: str, door: Door) -> Callable[[V], V]:
        """Declare a page. The view is called with what is asked for, and what else the path names."""
        return self._declare(path, door, ["GET"], changes=False)

    def form(self, path: str, door: Door, *, changes: bool = True) -> Callable[[V], V]:
        """Declare a page with a form on it. ``changes``: nothing of it goes where all is read-only."""
        return self._declare(path, door, ["GET", "POST"], changes=changes)

    def action(self, path: str, door: Door, *, changes: bool = True) -> Callable[[V], V]:
        """Declare what a button does; it leads to a page. Likewise."""
        return self._declare(path, door, ["POST"], changes=changes)

    def register_doors(self, rules: Rules) -> None:
        """Let every page be asked for by its door alone."""
        for endpoint, rule in self.rules.items():
            rules.add(f"{self.name}.{endpoint}", rule)

    def _declare(self, path: str, door: Door, methods: list[str], *, changes: bool) -> Callable[[V], V]:
        def declare(view: V) -> V:
            def serve(**path: Any) -> Response | str:
                named = {name: value for name, value in path.items() if name not in PLACES}
                answer: Response | str = view(asked(), **named)
                return answer

            serve.__name__, serve.__doc__ = view.__name__, view.__doc__
            serve.provide_automatic_options = False  # type: ignore[attr-defined] # OPTIONS tells nothing here
            for one in _written(path):
                self.add_url_rule(one, view.__name__, serve, methods=methods)
            self.rules[view.__name__] = lambda: _enter(door, changes=changes)
            return view

        return declare


def _enter(door: Door, *, changes: bool) -> None:
    """Let a request for a page through: its form first, which must be one of ours, sent by whoever it was shown to.

    A page that is asked for without its contents is made as it would be shown (RFC 9110 section 9.3.2): no view takes
    that for a form that was sent.
    """
    if request.method == "HEAD":
        request.method = "GET"  # the server looks at the environment, and sends no contents
    sessions.require()
    if request.method == "POST":
        read_form(FORM_LIMIT)
        _require_token()
    door.ask(sessions.identify)
    if request.method == "POST" and changes and asked().context.settings.read_only:
        raise RegistryError(READ_ONLY, headers={"Allow": "GET, HEAD"})


def _require_token() -> None:
    """Let a form of ours through; 400 of what is none, or was shown to who is not there any more."""
    try:
        csrf.protect()
    except CSRFError as error:
        raise Problem(400, FORGED) from error


def _written(path: str) -> Iterator[str]:
    """Return all that a path stands for."""
    used = [name for name in _FORMS if name in path]
    for chosen in product(*(_FORMS[name] for name in used)):
        found = path
        for name, text in zip(used, chosen, strict=True):
            found = found.replace(name, text)
        yield found
