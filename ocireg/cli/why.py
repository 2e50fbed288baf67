"""``ocireg why``: what keeps a manifest or a blob, or when it goes."""

import argparse
import time
from collections.abc import Iterator
from dataclasses import asdict

from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command
from ocireg.config import Loaded
from ocireg.errors import OperatorError
from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidDigest
from ocireg.registry.registry import why_of
from ocireg.registry.why import Reason, Why

_REASONS = {
    "untagged": "it has no tag since, or was used last",
    "deleted": "its last tag was deleted, or what named it",
    "followed": "its subject went",
    "pushed": "it was pushed, and no manifest names it",
    "released": "no manifest names it any more",
}


def _why(loaded: Loaded, arguments: argparse.Namespace) -> int:
    try:
        digest = Digest.parse(arguments.digest)
    except InvalidDigest as error:
        raise OperatorError(f"{arguments.digest!r} is no digest: {error}") from None
    with session(loaded, arguments) as at:
        found = list(_every(why_of(at.database, at.settings), digest))
    if arguments.json:
        output.document([asdict(one) for one in found])
    elif found:
        for one in found:
            _print(one)
    else:
        output.said(f"no repository has {digest}")
    return 0 if found else 1


def _every(why: Why, digest: Digest) -> Iterator[Reason]:
    page = why.ask(digest)
    while page:
        yield from page
        page = why.ask(digest, after=page[-1].repository)


def _print(one: Reason) -> None:
    output.said(f"{one.kind} of {one.repository}: {_fate(one)}")
    for link in one.chain:
        how = {"part": "named by ", "subject": "refers to "}.get(link.how, "")
        if how or one.kind == "blob":
            output.said(f"  {how}{link.digest}")
    if one.tag is not None:
        output.said(f"  tag {one.tag}")
    if one.reason is not None:
        output.said(f"  {one.reason} since {output.moment(one.since)} UTC: {_REASONS[one.reason]}")
    if one.protected_until is not None:
        output.said(f"  protected until {output.moment(one.protected_until)} UTC: a client may be pushing")


def _fate(one: Reason) -> str:
    if one.kept:
        return "kept"
    if one.goes_at is None:
        return "stays, since untagged_retention is 0"
    when = "with the next collection" if one.goes_at <= time.time() else f"at {output.moment(one.goes_at)} UTC"
    return f"goes {when}, its bytes at {output.moment(one.bytes_at)} UTC"


COMMAND = Command(
    _why,
    "Say what keeps a manifest or a blob, in each repository that has it, or when it goes.",
    "Exit status 1: no repository has it. What is kept only as long as something else has the reason of that.",
    arguments=(Argument("digest", "the digest, as sha256:0123..."), JSON),
    examples=(
        (
            "ocireg why sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "tags, indexes and subjects that lead to it, or since when it is condemned",
        ),
    ),
)
