"""From the table of commands to a parser."""

import argparse
import re
import shutil
import textwrap
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from ocireg.cli.table import Argument, Command, Group, Table
from ocireg.config.settings import TABLE

_EVERYWHERE = {"data", "storage", "database"}
"""The settings that the help of every command shows."""
_WIDEST = 100
"""Columns of a help text."""
_VALUE = re.compile("ignored explicit argument .*", re.DOTALL)
_FORMAT = partial(argparse.RawDescriptionHelpFormatter, max_help_position=30)


class Parser(argparse.ArgumentParser):
    """Takes no abbreviation for an option, and repeats no value that an option does not take: it may be a secret."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Say what is not understood, and end with 2."""
        super().error(_VALUE.sub("takes no value", message))


def add_commands(parser: Parser, table: Table, path: str = "") -> dict[str, Parser]:
    """Give a parser commands; return it and theirs, by how they are called.

    What is parsed has ``run``, ``parser`` and ``command``, which is how it was called.
    """
    found = {path: parser}
    every = parser.add_subparsers(metavar="COMMAND", required=True, help=argparse.SUPPRESS)
    for name, one in table.items():
        called = f"{path} {name}".lstrip()
        text = f"{one.text}\n\n{one.more}" if isinstance(one, Command) and one.more else one.text
        made = every.add_parser(
            name,
            prog=f"ocireg {called}",
            description=_wrapped(text),
            usage=one.usage(called),
            epilog=_examples(one) if isinstance(one, Command) else listed(one.commands),
            formatter_class=_FORMAT,
        )
        made.set_defaults(parser=made, command=called)
        if isinstance(one, Group):
            found |= add_commands(made, one.commands, called)
            continue
        found[called] = made
        made.set_defaults(run=one.run)
        _add_arguments(made, one.arguments)
        _add_settings(made, every_one_shown=one.every_setting)
    return found


def _add_arguments(parser: argparse.ArgumentParser, arguments: tuple[Argument, ...]) -> None:
    by_place: Any = parser.add_argument_group("arguments")
    together: dict[str, Any] = {}
    for one in arguments:
        if one.one_of and one.one_of not in together:
            together[one.one_of] = parser.add_mutually_exclusive_group()
        where = together.get(one.one_of, parser) if one.is_option else by_place
        where.add_argument(one.name, help=one.told().replace("%", "%%"), **_kind(one))


def _kind(one: Argument) -> dict[str, Any]:
    """Return what argparse wants to know of an argument."""
    if not one.is_option:
        return {"metavar": one.shown.strip("[]")} | ({"nargs": "?"} if one.optional else {})
    into: dict[str, Any] = {"dest": one.into} if one.into else {}
    if not one.metavar:
        return into | ({"action": "store_const", "const": one.value} if one.value else {"action": "store_true"})
    if one.repeated:
        into |= {"action": "append"}
    return into | {"metavar": one.metavar, "required": one.required, "default": one.default}


def _add_settings(parser: argparse.ArgumentParser, *, every_one_shown: bool) -> None:
    """Give a command the flags of all settings; only ``serve`` shows them all. A truth value may stand alone."""
    group = parser.add_argument_group(
        "settings", None if every_one_shown else "every option of ocireg serve is one of this command too"
    )
    group.add_argument("--config", type=Path, metavar="FILE", help="a TOML file of settings")
    for row in TABLE:
        extra: dict[str, Any] = {"nargs": "?", "const": "true"} if row.default in {"true", "false"} else {}
        what = f"{row.doc} Default: {row.default or 'none'}.".replace("%", "%%")
        if not every_one_shown and row.name not in _EVERYWHERE:
            what = argparse.SUPPRESS
        metavar = row.unit.upper().replace(" ", "_") or ("BOOLEAN" if extra else "TEXT")
        group.add_argument(row.flag, dest=row.name, metavar=metavar, help=what, default=argparse.SUPPRESS, **extra)


def listed(table: Table) -> str:
    """Return the commands of a table, with what each does."""
    widest = max(map(len, table))
    lines = [
        textwrap.fill(one.text, _width(), initial_indent=f"  {name:{widest}}  ", subsequent_indent=" " * (widest + 4))
        for name, one in table.items()
    ]
    return "\n".join(["commands:", *lines])


def _wrapped(text: str) -> str:
    return "\n\n".join(textwrap.fill(one, _width()) for one in text.split("\n\n"))


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST) - 2


def _examples(command: Command) -> str:
    """Return the examples; what they are for stands beside those that are short, and above those that are not."""
    width = max((len(line) for line, _ in command.examples), default=0)
    if width <= 46:
        lines = [f"  {line:{width}}  {sense}" for line, sense in command.examples]
    else:
        lines = [f"  # {sense}\n  {line}" for line, sense in command.examples]
    return "\n".join(["examples:", *lines])
