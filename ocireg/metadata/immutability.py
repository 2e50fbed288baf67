"""What an immutable tag keeps from being done: the one place that decides.

Whatever moves or deletes a tag, or takes away what it leads to, asks here in its own transaction: the functions of
``tags``, ``manifests``, ``blobs`` and ``repositories`` do, whoever calls them. Why so is in
``docs/decisions/immutable-tags.rst``.
"""

from collections.abc import Iterable

from ocireg.errors import DENIED, RegistryError
from ocireg.metadata import immutable_rules
from ocireg.metadata.database import Database
from ocireg.metadata.immutable_rules import Rule

_ELSEWHERE = """
SELECT 1 FROM repository r CROSS JOIN tag t CROSS JOIN manifest m
WHERE r.name = ? AND t.repository_id = r.id AND t.name = ? AND m.id = t.manifest_id AND m.digest <> ?
"""
_NAMES = "SELECT name FROM tag WHERE repository_id = ? AND name > ? ORDER BY name LIMIT ?"
_LEADING = """
WITH RECURSIVE above(id, digest) AS (
    SELECT m.id, m.digest FROM manifest m WHERE m.repository_id = ? AND m.digest = ?
    UNION
    SELECT m.id, m.digest FROM manifest_reference e CROSS JOIN manifest m
    WHERE e.repository_id = ? AND e.digest = ? AND m.id = e.manifest_id
    UNION
    SELECT m.id, m.digest FROM above CROSS JOIN manifest_reference e CROSS JOIN manifest m
    WHERE e.repository_id = ? AND e.digest = above.digest AND m.id = e.manifest_id)
SELECT DISTINCT t.name FROM above CROSS JOIN tag t WHERE t.manifest_id = above.id ORDER BY t.name
"""
_NAME = "SELECT name FROM repository WHERE id = ?"
AT_ONCE = 1000
"""Tags that are read at once."""

Found = tuple[str, Rule]
"""An immutable tag, and the rule that makes it so."""


class Immutable(RegistryError):  # noqa: N818 - an answer, not a failure of ours
    """DENIED, since a tag is immutable; the message names it and the rule."""

    def __init__(self, repository: str, found: Found, what: str) -> None:
        tag, rule = found
        detail = {"repository": repository, "tag": tag, "rule": rule.id}
        super().__init__(DENIED, f"the tag {tag} of {repository} is immutable (rule: {rule}): {what}", detail=detail)


def among(database: Database, repository: int | str, names: Iterable[str]) -> dict[str, Rule]:
    """Return which of these tags of a repository, by its row or name, are immutable while they are there, and why."""
    matcher = immutable_rules.matcher(database, repository)
    if matcher is None:
        return {}
    return {name: rule for name in names if (rule := matcher.rule_of(name)) is not None}


def first(database: Database, repository: int) -> Found | None:
    """Return the first immutable tag of a repository."""
    matcher, after = immutable_rules.matcher(database, repository), ""
    while matcher is not None:
        names = [row[0] for row in database.fetch_all(_NAMES, repository, after, AT_ONCE)]
        for name in names:
            if rule := matcher.rule_of(name):
                return name, rule
        if len(names) < AT_ONCE:
            break
        after = names[-1]
    return None


def leading(database: Database, repository: int, digest: str) -> Found | None:
    """Return an immutable tag that leads to a manifest or a blob of a repository, by itself or by what names it."""
    matcher = immutable_rules.matcher(database, repository)
    if matcher is None:
        return None
    for row in database.fetch_all(_LEADING, repository, digest, repository, digest, repository):
        if rule := matcher.rule_of(row[0]):
            return row[0], rule
    return None


def require_changeable(database: Database, repository: int, names: Iterable[str], what: str) -> None:
    """Let tags that are there be moved or deleted, in the transaction that does it. ``Immutable``.

    ``what`` cannot be done, where it cannot, in words.
    """
    for found in among(database, repository, names).items():
        raise Immutable(_name(database, repository), found, what)


def require_free(database: Database, repository: str, names: Iterable[str], digest: str) -> None:
    """Let tags be pushed: none of them is immutable and points at another digest. ``Immutable``.

    This spares work; the transaction that moves them asks once more.
    """
    for name, rule in among(database, repository, names).items():
        if database.fetch(_ELSEWHERE, repository, name, digest):
            raise Immutable(repository, (name, rule), MOVED)


def require_losable(database: Database, repository: int, digest: str) -> None:
    """Let a manifest or a blob go: no immutable tag leads to it. ``Immutable``. Inside the transaction."""
    if found := leading(database, repository, digest):
        raise Immutable(_name(database, repository), found, f"what it leads to cannot be deleted, as {digest}")


def require_leavable(database: Database, repository: int, what: str) -> None:
    """Let all tags of a repository go, or be called otherwise. ``Immutable``. Inside the transaction."""
    if found := first(database, repository):
        raise Immutable(_name(database, repository), found, what)


MOVED, DELETED = "it cannot point at anything else", "it cannot be deleted"


def _name(database: Database, repository: int) -> str:
    found = database.fetch(_NAME, repository)
    return str(found[0]) if found else ""
