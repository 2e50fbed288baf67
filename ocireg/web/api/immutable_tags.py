"""Rules of registries that say which tags are immutable."""

from dataclasses import asdict
from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.manage.immutable import (
    LONGEST_REPOSITORY_GLOB,
    LONGEST_TAG_GLOB,
    MOST_GLOBS,
    REPOSITORY_GLOB,
    TAG_GLOB,
)
from ocireg.metadata.immutable_rules import Rule
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Flag, Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

noun = Noun(
    "Immutable tags",
    "A rule of a registry makes tags immutable: while such a tag is there, it can neither point elsewhere nor be "
    "deleted, by whatever way. A tag that exists already is bound at once, and free when no rule binds it any more.",
)

ALL = f"{A_REGISTRY}/immutable-tags"
ONE = f"{ALL}/<rule>"
READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)


def _globs(pattern: str, example: str, longest: int, text: str, *, least: int = 0, **more: Any) -> base.List[Any]:
    inner = fields.matching(pattern, example, longest=longest)
    bounds = validate.Length(least, MOST_GLOBS)
    return base.List(inner, validate=bounds, metadata={"example": [example], "description": text}, **more)


class NewImmutableRule(Strict):
    """A rule to be made. In globs ``*`` is any characters and ``?`` is one."""

    tags = _globs(TAG_GLOB, "v*", LONGEST_TAG_GLOB, "Globs of the tags it binds.", least=1, required=True)
    repositories = _globs(
        REPOSITORY_GLOB,
        "web/*",
        LONGEST_REPOSITORY_GLOB,
        "Globs of the repositories it is for, as they are named within the registry; none: all of them.",
        load_default=list,
    )
    exceptions = _globs(
        TAG_GLOB, "v0.*", LONGEST_TAG_GLOB, "Globs of tags that it does not bind all the same.", load_default=list
    )
    fallback_tags = Flag(
        load_default=False,
        metadata={
            "description": "Whether it binds tags that stand for another manifest, too: sha256-<hex>, and that with "
            ".sig, .att or .sbom. cosign and older clients write these again and again."
        },
    )


class ImmutableRule(NewImmutableRule):
    """A rule."""

    id = base.String(metadata={"example": "0123456789abcdef"})
    created_at = fields.time()


class BoundTag(Strict):
    """A tag that is there, and bound."""

    repository = base.String(metadata={"example": "acme/containers/web/api"})
    tag = base.String(metadata={"example": "v1.0"})


class ImmutablePreview(Strict):
    """Which tags a rule binds, of the first 2,000 of the registry by name."""

    tags = base.List(base.Nested(BoundTag), required=True)
    cut = base.Boolean(required=True, metadata={"description": "Whether the registry has more tags than these 2,000."})


@noun.operation("GET", ALL, READ, answer=ImmutableRule(many=True))
def list_immutable_rules(asked: Asked) -> list[dict[str, Any]]:
    """List the rules of a registry for immutable tags, the oldest first. It has 20 at most."""
    return [_shown(one) for one in asked.manager.immutable.rules(asked.path)]


@noun.operation("POST", ALL, MANAGE, body=NewImmutableRule, answer=ImmutableRule, status=201, conflicts=True)
def add_immutable_rule(asked: Asked, body: dict[str, Any]) -> Any:
    """Make tags of a registry immutable. Those that are there are bound at once."""
    made = asked.manager.immutable.add(asked.author, asked.path, _rule(body))
    return _shown(made), 201, {"Location": f"/api/v1/registries/{asked.path}/immutable-tags/{made.id}"}


@noun.operation("GET", ONE, READ, answer=ImmutableRule)
def show_immutable_rule(asked: Asked, rule: str) -> dict[str, Any]:
    """Show a rule."""
    for one in asked.manager.immutable.rules(asked.path):
        if one.id == rule:
            return _shown(one)
    raise Unknown("rule", f"{asked.path} has no rule {rule!r}")


@noun.operation("DELETE", ONE, MANAGE)
def remove_immutable_rule(asked: Asked, rule: str) -> None:
    """Take a rule away. Tags that it alone bound can be moved and deleted from then on."""
    asked.manager.immutable.remove(asked.author, asked.path, rule)


@noun.operation("POST", f"{ALL}-preview", READ, body=NewImmutableRule, answer=ImmutablePreview, changes=False)
def preview_immutable_rule(asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
    """Say which tags a rule would bind. Nothing is changed."""
    found = asked.manager.immutable.preview(asked.path, [_rule(body)])
    return {"tags": found.tags, "cut": found.cut}


def _rule(body: dict[str, Any]) -> Rule:
    tags, repositories, exceptions = (tuple(body[name]) for name in ("tags", "repositories", "exceptions"))
    return Rule(tags, repositories, exceptions, body["fallback_tags"])


def _shown(one: Rule) -> dict[str, Any]:
    return asdict(one)
