"""``ocireg gc``: a clean-up, now."""

import argparse
import json
from dataclasses import asdict

from ocireg import app
from ocireg.cli.table import JSON, Argument
from ocireg.config import Loaded
from ocireg.config.sources import shown_store
from ocireg.config.values import seconds
from ocireg.errors import OperatorError

ARGUMENTS = (
    Argument("--dry-run", "count, and remove nothing"),
    Argument("--uploads", "end upload sessions begun so long ago, as 2h, expired or not", "AGE"),
    Argument("--grace", "take left-overs from this age on, in place of orphan_grace", "AGE"),
    JSON,
)


def gc(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Clean up; 1 if something could not be removed."""
    settings = loaded.settings
    report = app.clean_up(
        settings,
        expiry=_age("--uploads", arguments.uploads),
        grace=_age("--grace", arguments.grace),
        dry_run=arguments.dry_run,
    )
    where = {"database": str(settings.database_path), "storage": shown_store(settings)}
    if arguments.json:
        print(json.dumps({**where, "dry_run": arguments.dry_run, **asdict(report)}))
        return 1 if report.failed else 0
    print(f"{where['database']}, {where['storage']}:")
    verb = "would remove" if arguments.dry_run else "removed"
    for text in report.counted():
        print(f"{verb} {text}")
    if arguments.uploads is not None:
        print(f"(sessions begun {arguments.uploads} ago or earlier count as expired)")
    if report.foreign_store:
        print("the store is not marked as this database's: what nothing here refers to was left in it")
    if report.failed:
        print(f"{report.failed} could not be removed; the next clean-up tries again")
    return 1 if report.failed else 0


def _age(flag: str, text: str | None) -> float | None:
    try:
        return None if text is None else seconds(text)
    except ValueError as error:
        raise OperatorError(f"{flag} {text!r}: {error}") from error
