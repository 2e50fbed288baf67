"""``ocireg registry quota`` and ``ocireg org quota``: what may be used, and is."""

import argparse
from dataclasses import asdict
from typing import Any

from ocireg.auth.manage.quotas import NO_QUOTA, parse
from ocireg.auth.manage.registries import ROOT
from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command
from ocireg.config import Loaded
from ocireg.metadata.quotas import Allowance
from ocireg.metadata.sizes import in_words

_SIZE = Argument("size", f"what may be used at most, as 500GB or 2TiB; {NO_QUOTA} for no limit", optional=True)


def _registry(loaded: Loaded, arguments: argparse.Namespace) -> int:
    path = arguments.registry
    with session(loaded, arguments) as at:
        if arguments.size is not None:
            at.manager.quotas.set_registry(at.by, path, parse(arguments.size))
        found = at.manager.quotas.of_registry(path)
    return _tell(found, arguments)


def _organization(loaded: Loaded, arguments: argparse.Namespace) -> int:
    slug = arguments.org
    with session(loaded, arguments) as at:
        if arguments.size is not None:
            at.manager.quotas.set_organization(at.by, slug, parse(arguments.size))
        found = at.manager.quotas.of_organization(slug)
    return _tell((found,), arguments)


def _tell(found: tuple[Allowance, ...], arguments: argparse.Namespace) -> int:
    if arguments.json:
        output.document([_shown(one) for one in found])
        return 0
    rows = [
        (
            one.name,
            in_words(one.used),
            NO_QUOTA if one.quota is None else in_words(one.quota),
            "" if one.percent is None else f"{one.percent} %",
        )
        for one in found
    ]
    output.table(("of", "in use", "quota", "used"), rows)
    return 0


def _shown(one: Allowance) -> dict[str, Any]:
    return {**asdict(one), "percent": one.percent}


REGISTRY = Command(
    _registry,
    "Show what a registry uses and may use, or set that.",
    "Each blob counts once in a registry, and each manifest in its repository. A push that would pass the quota is "
    "refused, and what is there stays. The quota of its organization holds too.",
    arguments=(Argument("registry", f"ORGANIZATION/REGISTRY, or {ROOT} for the root registry"), _SIZE, JSON),
    examples=(
        ("ocireg registry quota acme/apps", "what it uses, and may"),
        ("ocireg registry quota acme/apps 500GB", "let it use 500 GB at most"),
        ("ocireg registry quota acme/apps none", "no limit but that of acme"),
    ),
)
ORGANIZATION = Command(
    _organization,
    "Show what the registries of an organization use together and may use, or set that.",
    "What two of its registries both have counts in each.",
    arguments=(Argument("org", "the slug of the organization"), _SIZE, JSON),
    examples=(
        ("ocireg org quota acme", "what its registries use, and may"),
        ("ocireg org quota acme 2TB", "let them use 2 TB together"),
    ),
)
