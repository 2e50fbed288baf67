"""The pages of documentation that are made from tables: ``python -m ocireg.cli.documentation docs``."""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ocireg.cli import reference
from ocireg.config.settings import TABLE
from ocireg.errors import CODES
from ocireg.metadata.actions import ACTIONS
from ocireg.web.v2.endpoints import ENDPOINTS, RESOURCES

_CONFIGURATION = """\
Every setting has four homes, each above the one before: its default, a key of a TOML file (``--config FILE`` or
``OCIREG_CONFIG``), an environment variable, a flag. ``ocireg config`` prints what is in force, and whence; a misspelt
name, a wrong type or an unusable value is an error that names it. ``conf/ocireg.toml`` is a file to start from.

Sizes are bytes, or carry a unit: ``512MiB``, ``1TB``. Durations are seconds, or carry one: ``90s``, ``15m``, ``24h``,
``7d``. In TOML both are numbers or strings. ``sqlite:///rel.db`` is the file ``/rel.db``: three slashes begin a whole
path; ``sqlite:rel.db`` is relative to where the program was started.

Two variables of platforms are read as well: ``PORT`` means ``OCIREG_BIND=0.0.0.0:$PORT``, and ``DATABASE_URL`` means
``OCIREG_DATABASE``.
"""
_AUDIT = """\
Who did what, when and from where. ``ocireg audit`` prints it; ``--json`` has every field of an event on a line:

``id``, ``at``
    Its number, which grows and is never used twice, and its time (seconds since the epoch, UTC).
``action``, ``outcome``
    What was done, as below, and ``ok`` or why not.
``actor``, ``credential``, ``address``, ``agent``
    Who did it, what they showed for it (the name of a token, never a secret), from where, and the user agent.
``organization``, ``registry``, ``repository``, ``subject``
    What it was done to, by name: the names stay when what they name is deleted. ``null`` where there is none.
``detail``
    An object with more, of at most 2 KiB.

Texts have at most 300 characters (user agents 200), and none that cannot be printed.

A change and its event are one transaction: there is neither without the other. Logins and pulls are written by each
worker within a second, or 500 at once: a worker that is killed loses those, a stop loses none. Where more of them come
than can be written the oldest are dropped, and ``audit.lost`` says how many. Pulls are written where
``OCIREG_AUDIT_PULLS`` is set. Events go when they are older than ``OCIREG_AUDIT_RETENTION``.
"""
_CONFORMANCE = """\
What the OCI distribution specification 1.1 and its coming version ask for, and Docker's catalog. The table is the one
that routes requests, and the one that the tests of the protocol go through.

Where there are accounts (``OCIREG_OPEN`` is not set), any of them may also answer 401 with a challenge (log in, or get
a token with that scope), 403 to a secret that does not suffice, and 429 to whoever failed too often. See
``docs/access.rst``.
"""
_ERRORS = """\
Every error below ``/v2/`` is JSON: ``{"errors": [{"code": …, "message": …, "detail": …}]}``. The message says more
where more is known; the log says the rest. ``Retry-After`` comes with 429, and with 503 where trying again helps.
"""
_SUITES = """\
The suites
----------

``.ci/run`` runs the specification's own suite (the Go program of its main branch) and reads its report:

- version ``dev``, with sparse manifests (``OCIREG_SPARSE=true``): 1,032 tests, no failure, no skip;
- version ``dev``, as installed: 986 tests, no failure, no skip; sparse manifests are refused, as a registry may;
- versions ``1.1`` and ``1.0``: 908 and 904 tests, no failure.

The suite logs in, and shows access tokens; it passes alike where everything is open (``OCIREG_OPEN=true``).

The older suite (tag v1.1.1): 79 specifications, 74 passed and none failed; the five that it skips are alternatives
of steps that passed.

With redirects
--------------

A blob that the store itself serves (307, see ``docs/storage.rst``) comes without ``Docker-Content-Digest``: a bucket
cannot send that header. The redirect carries it, as HEAD does, but the suite looks at the last answer. So its check of
that header is off where it runs with ``OCIREG_REDIRECT=always`` (``OCI_API_BLOBS_DIGEST_HEADER=false``; version
``dev``, sparse manifests: 1,032 tests, no failure, no skip). With ``OCIREG_REDIRECT=never`` it is on, as above.
"""


def configuration() -> str:
    """Return the page of settings."""
    parts = [_title("Configuration"), _CONFIGURATION]
    for row in TABLE:
        default = f"``{row.default}``" if row.default else "none"
        unit = f" Unit: {row.unit}." if row.unit else ""
        parts.append(f"``{row.flag}``, ``{row.variable}``\n    {row.doc}{unit} Default: {default}.\n")
    return "\n".join(parts)


def audit() -> str:
    """Return the page of the audit log."""
    return "\n".join([_title("Audit log"), _AUDIT, _table(("action", "what it means"), ACTIONS.items(), literal=1)])


def conformance() -> str:
    """Return the page of end-points."""
    paths = {one.name: one.path for one in RESOURCES}
    rows = [
        (
            row.clause,
            f"{row.method} {paths[row.resource]}{'?' + row.query if row.query else ''}",
            ", ".join(map(str, row.success)),
            ", ".join(map(str, row.failure)) or "none",
            row.summary,
        )
        for row in ENDPOINTS
    ]
    table = _table(("clause", "request", "success", "failure", "what it does"), rows)
    return "\n".join([_title("Conformance"), _CONFORMANCE, table, _SUITES])


def errors() -> str:
    """Return the page of errors."""
    rows = [(row.code, str(row.status), row.message, row.clause) for row in CODES]
    return "\n".join([_title("Errors"), _ERRORS, _table(("code", "status", "message", "clause"), rows)])


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, literal: int = 2) -> str:
    """Return a table of reStructuredText, whose first columns are literal."""
    every = [head, *([f"``{cell}``" if place < literal else cell for place, cell in enumerate(row)] for row in rows)]
    widths = [max(len(row[place]) for row in every) for place in range(len(head))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule, ""])


PAGES: dict[str, Callable[[], str]] = {
    "audit.rst": audit,
    "commands.rst": reference.page,
    "configuration.rst": configuration,
    "conformance.rst": conformance,
    "errors.rst": errors,
}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (Path(sys.argv[1]) / name).write_text(make(), encoding="utf-8")
