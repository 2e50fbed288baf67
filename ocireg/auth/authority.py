"""All of access, wired: who is let in, and what changes that."""

from collections.abc import Container
from dataclasses import dataclass
from functools import partial

from ocireg.auth import keys
from ocireg.auth.audit import Trail
from ocireg.auth.gate import Gate
from ocireg.auth.login import Exchange
from ocireg.auth.manage import Manager
from ocireg.auth.roster import Roster
from ocireg.config import Settings
from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class Authority:
    """What the web and the commands call."""

    gate: Gate
    manager: Manager
    roster: Roster

    @classmethod
    def build(
        cls, database: Database, settings: Settings, trail: Trail, issuers: Container[str], exchange: Exchange
    ) -> "Authority":
        """Wire it to a database."""
        roster = Roster(database, partial(keys.load, settings), issuers)
        manager = Manager.build(database, issuers, roster.forget, grace=settings.orphan_grace)
        return cls(Gate(settings, roster, trail, exchange), manager, roster)
