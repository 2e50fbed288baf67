"""``ocireg gc``: garbage collection and a clean-up, now."""

import argparse
import json
from dataclasses import asdict

from ocireg import app
from ocireg.cli import output
from ocireg.cli.table import JSON, Argument
from ocireg.config import Loaded
from ocireg.config.sources import shown_store
from ocireg.config.values import seconds
from ocireg.errors import OperatorError
from ocireg.registry.collection import NAMED, Collection
from ocireg.registry.sweep import Report

ARGUMENTS = (
    Argument("--dry-run", "say what would go, and remove nothing"),
    Argument("--now", "collect what was deleted without gc_grace; protection and untagged_retention hold"),
    Argument("--uploads", "end upload sessions begun so long ago, as 2h, expired or not", "AGE"),
    Argument("--grace", "take left-overs and bytes from this age on, in place of orphan_grace", "AGE"),
    JSON,
)


def gc(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Collect garbage and clean up; 1 if something could not be removed."""
    settings = loaded.settings
    collection, report = app.clean_up(
        settings,
        expiry=_age("--uploads", arguments.uploads),
        grace=_age("--grace", arguments.grace),
        now=arguments.now,
        dry_run=arguments.dry_run,
    )
    where = {"database": str(settings.database_path), "storage": shown_store(settings)}
    if arguments.json:
        collected = asdict(collection)
        print(json.dumps({**where, "dry_run": arguments.dry_run, **asdict(report), "collection": collected}))
        return 1 if report.failed else 0
    print(f"{where['database']}, {where['storage']}:")
    _print_collection(collection, dry_run=arguments.dry_run)
    _print_report(report, arguments)
    return 1 if report.failed else 0


def _print_collection(done: Collection, *, dry_run: bool) -> None:
    if done.held:
        print("the database may not know all that was pushed: nothing is collected before ocireg rebuild has run")
    if done.busy:
        print("another process collects garbage now")
    verb = "would collect" if dry_run else "collected"
    print(f"{verb} {done.manifests} manifests that nothing keeps")
    print(f"{verb} {done.links} blobs of repositories, {done.blobs} of which no repository has now")
    print(f"({done.size:,} bytes; {done.kept} of {done.reviewed} that were looked at are kept)")
    if dry_run and done.named:
        rows = [(one.repository, one.digest, one.reason, output.moment(one.since)) for one in done.named]
        output.table(("repository", "manifest", "reason", "since (UTC)"), rows)
    if done.cut or (dry_run and done.manifests > NAMED):
        print("(there is more: a trial ends after some seconds)" if done.cut else f"(the first {NAMED} are shown)")


def _print_report(report: Report, arguments: argparse.Namespace) -> None:
    verb = "would remove" if arguments.dry_run else "removed"
    for text in report.counted():
        print(f"{verb} {text}")
    if arguments.uploads is not None:
        print(f"(sessions begun {arguments.uploads} ago or earlier count as expired)")
    if report.foreign_store:
        print("the store is not marked as this database's: what nothing here refers to was left in it")
    if report.held:
        print("likewise no bytes go, and no left-overs")
    if report.failed:
        print(f"{report.failed} could not be removed; the next clean-up tries again")


def _age(flag: str, text: str | None) -> float | None:
    try:
        return None if text is None else seconds(text)
    except ValueError as error:
        raise OperatorError(f"{flag} {text!r}: {error}") from error
