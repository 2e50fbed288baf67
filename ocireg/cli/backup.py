"""``ocireg backup``, ``restore`` and ``rebuild``: snapshots of the database, and what to do when it is lost."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from tqdm import tqdm

from ocireg import recovery
from ocireg.cli import output
from ocireg.cli.table import JSON, Argument, Command
from ocireg.cli.times import time_of
from ocireg.config import Loaded
from ocireg.errors import OperatorError
from ocireg.registry.backups import Rebuilt, Snapshot

_HEAD = ("snapshot", "taken (UTC)", "why", "migration", "size", "in the store", "manifests")


def _backup(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Take a snapshot; 1 if another process was at it all the time."""
    done = recovery.back_up(loaded.settings)
    if arguments.json:
        output.document({"snapshot": _shown(done.snapshot) if done.snapshot else None, **done.report()})
    else:
        output.said(str(done))
    return 0 if done.snapshot else 1


def _restore(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Put a snapshot in the place of the database, or list those that there are."""
    if arguments.list:
        _list(loaded, as_json=arguments.json)
        return 0
    if arguments.snapshot and arguments.before:
        raise OperatorError("--snapshot names one, and --before another")
    before = time_of("--before", arguments.before)
    done = recovery.restore(loaded.settings, arguments.snapshot or "", before, replace=arguments.replace)
    replaced = str(done.replaced) if done.replaced else None
    if arguments.json:
        output.document({**_shown(done.snapshot), "database": str(done.database), "replaced": replaced})
        return 0
    output.said(f"{done.database} is the snapshot {done.snapshot.name}, of {output.moment(done.snapshot.taken_at)} UTC")
    if replaced:
        output.said(f"what was there is {replaced}")
    output.said("now run: ocireg rebuild. Until that has ended nothing is collected, nor removed from the store")
    return 0


def _list(loaded: Loaded, *, as_json: bool) -> None:
    owner, found = recovery.snapshots(loaded.settings)
    if as_json:
        output.document({"installation": owner, "snapshots": [_shown(one) for one in found]})
        return
    rows = [
        (
            one.name + ("" if one.installation == owner else " (of another installation)"),
            output.moment(one.taken_at),
            one.reason,
            one.migration,
            f"{one.size:,}",
            f"{one.stored:,}",
            f"{one.manifests:,}",
        )
        for one in found
    ]
    output.table(_HEAD, rows)


def _shown(one: Snapshot) -> dict[str, Any]:
    return {"name": one.name, **asdict(one)}


def _rebuild(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Take in what the store has; 1 if manifests name what is not there, or another process was at it."""
    with _progress(silent=arguments.json) as told:
        done = recovery.rebuild(loaded.settings, told, dry_run=arguments.dry_run, adopt=arguments.adopt)
    if arguments.json:
        output.document({"dry_run": arguments.dry_run, **asdict(done)})
    elif done.busy:
        output.said("another process is at it")
    else:
        _print(done, dry_run=arguments.dry_run)
    return 1 if done.busy or done.incomplete or done.homeless else 0


@contextmanager
def _progress(*, silent: bool) -> Iterator[Callable[[str, int], None]]:
    """Show on a terminal how far it is: manifests, then bytes of blobs."""
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, leave=False, disable=True if silent else None) as bar:
        count = 0

        def told(what: str, size: int) -> None:
            nonlocal count
            if what == "manifests":
                count += 1
                bar.set_description_str(f"{count} manifests", refresh=False)
            bar.update(size)

        yield told


def _print(done: Rebuilt, *, dry_run: bool) -> None:
    if dry_run:
        output.said(
            f"would take in {done.manifests} manifests, and read {done.hashed} objects that may be blobs of theirs"
        )
    else:
        output.said(f"took in {done.manifests} manifests; {done.tags} tags point at them now")
        output.said(
            f"found {done.blobs} blobs of theirs, in {done.hashed} objects of {done.size:,} bytes that were read"
        )
    for count, text in (
        (done.stored, "manifests were stored anew from the database: their objects are gone"),
        (done.lost, "blobs are marked as lost: their objects are gone, and a push heals them"),
        (done.unreadable, "objects among the manifests are none; the clean-up removes them"),
        (done.homeless, "manifests are of a name that an organization claims and no registry can have: left out"),
        (done.incomplete, "manifests name what is not there: push them again"),
    ):
        if count:
            output.said(f"{count} {text}")
    if done.homeless:
        output.said("nothing is collected until that organization, or their objects, are gone, and this has run again")


BACKUP = Command(
    _backup,
    "Take a snapshot of the database now, and put it into the store. Safe while serving.",
    "The service does so by itself, every backup_interval, and a new version before it applies migrations. Older ones "
    "go as backup_keep says.",
    arguments=(JSON,),
    examples=(("ocireg backup", "before something that may have to be undone"),),
)
RESTORE = Command(
    _restore,
    "Put a snapshot in the place of a database that is lost or damaged.",
    "The registry must be stopped. Of the data folder nothing need be left: what is needed is the store "
    "(--storage, OCIREG_STORAGE). ocireg rebuild comes next; docs/recovery.rst has the whole way.",
    arguments=(
        Argument("--list", "list the snapshots in the store, and do nothing"),
        Argument("--snapshot", "this one, and not the newest", "NAME"),
        Argument("--before", "the newest before that: a time ago, as 2h, or ISO 8601, of UTC if unsaid", "TIME"),
        Argument("--replace", "give a database that is there another name, and take its place"),
        JSON,
    ),
    examples=(
        ("ocireg restore --list", "what there is"),
        ("ocireg restore", "the newest one, where the database is gone"),
        ("ocireg restore --replace --before 2h", "what was known two hours ago"),
    ),
)
REBUILD = Command(
    _rebuild,
    "Take in what the store has and the database does not know: after ocireg restore, or from nothing.",
    "Manifests say themselves where they were pushed, when and with which tags; blobs of theirs are found by reading "
    "what nobody knows. May be cut off, and repeated, also while serving. Exit status 1: something that manifests name "
    "is not there.",
    arguments=(
        Argument("--dry-run", "say what would be taken in, and change nothing"),
        Argument("--adopt", "make a store that belongs to another database, which is lost, this one's"),
        JSON,
    ),
    examples=(
        ("ocireg rebuild", "after ocireg restore"),
        ("ocireg rebuild --adopt", "after ocireg init, where there is no snapshot either"),
    ),
)
