"""``ocireg audit``: who did what, when and from where."""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ocireg.cli.table import Argument
from ocireg.cli.times import time_of
from ocireg.config import Loaded
from ocireg.config.values import count
from ocireg.errors import OperatorError
from ocireg.installation import open_database
from ocireg.metadata import audit
from ocireg.metadata.actions import ACTIONS
from ocireg.metadata.audit import StoredEvent
from ocireg.metadata.database import Database
from ocireg.metadata.printable import printable

PAGE = 500
"""Events that are read, and held, at once."""
POLL = 1.0
"""Seconds between looks for what is new."""
FILTERS = ("action", "actor", "repository", "organization")
ARGUMENTS = (
    Argument("--action", "events of this action alone, as manifest.push", "ACTION"),
    Argument("--actor", "what this one did", "NAME"),
    Argument("--repository", "what was done to this repository", "NAME"),
    Argument("--organization", "what was done to this organization and what it has", "NAME"),
    Argument("--since", "from then on: a time ago, as 2h, or ISO 8601, of UTC if unsaid", "TIME"),
    Argument("--until", "up to then; likewise", "TIME"),
    Argument("--limit", "so many at most, 100 if unsaid; 0: every one", "N", default="100"),
    Argument("--follow", "oldest first, and then what comes, until interrupted"),
    Argument("--json", "print JSON, an event a line"),
)
_HEAD = ("time (UTC)", "action", "outcome", "actor", "credential", "address", "about")
_LAYOUT = "{:19}  {:21}  {:7}  {:16}  {:26}  {:15}  {}"


def run_audit(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Print events, the newest first."""
    limit = _count("--limit", arguments.limit)
    since, until = time_of("--since", arguments.since), time_of("--until", arguments.until)
    if arguments.follow and (until is not None or limit > PAGE):
        raise OperatorError(f"--follow goes with no --until, and with a --limit of {PAGE} at most")
    if arguments.action is not None and arguments.action not in ACTIONS:
        raise OperatorError(f"--action {arguments.action!r}: there is none; docs/audit.rst lists them")
    database = open_database(loaded.settings)
    wanted: dict[str, Any] = {name: value for name in FILTERS if (value := getattr(arguments, name)) is not None}
    try:
        if arguments.follow:
            _follow(database, limit or PAGE, since, wanted, as_json=arguments.json)
        else:
            _show(_newest_first(database, limit, since=since, until=until, **wanted), as_json=arguments.json)
    finally:
        database.close()
    return 0


def _newest_first(database: Database, limit: int, **wanted: Any) -> Iterator[StoredEvent]:
    """Yield up to ``limit`` events (of 0: all), read a page at a time."""
    left, before = limit, None
    while found := audit.page(database, before=before, limit=min(left, PAGE) if limit else PAGE, **wanted):
        yield from found
        left, before = left - len(found), found[-1].id
        if limit and not left:
            return


def _follow(database: Database, limit: int, since: float | None, wanted: dict[str, Any], *, as_json: bool) -> None:
    """Print the last events and then what is written, in the order of being written, until interrupted."""
    try:
        last = audit.newest(database)
        begun = audit.page(database, before=None, limit=limit, since=since, **wanted)
        _show((one for one in reversed(begun) if one.id <= last), as_json=as_json)
        while True:
            now = audit.newest(database)
            while found := audit.following(database, after=last, limit=PAGE, **wanted):
                _show(found, as_json=as_json, head=False)
                last = found[-1].id
            last = max(last, now)  # so that what nobody wants is not read again
            time.sleep(POLL)
    except KeyboardInterrupt:
        return


def _show(events: Iterable[StoredEvent], *, as_json: bool, head: bool = True) -> None:
    if head and not as_json:
        print(_LAYOUT.format(*_HEAD), flush=True)
    for one in events:
        print(json.dumps(asdict(one)) if as_json else _line(one), flush=True)


def _line(event: StoredEvent) -> str:
    """Return an event for people. The database may hold what was not written by this program: it is cleaned again."""
    when = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    where = event.repository or event.registry or event.organization
    detail = json.dumps(event.detail, ensure_ascii=False) if event.detail else None
    about = " ".join(printable(one) for one in (where, event.subject, detail) if one)
    shown = (event.action, event.outcome, event.actor, event.credential.partition(" (")[0], event.address)
    return _LAYOUT.format(when, *map(printable, shown), about).rstrip()


def _count(flag: str, text: str) -> int:
    try:
        return count(text)
    except ValueError as error:
        raise OperatorError(f"{flag} {text!r}: {error}") from error
