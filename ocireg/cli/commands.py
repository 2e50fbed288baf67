"""The table of commands."""

import argparse

from ocireg import app
from ocireg.cli import audit, backup, fsck, gc, grant, key, org, policy, registry, repository, token, user, why
from ocireg.cli.config import run_config
from ocireg.cli.doctor import doctor
from ocireg.cli.table import JSON, Command, Table
from ocireg.config import Loaded
from ocireg.serving.server import serve


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


COMMANDS: Table = {
    "serve": Command(
        run_serve,
        "Serve the registry until told to stop.",
        "The database is brought up to date first.",
        examples=(
            ("ocireg serve", "on 127.0.0.1:8000, with everything in ./data"),
            ("ocireg serve --bind [::1]:5000 --data /srv/oci", "elsewhere"),
        ),
        every_setting=True,
    ),
    "init": Command(
        run_init,
        "Make the data folder and the database, or bring the database up to date.",
        "Where there are no users, the user admin is made, and a token of it is printed once.",
        examples=(("ocireg init --data /srv/oci", "make an installation, or prepare a newer version"),),
    ),
    "config": Command(
        run_config,
        "Print the settings in force, and where each came from.",
        arguments=(JSON,),
        examples=(
            ("ocireg config", "as an operator would write them"),
            ("ocireg config --json", "in bytes and seconds"),
        ),
    ),
    "gc": Command(
        gc.gc,
        "Collect what nothing keeps, and remove what uploads, deletes and crashes have left. Safe while serving.",
        "The service does both by itself, every gc_interval and sweep_interval. Rows go first, and bytes after "
        "orphan_grace. Exit status 1: something could not be removed; the next clean-up tries again.",
        arguments=gc.ARGUMENTS,
        examples=(
            ("ocireg gc --dry-run", "what would be removed"),
            ("ocireg gc --now --grace 0", "what was deleted, with its bytes: when nobody pulls it any more"),
            ("ocireg gc --uploads 2h", "end upload sessions that are older, too"),
        ),
    ),
    "fsck": fsck.COMMAND,
    "backup": backup.BACKUP,
    "restore": backup.RESTORE,
    "rebuild": backup.REBUILD,
    "doctor": Command(
        doctor,
        "Diagnose the installation: settings, folder, database, access, address, store. Changes nothing.",
        "Exit status 1: a check failed.",
        arguments=(JSON,),
        examples=(("ocireg doctor", "what is wrong, and what to do about it"),),
    ),
    "audit": Command(
        audit.run_audit,
        "Print the audit log: who did what, when and from where, the newest first.",
        arguments=audit.ARGUMENTS,
        examples=(
            ("ocireg audit --since 2h --action tag.delete", "who deleted tags"),
            ("ocireg audit --follow --json", "what happens, as it happens"),
        ),
    ),
    "why": why.COMMAND,
    "org": org.GROUP,
    "registry": registry.GROUP,
    "repository": repository.GROUP,
    "user": user.GROUP,
    "token": token.GROUP,
    "grant": grant.GROUP,
    "policy": policy.GROUP,
    "key": key.GROUP,
}
