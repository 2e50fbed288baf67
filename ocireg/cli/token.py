"""``ocireg token``: API tokens of users."""

import argparse
import re
from collections.abc import Iterable
from dataclasses import asdict

from ocireg.auth.scopes import SCOPES
from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded
from ocireg.config.values import positive_seconds
from ocireg.errors import OperatorError
from ocireg.metadata.credentials import StoredApiToken

EVERY = "all"
"""What means every scope."""
_USER = Argument("--user", "whose", "USER", required=True)


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        found = at.manager.tokens.of_user(arguments.user)
    if arguments.json:
        output.document([_shown(one) for one in found])
        return 0
    output.table(
        ("id", "created (UTC)", "expires (UTC)", "last used (UTC)", "networks", "scopes", "description"),
        [
            (
                one.id,
                *map(output.moment, (one.created_at, one.expires_at, one.last_used_at)),
                one.networks or "any",
                _scopes(one.scopes),
                one.description,
            )
            for one in found
        ],
    )
    return 0


def _create(loaded: Loaded, arguments: argparse.Namespace) -> int:
    lifetime, scopes = _lifetime(arguments.expires), _listed(arguments.scope)
    with session(loaded, arguments) as at:
        made = at.manager.tokens.create(
            at.by,
            arguments.user,
            scopes=scopes,
            description=arguments.description,
            networks=",".join(arguments.network or ()),
            lifetime=lifetime,
        )
        kept = next(one for one in at.manager.tokens.of_user(arguments.user) if one.id == made.id)
    if arguments.json:
        output.document({"secret": made.secret, "user": arguments.user, **_shown(kept)})
        return 0
    print(made.secret)
    expires = "until it is revoked" if kept.expires_at is None else f"until {output.moment(kept.expires_at)} UTC"
    where = f" from {kept.networks}" if kept.networks else ""
    output.aside(
        f"token {made.id} of {arguments.user}: {_scopes(kept.scopes)}{where}, {expires}; it is not shown again"
    )
    return 0


def _revoke(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.manager.tokens.revoke(at.by, arguments.id)
    output.said(f"revoked {arguments.id}")
    return 0


def _listed(scopes: Iterable[str]) -> list[str]:
    """Return scopes, of options that may each name several. ``OperatorError``."""
    found = [(one, text) for text in scopes for one in re.split(r"\s*,\s*|\s+", text.strip())]
    for one, text in found:
        if not one:
            raise OperatorError(f"--scope {text!r}: a name is empty")
        if one != EVERY and one not in SCOPES:
            raise OperatorError(f"there is no scope {one!r}: wanted {', '.join((EVERY, *SCOPES))}")
    named = [one for one, _ in found]
    return list(SCOPES) if EVERY in named else named


def _lifetime(text: str | None) -> float | None:
    try:
        return None if text is None else positive_seconds(text)
    except ValueError as error:
        raise OperatorError(f"--expires {text!r}: {error}") from error


def _scopes(kept: str) -> str:
    return EVERY if set(kept.split()) == set(SCOPES) else kept


def _shown(one: StoredApiToken) -> dict[str, object]:
    listed = {"scopes": one.scopes.split(), "networks": [net for net in one.networks.split(",") if net]}
    return {name: listed.get(name, value) for name, value in asdict(one).items() if name != "user"}


GROUP = Group(
    "List, make and revoke API tokens of users.",
    {
        "list": Command(
            _list,
            "List the API tokens of a user.",
            arguments=(_USER, JSON),
            examples=(("ocireg token list --user alice", "what each may, and when it was last used"),),
        ),
        "create": Command(
            _create,
            "Make an API token of a user.",
            "The secret is printed, alone, and never again: what it is goes to standard error. A token may what its "
            "scopes say and its user may, whichever is less.\n\n"
            "Scopes: " + ", ".join(f"{name} ({sense})" for name, sense in SCOPES.items()) + ".",
            arguments=(
                _USER,
                Argument(
                    "--scope",
                    "what it may; again, or with commas, for more; all: every scope",
                    "SCOPE",
                    required=True,
                    repeated=True,
                ),
                Argument("--description", "what it is for", "TEXT", default=""),
                Argument("--expires", "how long it lives, as 30d; for ever if unsaid", "DURATION"),
                Argument("--network", "where it is good, as 10.0.0.0/8; again for more", "CIDR", repeated=True),
                JSON,
            ),
            examples=(
                ("ocireg token create --user ci --scope read_packages,write_packages --expires 30d", "push and pull"),
                ("ocireg token create --user alice --scope all --network 10.0.0.0/8", "everything, from one network"),
                (
                    "ocireg token create --user ci --scope read_packages | docker login -u ci --password-stdin HOST",
                    "use it at once",
                ),
            ),
        ),
        "revoke": Command(
            _revoke,
            "Revoke an API token. It holds everywhere within two seconds.",
            arguments=(Argument("id", "the identifier of the token, as list prints it"),),
            examples=(("ocireg token revoke 5f2b9c0d1e3a4b5c", "this token lets nobody in any more"),),
        ),
    },
)
