"""``ocireg registry immutable``: rules of a registry that say which tags are immutable."""

import argparse
from dataclasses import asdict

from ocireg.auth.manage.immutable import LOOKED_AT, Preview
from ocireg.auth.manage.registries import ROOT
from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded
from ocireg.metadata.immutable_rules import Rule

_REGISTRY = Argument("registry", f"ORGANIZATION/REGISTRY, or {ROOT} for the root registry")


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.immutable.rules(arguments.registry)
    if arguments.json:
        output.document([asdict(one) for one in found])
        return 0
    rows = [
        (one.id, output.moment(one.created_at), _every(one.repositories), " ".join(one.tags), " ".join(one.exceptions),
         "bound" if one.fallback_tags else "free")
        for one in found
    ]  # fmt: skip
    output.table(("id", "since (UTC)", "repositories", "tags", "except", "tags of signatures"), rows)
    return 0


def _add(loaded: Loaded, arguments: argparse.Namespace) -> int:
    tags = (arguments.pattern, *(arguments.tag or ()))
    globs = (tags, tuple(arguments.repository or ()), tuple(arguments.exceptions or ()))
    rule = Rule(*globs, fallback_tags=bool(arguments.fallback_tags))
    with session(loaded, arguments) as at:
        if arguments.dry_run:
            return _tell(at.manager.immutable.preview(arguments.registry, [rule]), json=arguments.json)
        made = at.manager.immutable.add(at.by, arguments.registry, rule)
    if arguments.json:
        output.document(asdict(made))
    else:
        output.said(f"rule {made.id} of {arguments.registry}: {made}")
    return 0


def _tell(found: Preview, *, json: bool) -> int:
    if json:
        output.document({"tags": [{"repository": one.repository, "tag": one.tag} for one in found.tags],
                         "cut": found.cut})  # fmt: skip
        return 0
    output.table(("repository", "tag"), [(one.repository, one.tag) for one in found.tags])
    if found.cut:
        output.aside(f"of the first {LOOKED_AT} tags: there are more")
    return 0


def _remove(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        gone = at.manager.immutable.remove(at.by, arguments.registry, arguments.id)
    output.said(f"{arguments.registry} has no rule {gone.id} any more: {gone}")
    return 0


def _every(globs: tuple[str, ...]) -> str:
    return " ".join(globs) or "all"


GROUP = Group(
    "List, add and remove the rules that make tags of a registry immutable.",
    {
        "list": Command(
            _list,
            "List the rules of a registry.",
            arguments=(_REGISTRY, JSON),
            examples=(("ocireg registry immutable list acme/apps", "what binds its tags"),),
        ),
        "add": Command(
            _add,
            "Make tags of a registry immutable: they can neither be moved nor deleted while the rule is there.",
            "Tags that are there are bound at once. In a pattern * is any characters, and ? is one. Tags that stand "
            "for another manifest (sha256-<hex>, and that with .sig, .att or .sbom) are left out, since cosign and "
            "older clients write them again and again.",
            arguments=(
                _REGISTRY,
                Argument("pattern", "which tags, as 'v*'"),
                Argument("--tag", "these tags, too; again for more", "PATTERN", repeated=True),
                Argument("--repository", "in these repositories alone, as they are named within the registry: 'web/*'; "
                         "again for more", "PATTERN", repeated=True),
                Argument("--except", "not these tags, as 'v0.*'; again for more", "PATTERN", repeated=True,
                         into="exceptions"),
                Argument("--fallback-tags", "bind tags that stand for another manifest, too"),
                Argument("--dry-run", "say which tags it would bind, and change nothing"),
                JSON,
            ),
            examples=(
                ("ocireg registry immutable add acme/apps 'v*' --except 'v0.*'", "releases stay as they are"),
                ("ocireg registry immutable add acme/apps 'v*' --dry-run", "which tags that would be"),
                ("ocireg registry immutable add acme/apps '*' --repository 'base/*'", "all tags below base"),
            ),
        ),
        "remove": Command(
            _remove,
            "Take a rule away: tags that it alone bound can be moved and deleted from then on.",
            arguments=(_REGISTRY, Argument("id", "the identifier of the rule, as list prints it")),
            examples=(("ocireg registry immutable remove acme/apps 5f2b9c0d1e3a4b5c", "this one"),),
        ),
    },
)  # fmt: skip
