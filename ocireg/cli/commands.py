"""What each command does."""

import argparse
from collections.abc import Callable

from ocireg import app
from ocireg.cli.audit import add_audit_options, run_audit
from ocireg.cli.config import run_config
from ocireg.cli.doctor import add_doctor_options, doctor
from ocireg.cli.gc import add_gc_options, gc
from ocireg.config import Loaded
from ocireg.serving.server import serve

Command = Callable[[Loaded, argparse.Namespace], int]


def run_serve(loaded: Loaded, _arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    serve(loaded.settings)
    return 0


def run_init(loaded: Loaded, _arguments: argparse.Namespace) -> int:
    """Make the installation, or bring it up to date."""
    started = app.initialise(loaded.settings)
    for name in started.applied:
        print(f"applied {name}")
    print(f"{loaded.settings.database_path} is up to date")
    if started.secret:
        print(f"the user admin was made, with this token, which is not shown again:\n{started.secret}")
    return 0


COMMANDS: dict[str, tuple[Command, str]] = {
    "serve": (run_serve, "Serve the registry until told to stop."),
    "init": (run_init, "Make the data folder and the database, or bring the database up to date."),
    "config": (run_config, "Print the settings in force, and where each came from."),
    "gc": (gc, "Remove what expired uploads, deletes and crashes have left. Safe while the registry serves."),
    "doctor": (doctor, "Diagnose the installation: settings, folder, database, address, store. Changes nothing."),
    "audit": (run_audit, "Print the audit log: who did what, when and from where, the newest first."),
}


def add_options(name: str, parser: argparse.ArgumentParser) -> None:
    """Give a command the options that are its own."""
    if name == "config":
        parser.add_argument("--json", action="store_true", help="print JSON")
    if name == "gc":
        add_gc_options(parser)
    if name == "doctor":
        add_doctor_options(parser)
    if name == "audit":
        add_audit_options(parser)
