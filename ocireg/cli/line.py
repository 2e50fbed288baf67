"""The words of a command line that name the command, and what is said where they name none."""

import difflib
import sys
from collections.abc import Mapping, Sequence

from ocireg.cli.commands import COMMANDS
from ocireg.cli.parser import Parser
from ocireg.cli.table import Command, Table
from ocireg.metadata.printable import printable

_HELP = "--help"
_ALONE = {"-h", _HELP, "--version"}
"""The options that want no command."""


def understood(words: Sequence[str], parsers: Mapping[str, Parser]) -> list[str]:
    """Return the words to parse: ``help org`` is ``org --help``. Ends with 2 where they name no command.

    ``parsers``: those of the commands, by how they are called.
    """
    if not words:
        parsers[""].print_help(sys.stderr)
        raise SystemExit(2)
    chosen = [*words[1:], _HELP] if words[0] == "help" else list(words)
    table: Table = COMMANDS
    path = ""
    for word in chosen:
        if word in _ALONE:
            break
        if option := option_of(word):
            parsers[path].error(
                f"options come after the command: {' '.join(f'ocireg {path}'.split())} COMMAND {option}"
            )
        if word not in table:
            parsers[path].error(f"there is no command {printable(word)}{_meant(word, table)}")
        path = f"{path} {word}".lstrip()
        one = table[word]
        if isinstance(one, Command):
            break
        table = one.commands
    return chosen


def option_of(word: str) -> str:
    """Return the option that a word is, without a value that it carries, which may be a secret; "" if it is none."""
    if not word.startswith("-"):
        return ""
    return printable(word.partition("=")[0] if word.startswith("--") else word[:2])


def _meant(word: str, table: Table) -> str:
    close = difflib.get_close_matches(word, table, n=1)
    return f": did you mean {close[0]}?" if close else f": wanted {', '.join(table)}"
