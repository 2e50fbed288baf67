"""Parses the command line, and turns an operator's mistake into one line."""

import argparse
import os
import sys
from collections.abc import Sequence
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

Every setting is a flag, a variable (OCIREG_DATA for --data) and a key of the TOML file that --config names.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 when it failed, 2 when the operator has something to mend."""
    parsed = _parser().parse_args(arguments)
    flags = {row.name: str(value) for row in TABLE if (value := getattr(parsed, row.name, None)) is not None}
    try:
        loaded = load(os.environ, flags, parsed.config)
        return int(parsed.run(loaded, parsed))
    except OperatorError as error:
        print(f"ocireg: {error}", file=sys.stderr)
        return 2
    except RegistryError as error:
        print(f"ocireg: {error.message}: {error.__cause__ or ''}".rstrip(": "), file=sys.stderr)
        return 1


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
        one = every.add_parser(name, help=text, description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
        one.set_defaults(run=run)
        _add_settings(one)
        commands.add_options(name, one)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Give a command the flags of all settings. A flag of a truth value may stand alone."""
    group = parser.add_argument_group("settings")
    group.add_argument("--config", type=Path, metavar="FILE", help="a TOML file of settings")
    for row in TABLE:
        extra: dict[str, Any] = {"nargs": "?", "const": "true"} if row.default in {"true", "false"} else {}
        what = f"{row.doc} Default: {row.default or 'none'}.".replace("%", "%%")
        metavar = row.unit.upper().replace(" ", "_") or "BOOLEAN"
        group.add_argument(row.flag, dest=row.name, metavar=metavar, help=what, default=argparse.SUPPRESS, **extra)
