"""Rules of registries that say which tags are immutable: kept, listed, and which tags they bind.

``immutability.py`` lets them bind whatever changes a tag.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ocireg.metadata.candidates import SUFFIXES
from ocireg.metadata.database import Database
from ocireg.metadata.immutable_models import ImmutableRule
from ocireg.oci.glob import Globs

_FALLBACK = re.compile(rf"sha(?:256|512)-[a-f0-9]{{64}}(?:{'|'.join(map(re.escape, SUFFIXES))})")


@dataclass(frozen=True, slots=True)
class Rule:
    """What it says: tags that match one of ``tags`` and none of ``exceptions``, in repositories of its registry.

    ``repositories`` match names as they are within the registry; none: all of them. ``fallback_tags``: it binds tags
    that stand for another manifest, too (``sha256-<hex>``, ``.sig``, ``.att``, ``.sbom``), which clients write again.
    """

    tags: tuple[str, ...]
    repositories: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    fallback_tags: bool = False
    id: str = ""
    created_at: float = 0.0

    def __str__(self) -> str:
        found = ", ".join(self.tags)
        if self.repositories:
            found += f" in {', '.join(self.repositories)}"
        return f"{found} except {', '.join(self.exceptions)}" if self.exceptions else found


@dataclass(frozen=True, slots=True)
class Matcher:
    """The rules of a registry, ready to say which tags of one of its repositories they bind.

    ``repository`` is its name within the registry. The time for a tag grows with its length alone.
    """

    rules: Sequence[Rule]
    repository: str
    _tags: Globs = field(init=False, repr=False, compare=False)
    _exceptions: Globs = field(init=False, repr=False, compare=False)
    _places: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _excepted: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        here = [one for one in self.rules if not one.repositories or Globs(one.repositories).matching(self.repository)]
        made = {
            "rules": tuple(here),
            "_tags": Globs([text for one in here for text in one.tags]),
            "_exceptions": Globs([text for one in here for text in one.exceptions]),
            "_places": tuple(place for place, one in enumerate(here) for _ in one.tags),
            "_excepted": tuple(place for place, one in enumerate(here) for _ in one.exceptions),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def rule_of(self, tag: str) -> Rule | None:
        """Return the first rule that binds the tag."""
        matched = self._tags.matching(tag)
        if not matched:
            return None
        excepted = {self._excepted[place] for place in self._exceptions.matching(tag)}
        stands = _FALLBACK.fullmatch(tag) is not None
        for place in dict.fromkeys(self._places[one] for one in matched):
            rule = self.rules[place]
            if place not in excepted and (rule.fallback_tags or not stands):
                return rule
        return None


@dataclass(frozen=True, slots=True)
class BoundTag:
    """A tag that is there, and the rule that binds it."""

    repository: str
    tag: str
    rule: Rule


_COLUMNS = "i.id, i.tags, i.repositories, i.exceptions, i.fallback_tags, i.created_at"
_OF_REGISTRY = f"SELECT {_COLUMNS} FROM immutable_rule i WHERE i.registry_id = ? ORDER BY i.created_at, i.id"  # noqa: S608 - a statement of ours
_OF_REPOSITORY = f"""
SELECT {_COLUMNS}, r.name, g.path FROM repository r CROSS JOIN registry g CROSS JOIN immutable_rule i
WHERE {{which}} = ? AND g.id = r.registry_id AND i.registry_id = g.id ORDER BY i.created_at, i.id
"""  # noqa: S608 - likewise
_TAGS = """
SELECT r.name, t.name FROM repository r CROSS JOIN tag t
WHERE r.registry_id = ? AND t.repository_id = r.id ORDER BY r.name, t.name LIMIT ?
"""


def of_registry(database: Database, registry: int) -> list[Rule]:
    """Return the rules of a registry, the oldest first."""
    return [_rule(row) for row in database.fetch_all(_OF_REGISTRY, registry)]


def matcher(database: Database, repository: int | str) -> Matcher | None:
    """Return what binds the tags of a repository, by its row or name; None where no rule can."""
    which = "r.id" if isinstance(repository, int) else "r.name"
    rows = database.fetch_all(_OF_REPOSITORY.format(which=which), repository)
    if not rows:
        return None
    made = Matcher([_rule(row) for row in rows], _within(rows[0][7], rows[0][6]))
    return made if made.rules else None


def has_any(database: Database, registry: int) -> bool:
    """Say whether a registry has a rule."""
    return database.fetch("SELECT 1 FROM immutable_rule WHERE registry_id = ? LIMIT 1", registry) is not None


def bound(
    database: Database, registry: int, path: str, rules: Sequence[Rule], most: int
) -> tuple[list[BoundTag], bool]:
    """Return which tags of a registry rules bind, of its first ``most`` by name, and whether it has more than these.

    ``path`` is the registry's, "" of the root registry.
    """
    rows = database.fetch_all(_TAGS, registry, most + 1)
    found: list[BoundTag] = []
    here: tuple[str, Matcher] | None = None
    for repository, tag in rows[:most]:
        if here is None or here[0] != repository:
            here = repository, Matcher(rules, _within(path, repository))
        if rule := here[1].rule_of(tag):
            found.append(BoundTag(repository, tag, rule))
    return found, len(rows) > most


def add(database: Database, registry: int, rule: Rule) -> Rule:
    """Keep a rule, under an identifier of its own. Inside a transaction."""
    made = replace(rule, id=secrets.token_hex(8), created_at=database.now())
    texts = {name: _joined(getattr(made, name)) for name in ("tags", "repositories", "exceptions")}
    values = {"id": made.id, "registry": registry, "fallback_tags": made.fallback_tags, "created_at": made.created_at}
    database.run(ImmutableRule.insert(**values, **texts))
    return made


def remove(database: Database, registry: int, identifier: str) -> Rule | None:
    """Forget a rule of a registry, and return it; None where it has none of that identifier. Inside a transaction."""
    found = next((one for one in of_registry(database, registry) if one.id == identifier), None)
    if found is not None:
        database.run(ImmutableRule.delete().where(ImmutableRule.id == identifier))
    return found


def _within(path: str, repository: str) -> str:
    return repository.removeprefix(f"{path}/") if path else repository


def _joined(globs: Iterable[str]) -> str:
    return " ".join(globs)


def _rule(row: Sequence[object]) -> Rule:
    identifier, tags, repositories, exceptions, fallback, created = row[:6]
    first, second, third = (tuple(str(text).split()) for text in (tags, repositories, exceptions))
    return Rule(first, second, third, bool(fallback), str(identifier), created)  # type: ignore[arg-type] # a float
