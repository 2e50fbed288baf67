"""What keeps what is shown, or when it goes: in words, beside a version and in lists of what no tag leads to."""

from collections.abc import Iterable

from ocireg.metadata.candidates import DELETED, FOLLOWED, UNTAGGED
from ocireg.registry.why import Reason
from ocireg.web.asked import Asked

CONDEMNED = {
    DELETED: "its last tag was deleted, or what it was a part of",
    FOLLOWED: "what it was attached to is gone",
    UNTAGGED: "no tag leads to it",
}
"""Why something goes, by the reason of the collector."""
AT_MOST = 100
"""Digests that one page asks of."""


def of(asked: Asked, digest: str) -> Reason | None:
    """Return what keeps a manifest of the repository of the path, or when it goes."""
    return asked.context.registry.why.manifest(asked.repository, digest)


def of_each(asked: Asked, digests: Iterable[str]) -> dict[str, Reason]:
    """Return that of each, of what is there; each is a walk of its own, so a page asks of few."""
    found = {digest: of(asked, digest) for digest in sorted(set(digests))[:AT_MOST]}
    return {digest: reason for digest, reason in found.items() if reason is not None}


def condemned(reason: Reason) -> str:
    """Return why it goes, in words."""
    return CONDEMNED.get(reason.reason or "", "nothing keeps it")
