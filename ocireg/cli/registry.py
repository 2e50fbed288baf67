"""``ocireg registry``: registries, and what they are like."""

import argparse
from dataclasses import asdict
from typing import Any

from ocireg.auth.manage.registries import ROOT
from ocireg.cli import output, quota, registry_immutable, registry_retention, registry_token
from ocireg.cli.session import YES, confirm, session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded
from ocireg.errors import OperatorError
from ocireg.metadata.registries import StoredRegistry

_REGISTRY = Argument("registry", f"ORGANIZATION/REGISTRY, or {ROOT} for the root registry")
_FIELDS = ("name", "description", "emoji", "colour", "visibility")
_TEXTS = (
    Argument("--name", "what people see", "TEXT"),
    Argument("--description", "a line about it", "TEXT"),
    Argument("--emoji", "an emoji to know it by", "EMOJI"),
    Argument("--colour", "a colour to know it by, as #1f6feb", "COLOUR"),
)
_PUBLIC = Argument("--public", "let everybody pull", into="visibility", value="public", one_of="visibility")
_PRIVATE = Argument("--private", "let only those pull who may", into="visibility", value="private", one_of="visibility")


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.registries.every(arguments.org or "")
    if arguments.json:
        output.document([_shown(one) for one in found])
    else:
        rows = [(_path(one), _visibility(one), output.moment(one.created_at), one.name) for one in found]
        output.table(("registry", "visibility", "created (UTC)", "name"), rows)
    return 0


def _create(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        made = at.manager.registries.create(at.by, arguments.registry, **_texts(arguments))
    if arguments.json:
        output.document(_shown(made))
    else:
        output.said(f"made the {_visibility(made)} registry {_path(made)}")
    return 0


def _show(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.registries.get(arguments.registry)
        grants = at.manager.registries.grants(arguments.registry)
        tokens = at.manager.tokens.of_registry(arguments.registry)
    if arguments.json:
        granted = [{"user": one.user, "level": one.standing} for one in grants]
        output.document({**_shown(found), "grants": granted, "tokens": len(tokens)})
        return 0
    output.card(
        [
            ("registry", _path(found)),
            *((field, getattr(found, field)) for field in _FIELDS[:-1]),
            ("visibility", _visibility(found)),
            ("created", f"{output.moment(found.created_at)} UTC"),
            ("OIDC policy", "there is one: ocireg policy show" if found.policy_id else "none"),
            ("grants", ", ".join(f"{one.user} ({one.standing})" for one in grants) or "none"),
            ("tokens", str(len(tokens))),
        ]
    )
    return 0


def _change(loaded: Loaded, arguments: argparse.Namespace) -> int:
    texts = _texts(arguments)
    if not texts:
        options = ", ".join(one.name for one in (*_TEXTS, _PUBLIC))
        raise OperatorError(f"there is nothing to change: say {options} or {_PRIVATE.name}")
    with session(loaded, arguments) as at:
        changed = at.manager.registries.change(at.by, arguments.registry, **texts)
    if arguments.json:
        output.document(_shown(changed))
    else:
        output.said(f"changed {_path(changed)}: {', '.join(texts)}")
    return 0


def _delete(loaded: Loaded, arguments: argparse.Namespace) -> int:
    path = arguments.registry
    with session(loaded, arguments) as at:
        at.require_writable()
        at.manager.registries.get(path)
        if arguments.with_contents:
            confirm(f"the registry {path} and every repository in it", path, yes=arguments.yes)
        count = at.manager.registries.delete(at.by, path, contents=arguments.with_contents)
    output.said(f"deleted the registry {path}" + (f" and {count} repositories" if count else ""))
    return 0


def _texts(arguments: argparse.Namespace) -> dict[str, str]:
    """Return what was said of a registry; an empty text takes away what was."""
    return {field: text for field in _FIELDS if (text := getattr(arguments, field)) is not None}


def _path(one: StoredRegistry) -> str:
    return one.path or ROOT


def _visibility(one: StoredRegistry) -> str:
    return "public" if one.public else "private"


def _shown(one: StoredRegistry) -> dict[str, Any]:
    kept = {name: value for name, value in asdict(one).items() if name in {"slug", "created_at", *_FIELDS}}
    owner = one.organization_slug or None
    return {"registry": _path(one), "organization": owner, **kept, "visibility": _visibility(one)} | {
        "policy": bool(one.policy_id)
    }


GROUP = Group(
    "Make, change and delete registries, the tokens that pull from one, its quota, and which tags stay there.",
    {
        "list": Command(
            _list,
            "List the registries, the root registry first.",
            arguments=(Argument("--org", "those of one organization", "SLUG"), JSON),
            examples=(("ocireg registry list --org acme", "the registries of acme"),),
        ),
        "create": Command(
            _create,
            "Make a registry of an organization.",
            "Repositories below its path belong to it: acme/apps has acme/apps/web. It is private if nothing is said.",
            arguments=(Argument("registry", "ORGANIZATION/REGISTRY, as acme/apps"), *_TEXTS, _PUBLIC, _PRIVATE, JSON),
            examples=(
                ("ocireg registry create acme/apps", "one for those who may"),
                ("ocireg registry create acme/base --public", "one from which everybody may pull"),
            ),
        ),
        "show": Command(
            _show,
            "Show a registry, and who was granted a level on it.",
            arguments=(_REGISTRY, JSON),
            examples=(("ocireg registry show acme/apps", "what it is like"), ("ocireg registry show root", "likewise")),
        ),
        "change": Command(
            _change,
            "Change what a registry is called, how it looks, and who may pull. Its path stays.",
            arguments=(_REGISTRY, *_TEXTS, _PUBLIC, _PRIVATE, JSON),
            examples=(
                ("ocireg registry change acme/apps --public", "let everybody pull"),
                ("ocireg registry change root --private", "let nobody pull from the root registry unasked"),
                ("ocireg registry change acme/apps --description ''", "say nothing about it any more"),
            ),
        ),
        "delete": Command(
            _delete,
            "Delete a registry, its tokens, grants and policy.",
            "One that has repositories is refused, unless --with-contents says that they go too; the name is asked for "
            "then. Their bytes go after OCIREG_ORPHAN_GRACE.",
            arguments=(_REGISTRY, Argument("--with-contents", "delete its repositories too"), YES),
            examples=(
                ("ocireg registry delete acme/apps", "delete an empty one"),
                ("ocireg registry delete acme/apps --with-contents --yes", "delete all, and do not ask"),
            ),
        ),
        "quota": quota.REGISTRY,
        "token": registry_token.GROUP,
        "immutable": registry_immutable.GROUP,
        "retention": registry_retention.GROUP,
    },
)
