"""Parses the command line, and turns an operator's mistake into one line."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ocireg
from ocireg.cli import commands
from ocireg.config import load
from ocireg.config.settings import TABLE
from ocireg.errors import OperatorError, RegistryError

EXAMPLES = """\
examples:
  ocireg serve                                   listen on 127.0.0.1:8000, keep everything in ./data
  ocireg serve --bind [::1]:5000 --data /srv/oci listen elsewhere, keep it elsewhere
  ocireg config --json                           what is in force, and whence
  ocireg gc --dry-run                            what a clean-up would remove
  ocireg doctor                                  what is wrong, and what to do about it
  ocireg audit --since 2h --action tag.delete    who deleted tags

Every setting is a flag, a variable (OCIREG_DATA for --data) and a key of the TOML file that --config names.
"""

_EVERYWHERE = {"data", "storage", "database"}
"""The settings that the help of every command shows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 when it failed, 2 when the operator has something to mend."""
    parsed = _parse(arguments)
    flags = {row.name: str(value) for row in TABLE if (value := getattr(parsed, row.name, None)) is not None}
    origins: Mapping[str, str] = {}
    try:
        loaded = load(os.environ, flags, parsed.config)
        origins = loaded.origins
        status = int(parsed.run(loaded, parsed))
        sys.stdout.flush()
    except OperatorError as error:
        whence = f" ({error.setting} is from {origins[error.setting]})" if error.setting in origins else ""
        print(f"ocireg: {error}{whence}", file=sys.stderr)
        return 2
    except RegistryError as error:
        print(f"ocireg: {error.message}: {error.__cause__ or ''}".rstrip(": "), file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has enough (head): so has the interpreter, which would flush it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; what is not known is said with the usage of the command, not of the whole."""
    parser = _parser()
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        parsed.parser.error(f"there is no option {unknown[0]}: ocireg {parsed.command} --help lists them")
    return parsed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ocireg",
        description="A registry for container images and every other OCI artifact.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ocireg {ocireg.__version__}")
    every = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (run, text) in commands.COMMANDS.items():
        one = every.add_parser(
            name,
            help=text,
            description=text,
            usage=f"ocireg {name} [OPTION...]",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        one.set_defaults(run=run, parser=one, command=name)
        commands.add_options(name, one)
        _add_settings(one, every_one_shown=name == "serve")
    return parser


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
