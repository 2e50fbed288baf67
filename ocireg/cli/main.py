"""Runs a command, and turns an operator's mistake into one line."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

import ocireg
from ocireg.auth.manage.errors import ChangeError
from ocireg.cli.commands import COMMANDS
from ocireg.cli.line import option_of, understood
from ocireg.cli.parser import Parser, add_commands, listed
from ocireg.config import load
from ocireg.config.settings import TABLE
from ocireg.errors import DENIED, OperatorError, RegistryError

EXAMPLES = """\
examples:
  ocireg serve                                   listen on 127.0.0.1:8000, keep everything in ./data
  ocireg serve --bind [::1]:5000 --data /srv/oci listen elsewhere, keep it elsewhere
  ocireg config --json                           what is in force, and whence
  ocireg gc --dry-run                            what a clean-up would remove
  ocireg why sha256:...                          what keeps a manifest or a blob, or when it goes
  ocireg fsck                                    whether the store has what the database says
  ocireg doctor                                  what is wrong, and what to do about it
  ocireg org create acme --admin alice           an organization, with its first admin
  ocireg grant set acme/apps bob write           let somebody push
  ocireg audit --since 2h --action tag.delete    who deleted tags

Every setting is a flag, a variable (OCIREG_DATA for --data) and a key of the TOML file that
--config names.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 when it failed, 2 when the operator has something to mend."""
    parsed = parse(arguments)
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
    except ChangeError as error:
        print(f"ocireg: {error.message}", file=sys.stderr)
        return 2
    except RegistryError as error:
        print(f"ocireg: {error.message}: {error.__cause__ or ''}".rstrip(": "), file=sys.stderr)
        return 2 if error.error is DENIED else 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has enough (head): so has the interpreter, which would flush it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; what is not known is said with the usage of the command, not of the whole."""
    parser = Parser(
        prog="ocireg",
        description="A registry for container images and every other OCI artifact.",
        usage="ocireg COMMAND [OPTION...]",
        epilog=f"{listed(COMMANDS)}\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ocireg {ocireg.__version__}")
    parsers = add_commands(parser, COMMANDS)
    words = understood(sys.argv[1:] if arguments is None else arguments, parsers)
    parsed, unknown = parser.parse_known_args(words)
    if unknown:
        option = option_of(unknown[0])
        what = f"there is no option {option}" if option else "there are more arguments than it takes"
        parsed.parser.error(f"{what}: ocireg {parsed.command} --help lists them")
    return parsed
