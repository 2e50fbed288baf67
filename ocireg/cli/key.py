"""``ocireg key``: the keys that tokens are signed with."""

import argparse

from ocireg.auth import keys
from ocireg.auth.manage.keys import rotate
from ocireg.cli import output
from ocireg.cli.session import session
from ocireg.cli.table import JSON, Command, Group
from ocireg.config import Loaded

_HEAD = ("fingerprint", "use")


def _list(loaded: Loaded, arguments: argparse.Namespace) -> int:
    known = [keys.fingerprint(one) for one in keys.load(loaded.settings)]
    _show(known, as_json=arguments.json)
    return 0


def _rotate(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        known = rotate(at.database, at.settings, at.by)
    _show(known, as_json=arguments.json)
    return 0


def _show(known: list[str], *, as_json: bool) -> None:
    found = [{"fingerprint": one, "signs": place == len(known)} for place, one in enumerate(known, 1)]
    if as_json:
        output.document(found)
    else:
        rows = [(str(one["fingerprint"]), "signs and verifies" if one["signs"] else "verifies") for one in found]
        output.table(_HEAD, rows)


GROUP = Group(
    "List the keys that tokens are signed with, and change them.",
    {
        "list": Command(
            _list,
            "List the keys by fingerprint, the oldest first. The keys themselves are never shown.",
            "Nodes that serve one database have the same: compare what each says.",
            arguments=(JSON,),
            examples=(("ocireg key list", "which key signs here"),),
        ),
        "rotate": Command(
            _rotate,
            "Sign with a new key from now on. Running processes take it within two seconds.",
            f"What the former one has signed stays good, until the next rotation: {keys.KEPT} keys are kept. So a "
            "second rotation ends every login by a refresh token that is older than the first. With "
            "OCIREG_SECRET_KEY the keys are not the registry's to change: add one there, behind the others, and "
            "restart.",
            arguments=(JSON,),
            examples=(("ocireg key rotate", "once a year, say"),),
        ),
    },
)
