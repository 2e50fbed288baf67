"""Rules of registries that say which tags are immutable."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocireg.auth.manage.changes import Changes
from ocireg.auth.manage.errors import Conflict, Invalid, Unknown
from ocireg.auth.manage.registries import Registries
from ocireg.metadata import immutable_rules
from ocireg.metadata.audit import Author
from ocireg.metadata.immutable_rules import BoundTag, Rule
from ocireg.metadata.registries import StoredRegistry

MOST_RULES = 20
"""Rules of a registry."""
MOST_GLOBS = 10
"""Globs of one kind that a rule has."""
LONGEST_TAG_GLOB, LONGEST_REPOSITORY_GLOB = 128, 255
"""Characters, as many as what they match."""
LOOKED_AT = 2000
"""Tags of a registry that are looked at for a preview."""

TAG_GLOB, REPOSITORY_GLOB = r"^[a-zA-Z0-9_.*?-]+$", r"^[a-z0-9_./*?-]+$"


@dataclass(frozen=True, slots=True)
class Preview:
    """Tags that rules bind, of those that were looked at; ``cut``: the registry has more than ``LOOKED_AT``."""

    tags: list[BoundTag]
    cut: bool

    def of(self, rule: Rule) -> list[BoundTag]:
        """Return those that a rule binds, and none before it."""
        return [one for one in self.tags if one.rule.id == rule.id]


class ImmutableTags:
    """The use-cases of these rules. A path is ``organization/registry``, or ``root``."""

    def __init__(self, changes: Changes, registries: Registries) -> None:
        self._changes = changes
        self._database = changes.database
        self._registries = registries

    def rules(self, path: str) -> list[Rule]:
        """Return the rules of a registry, the oldest first. ``Unknown``."""
        return immutable_rules.of_registry(self._database, self._registries.get(path).id)

    def add(self, by: Author, path: str, rule: Rule) -> Rule:
        """Let a registry have one more rule, which binds tags that are there at once. ``Conflict``, ``Invalid``.

        ``Unknown``.
        """
        checked = _checked(rule)
        with self._changes.by(by) as record:
            found = self._registries.get(path)
            present = immutable_rules.of_registry(self._database, found.id)
            if len(present) >= MOST_RULES:
                raise Conflict("rules", f"{path} has {MOST_RULES} rules, and none has more")
            if any(replace(one, id="", created_at=0.0) == checked for one in present):
                raise Conflict("tags", f"{path} has this rule already")
            made = immutable_rules.add(self._database, found.id, checked)
            record("immutable.add", registry=path, organization=_owner(found), subject=made.id, detail=_told(made))
        return made

    def remove(self, by: Author, path: str, identifier: str) -> Rule:
        """Take a rule away, and return it; the tags that it alone bound are free. ``Unknown``."""
        with self._changes.by(by) as record:
            found = self._registries.get(path)
            gone = immutable_rules.remove(self._database, found.id, identifier)
            if gone is None:
                raise Unknown("rule", f"{path} has no rule {identifier!r}")
            record("immutable.remove", registry=path, organization=_owner(found), subject=gone.id, detail=_told(gone))
        return gone

    def preview(self, path: str, rules: Sequence[Rule]) -> Preview:
        """Return which tags of a registry rules bind that it may not have yet. ``Invalid``, ``Unknown``."""
        checked = [_checked(one) for one in rules]
        found = self._registries.get(path)
        return Preview(*immutable_rules.bound(self._database, found.id, found.path, checked, LOOKED_AT))


def _checked(rule: Rule) -> Rule:
    """Return a rule with globs that are such, each once, and at least one for tags. ``Invalid``."""
    tags = _globs("tags", rule.tags, TAG_GLOB, LONGEST_TAG_GLOB)
    if not tags:
        raise Invalid("tags", "tags has at least one glob, as v*; * is all tags")
    repositories = _globs("repositories", rule.repositories, REPOSITORY_GLOB, LONGEST_REPOSITORY_GLOB)
    exceptions = _globs("exceptions", rule.exceptions, TAG_GLOB, LONGEST_TAG_GLOB)
    return replace(rule, tags=tags, repositories=repositories, exceptions=exceptions)


def _globs(field: str, texts: Sequence[str], pattern: str, longest: int) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(texts))
    if len(found) > MOST_GLOBS:
        raise Invalid(field, f"{field} has at most {MOST_GLOBS} globs")
    for one in found:
        if len(one) > longest or not re.fullmatch(pattern, one):
            raise Invalid(field, f"{one[:longest]!r} is no glob for {field}: what these are made of, with * and ?")
    return found


def _told(rule: Rule) -> dict[str, object]:
    """Return a rule as the audit log has it."""
    return {
        "tags": " ".join(rule.tags),
        "repositories": " ".join(rule.repositories),
        "exceptions": " ".join(rule.exceptions),
        "fallback_tags": rule.fallback_tags,
    }


def _owner(registry: StoredRegistry) -> str | None:
    return registry.organization_slug or None
