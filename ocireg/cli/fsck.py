"""``ocireg fsck``: whether the store has what the database says, and nothing else."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from ocireg import app
from ocireg.cli import output
from ocireg.cli.table import JSON, Argument, Command
from ocireg.config import Loaded
from ocireg.config.sources import shown_store
from ocireg.errors import OperatorError
from ocireg.registry.check import Fault, Report
from ocireg.registry.check.faults import NAMED, Progress

Told = Callable[[Progress], None]


def _fsck(loaded: Loaded, arguments: argparse.Namespace) -> int:
    check = app.open_check(loaded.settings, repair=arguments.repair)
    report = Report()
    interrupted = False
    try:
        with _bar(shown=not arguments.json and sys.stderr.isatty()) as told:
            check.run(
                digests=arguments.digests,
                repair=arguments.repair,
                repository=arguments.repository or "",
                patience=app.PATIENCE,
                report=report,
                told=told,
            )
    except KeyboardInterrupt:
        interrupted = True
    if report.busy:
        raise OperatorError("another process checks now; its report will be on the page /admin/check")
    if arguments.json:
        where = {"database": str(loaded.settings.database_path), "storage": shown_store(loaded.settings)}
        output.document({**where, **report.as_json()})
    else:
        _print(report, interrupted=interrupted)
    if interrupted:
        return 130
    return 1 if report.left else 0


@contextmanager
def _bar(*, shown: bool) -> Iterator[Told]:
    """Show how far it is: of bytes where they are read again, else of objects."""
    tqdm.monitor_interval = 0  # no thread of its own
    with tqdm(disable=not shown, leave=False, dynamic_ncols=True) as bar:

        def told(now: Progress) -> None:
            if bar.disable:
                return
            by_size = bool(now.total_size)
            if by_size:
                bar.unit, bar.unit_scale, bar.unit_divisor = "B", True, 1024
            bar.total = now.total_size if by_size else now.total
            bar.set_description(f"{now.stage}, {now.done:,} of {now.total:,}", refresh=False)
            bar.update((now.size if by_size else now.done) - bar.n)

        yield told
        bar.refresh()


def _print(report: Report, *, interrupted: bool) -> None:
    for one in report.faults:
        output.said(_line(one))
        if one.repositories:
            output.said(f"    in {', '.join(one.repositories)}")
    told = sum(report.counts.values())
    if told > NAMED:
        output.said(f"({told:,} faults, of which the first {NAMED} are shown)")
    if report.foreign:
        output.said("the store is not marked as this database's: nothing was repaired, and nothing taken for an orphan")
    read = f", {report.size:,} bytes read again" if report.digests else ""
    output.said(f"{report.manifests:,} manifests and {report.blobs:,} blobs looked at{read}")
    output.said(_verdict(report, interrupted=interrupted))


def _line(one: Fault) -> str:
    what = " ".join(filter(None, (one.what, one.digest or one.key)))
    sizes = f" ({one.found:,} bytes, not {one.wanted:,})" if one.kind == "wrong_size" and one.found is not None else ""
    done = f"; {one.done}" if one.done else ""
    return f"{one.kind}: {what}: {one.text or one.kind.sentence}{sizes}{done}"


def _verdict(report: Report, *, interrupted: bool) -> str:
    if interrupted:
        return f"interrupted: {report.left:,} faults so far; the rest was not looked at"
    if not report.counts:
        return "nothing is wrong"
    if not report.left:
        return "nothing is wrong any more" if report.repair else "nothing is wrong but left-overs"
    if report.repair:
        return f"{report.left:,} faults are left: what is lost or in quarantine is healed when it is pushed again"
    return f"{report.left:,} faults: --repair mends what it can, and lets the rest be pushed again"


COMMAND = Command(
    _fsck,
    "Check that the store has what the database says, and the other way round. Safe while serving.",
    "Without --digests sizes are compared, and nothing is read but what is lost already. What --repair cannot mend is "
    "set aside: clients are told that it is not there, and the next push of it heals it. Exit status 1: faults are "
    "there, or left.",
    arguments=(
        Argument("--digests", "read every blob and manifest again, and compare its digest"),
        Argument("--repair", "mend what can be mended, and set aside what cannot, until it is pushed again"),
        Argument("--repository", "check what this repository has, and no more", "NAME"),
        JSON,
    ),
    examples=(
        ("ocireg fsck", "what is missing, of another size, or known to nobody"),
        ("ocireg fsck --digests --json", "what has other bytes, too, for a program"),
        ("ocireg fsck --digests --repair", "and have it pushed again"),
    ),
)
