"""Pulls in the audit log, where the setting ``audit_pulls`` wants them: a pull does not wait for it."""

from ocireg.metadata.audit import Event
from ocireg.oci.digest import Digest
from ocireg.web.caller import caller
from ocireg.web.v2.context import Context


def note(context: Context, action: str, name: str, digest: Digest) -> None:
    """Note that somebody pulls this."""
    if context.settings.audit_pulls:
        context.trail.note(Event(action, caller().author, repository=name, subject=str(digest)))
