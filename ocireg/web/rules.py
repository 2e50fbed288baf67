"""No door without a rule: every route says what it needs before it is open, and one that does not say so is shut."""

from collections.abc import Callable

from flask import Flask, request

from ocireg.errors import DENIED, RegistryError

Rule = Callable[[], None]
"""What is called before the view: it returns where the request may go on, and raises where it may not."""


def PUBLIC() -> None:  # noqa: N802 - a constant among rules
    """Everybody may, and nothing is told that is not everybody's."""


class Rules:
    """The rules of an application, by end-point."""

    def __init__(self) -> None:
        self._by_endpoint: dict[str, Rule] = {}

    def add(self, endpoint: str, rule: Rule) -> None:
        """Say what a route needs."""
        self._by_endpoint[endpoint] = rule

    def of(self, endpoint: str) -> Rule | None:
        """Return the rule of a route."""
        return self._by_endpoint.get(endpoint)

    def register(self, app: Flask) -> None:
        """Let the application ask before every view."""
        app.before_request(self._ask)
        app.extensions["ocireg.rules"] = self

    def _ask(self) -> None:
        if request.endpoint is None:
            return  # there is no such route: 404 or 405
        rule = self._by_endpoint.get(request.endpoint)
        if rule is None:
            raise RegistryError(DENIED, "this route has no rule of access, so nobody may use it")
        rule()
