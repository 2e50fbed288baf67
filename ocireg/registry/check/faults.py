"""What a check finds, and what it did about it."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

NAMED = 1000
"""Faults that a report names; the others are counted."""
TOLD = 300
"""Characters of what the system or the store said."""


class Kind(StrEnum):
    """What is wrong, with its sentence."""

    MISSING = "missing"
    WRONG_SIZE = "wrong_size"
    WRONG_DIGEST = "wrong_digest"
    MALFORMED = "malformed"
    UNREADABLE = "unreadable"
    COPY = "copy"
    RECOVERED = "recovered"
    ORPHAN = "orphan"
    MISCOUNTED = "miscounted"
    DATABASE = "database"

    @property
    def sentence(self) -> str:
        """What it means."""
        return SENTENCES[self]


SENTENCES = {
    Kind.MISSING: "the store does not have the object",
    Kind.WRONG_SIZE: "the object has another size than was pushed",
    Kind.WRONG_DIGEST: "the bytes of the object are not those that were pushed",
    Kind.MALFORMED: "what stands before the manifest in the store does not tell of it",
    Kind.UNREADABLE: "the store does not give the object",
    Kind.COPY: "the copy in the database is not the manifest that was pushed",
    Kind.RECOVERED: "it is set aside as lost, and the object is sound",
    Kind.ORPHAN: "no row knows it: the next clean-up removes it",
    Kind.MISCOUNTED: "the sums of a repository are not those of what it has",
    Kind.DATABASE: "the database is damaged",
}


class Done(StrEnum):
    """What was done about a fault. After the first two it waits for a push."""

    LOST = "lost"
    QUARANTINED = "quarantined"
    REWRITTEN = "rewritten"
    FILLED = "filled"
    RESTORED = "restored"
    RECOUNTED = "recounted"


MENDED = frozenset({Done.REWRITTEN, Done.FILLED, Done.RESTORED, Done.RECOUNTED})


@dataclass(slots=True)
class Fault:
    """Something that is not as it should be, and where: ``what`` is a blob, a manifest, an object or an upload.

    ``wanted`` and ``found`` are bytes. ``repositories``: the first of those that have it. ``done``: what a repair did,
    or had done before. ``text``: more, where there is more to say.
    """

    kind: Kind
    what: str
    key: str = ""
    digest: str = ""
    wanted: int | None = None
    found: int | None = None
    repositories: list[str] = field(default_factory=list)
    done: Done | None = None
    text: str = ""

    @property
    def is_left(self) -> bool:
        """Say whether it is still wrong. What no row knows harms nothing, and goes by itself."""
        return self.kind is not Kind.ORPHAN and self.done not in MENDED


@dataclass(slots=True)
class Report:
    """What a check looked at, and found. ``size``: bytes that were read again; ``left``: faults that are still there.

    ``busy``: another process checks, and nothing was done. ``foreign``: the store is not marked as this database's, so
    nothing is repaired, and nothing is an orphan. ``whole``: it came to its end.
    """

    digests: bool = False
    repair: bool = False
    repository: str = ""
    blobs: int = 0
    manifests: int = 0
    size: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    left: int = 0
    faults: list[Fault] = field(default_factory=list)
    busy: bool = False
    foreign: bool = False
    whole: bool = False

    def add(self, fault: Fault) -> None:
        """Take note of a fault."""
        self.counts[fault.kind] = self.counts.get(fault.kind, 0) + 1
        self.left += fault.is_left
        if len(self.faults) < NAMED:
            self.faults.append(fault)

    def as_json(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return asdict(self)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __str__(self) -> str:
        found = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items())) or "nothing wrong"
        return f"{found}; {self.left} left; {self.manifests} manifests and {self.blobs} blobs looked at"


@dataclass(slots=True)
class Progress:
    """How far a check is: ``done`` of ``total`` objects, ``size`` of ``total_size`` bytes that are read again."""

    stage: str = "database"
    done: int = 0
    total: int = 0
    size: int = 0
    total_size: int = 0
