"""What a command is: a row of a table, from which come the parser, the help and ``docs/commands.rst``."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ocireg.config import Loaded

Run = Callable[[Loaded, argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Argument:
    """``registry`` stands by its place; ``--admin`` is an option: a switch where it has no ``metavar``.

    ``value`` is what a switch means and ``into`` the attribute it goes to, where that is not True and its own. Of
    arguments with the same ``one_of`` one at most may be given. ``values`` are those that it takes, as they are typed.
    ``optional``: the last one may be left out, though it stands by its place.
    """

    name: str
    text: str
    metavar: str = ""
    default: str | None = None
    required: bool = False
    repeated: bool = False
    into: str = ""
    value: str = ""
    one_of: str = ""
    values: tuple[str, ...] = ()
    optional: bool = False

    def told(self, quote: str = "") -> str:
        """Return the text, with the values that it takes between quotes."""
        if not self.values:
            return self.text
        *most, last = (f"{quote}{one}{quote}" for one in self.values)
        return f"{self.text}: {', '.join(most)} or {last}"

    @property
    def is_option(self) -> bool:
        """Whether it is named where it is given."""
        return self.name.startswith("-")

    @property
    def shown(self) -> str:
        """How it is written: ``REGISTRY``, ``--admin USER``, ``--json``."""
        if not self.is_option:
            shown = self.metavar or self.name.upper()
            return f"[{shown}]" if self.optional else shown
        return f"{self.name} {self.metavar}".rstrip()


@dataclass(frozen=True, slots=True)
class Command:
    """What it does, in a sentence that lists show and in more that its own help shows; ``examples`` with their sense.

    ``every_setting``: its help shows the settings all.
    """

    run: Run
    text: str
    more: str = ""
    arguments: tuple[Argument, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    every_setting: bool = False

    def usage(self, path: str) -> str:
        """Return how it is called."""
        wanted = [one.shown for one in self.arguments if one.required or not one.is_option]
        return " ".join(["ocireg", path, *wanted, "[OPTION...]"])


@dataclass(frozen=True, slots=True)
class Group:
    """Commands about one noun."""

    text: str
    commands: Mapping[str, "Command | Group"]

    def usage(self, path: str) -> str:
        """Return how it is called."""
        return f"ocireg {path} COMMAND [OPTION...]"


Table = Mapping[str, Command | Group]

JSON = Argument("--json", "print JSON")


def leaves(table: Table, path: str = "") -> Iterator[tuple[str, Command]]:
    """Yield every command that can be run, with how it is called: ``org member add``."""
    for name, one in table.items():
        called = f"{path} {name}".lstrip()
        if isinstance(one, Command):
            yield called, one
        else:
            yield from leaves(one.commands, called)
