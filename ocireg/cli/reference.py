"""``docs/commands.rst``: every command, from the table that the parser is made from."""

from collections.abc import Iterator

from ocireg.cli.commands import COMMANDS
from ocireg.cli.table import Argument, Command, Table

_INTRODUCTION = """\
Every setting (``configuration.rst``) is an option of each command too, after its name. ``--json`` prints one document
of JSON, in bytes and seconds, times as seconds since 1970 (UTC); tables for people have times in UTC. That of
``ocireg audit`` prints an object a line.

Run commands by the user that serves, in the same folder (or with the same ``--data``) and with the same settings as
``serve``: they work on its data folder, and in one without a registry they say so. ``ocireg`` is ``.venv/bin/ocireg``
where it was installed so. ``operations.rst`` shows how under systemd. Secrets (``--admin-token``, ``--secret-key``)
belong in the environment or the file: every user of a machine sees its command lines.

Exit status 2 of any command: something for the operator to mend, said in one line on standard error, or a command line
that is not understood. 1: it failed. What ``serve``, ``gc`` and ``doctor`` do, and when, is in ``operations.rst``.

The commands for organizations, registries, repositories, users, tokens, grants, policies and keys want the database
alone, not the store, and may run beside a registry that serves, which takes what they change within two seconds. Each
change is in the audit log (``audit.rst``), with the actor ``operator``, the credential ``command:`` and the name of the
user of this machine, and the command as the user agent.
"""
_UNDERLINES = "-~^"


def page() -> str:
    """Return the page."""
    return "\n".join(["Commands\n========\n", _INTRODUCTION, *_sections(COMMANDS)])


def _sections(table: Table, path: str = "", depth: int = 0) -> Iterator[str]:
    for name, one in table.items():
        called = f"{path} {name}".lstrip()
        title = f"ocireg {called}"
        yield f"{title}\n{_UNDERLINES[depth] * len(title)}\n"
        yield f"{one.text}\n"
        if isinstance(one, Command):
            yield from _body(called, one)
        else:
            yield from _sections(one.commands, called, depth + 1)


def _body(called: str, command: Command) -> Iterator[str]:
    if command.more:
        yield f"{command.more}\n"
    yield f"::\n\n    {command.usage(called)}\n"
    if command.arguments:
        yield "\n".join(map(_entry, command.arguments)) + "\n"
    yield "For example::\n\n" + "\n".join(f"    {line}    # {sense}" for line, sense in command.examples) + "\n"


def _entry(argument: Argument) -> str:
    told = argument.told("``")
    wanted = " Wanted." if argument.required else ""
    return f"``{argument.shown}``\n    {told[0].upper()}{told[1:]}.{wanted}"
