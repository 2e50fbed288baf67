"""Pulls in the audit log, where the setting ``audit_pulls`` wants them: a pull does not wait for it."""

from typing import Protocol

from ocireg.auth.audit import Trail
from ocireg.config import Settings
from ocireg.metadata.audit import Event
from ocireg.oci.digest import Digest
from ocireg.web.caller import caller


class Noting(Protocol):
    """What handlers and pages work with."""

    @property
    def settings(self) -> Settings:
        """Say whether pulls are noted."""

    @property
    def trail(self) -> Trail:
        """Where."""


def note(context: Noting, action: str, name: str, digest: Digest) -> None:
    """Note that somebody pulls this."""
    if context.settings.audit_pulls:
        context.trail.note(Event(action, caller().author, repository=name, subject=str(digest)))
