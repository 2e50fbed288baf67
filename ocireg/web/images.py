"""What the API and the pages do alike with a repository."""

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import holdings
from ocireg.metadata.holdings import Holding
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import decide, no_repository


def holding(asked: Asked, name: str = "") -> Holding:
    """Return what a repository holds, that of the path where none is named. ``Unknown`` where it holds nothing."""
    wanted = name or asked.repository
    found = holdings.find(asked.context.database, wanted)
    if found is None:
        raise Unknown(*no_repository(wanted))
    return found


def move(asked: Asked, to: str) -> Holding:
    """Give the repository of the path another name: a delete there, which the door has asked for, and a push here.

    ``ChangeError``; ``Problem`` for whoever may not.
    """
    actor = asked.caller.actor
    decide(actor, Action.PULL, doors.repository(asked, {"repository": asked.repository})[1])
    decide(actor, Action.PUSH, doors.repository(asked, {"repository": to})[1])
    asked.manager.registries.move_repository(asked.author, asked.repository, to)
    return holding(asked, to)
