"""``ocireg gc``: a clean-up, now."""

import argparse
import json
from dataclasses import asdict

from ocireg import app
from ocireg.config import Loaded
from ocireg.config.values import seconds
from ocireg.errors import OperatorError

_SAID = {
    "sessions": "upload sessions that had expired",
    "garbage": "objects that had been deleted",
    "leftover_uploads": "left-overs of uploads",
    "leftover_objects": "objects that nothing refers to",
}


def add_gc_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("--dry-run", action="store_true", help="count, and remove nothing")
    parser.add_argument("--uploads", metavar="AGE", help="end upload sessions begun so long ago, as 2h, expired or not")
    parser.add_argument("--grace", metavar="AGE", help="take left-overs from this age on, in place of orphan_grace")
    parser.add_argument("--json", action="store_true", help="print JSON")


def gc(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Clean up; 1 if something could not be removed."""
    report = app.clean_up(
        loaded.settings,
        expiry=_age(arguments.uploads),
        grace=_age(arguments.grace),
        dry_run=arguments.dry_run,
    )
    if arguments.json:
        print(json.dumps(asdict(report)))
        return 1 if report.failed else 0
    verb = "would remove" if arguments.dry_run else "removed"
    for name, text in _SAID.items():
        print(f"{verb} {getattr(report, name)} {text}")
    if report.foreign_store:
        print("the store belongs to another database: what nothing here refers to was left in it")
    if report.failed:
        print(f"{report.failed} could not be removed; the next clean-up tries again")
    return 1 if report.failed else 0


def _age(text: str | None) -> float | None:
    try:
        return None if text is None else seconds(text)
    except ValueError as error:
        raise OperatorError(f"{text!r}: {error}") from error
