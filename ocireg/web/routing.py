"""Rules of routes that are made fast: a process starts with hundreds of them, and builds the URL of a few."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """A rule that compiles what builds its URLs when the first one is built.

    werkzeug compiles two functions for each rule as it is added, by way of a syntax tree: two thirds of the time that
    an application takes to be made.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []
        make = super()._compile_builder

        def build(_rule: Rule, *values: Any, **named: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(make(append_unknown))
            return compiled[0](_rule, *values, **named)

        return build
