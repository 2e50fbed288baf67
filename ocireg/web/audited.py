"""What of the audit log somebody may read: all, or what is of the organizations that they are admins of."""

from dataclasses import replace
from typing import Any

from flask import request

from ocireg.auth.access import INSTANCE, Action, Target, may, organizations
from ocireg.auth.actor import Actor
from ocireg.metadata import organizations as stored
from ocireg.metadata.audit import Owned
from ocireg.metadata.window import Window
from ocireg.web import doors
from ocireg.web.asked import Asked, Context
from ocireg.web.doors import Place

MOST = 100
"""Organizations whose events one list has."""


def reads(actor: Actor) -> bool:
    """Say whether somebody may read any of it."""
    return may(actor, Action.READ_AUDIT, INSTANCE) or bool(organizations(actor, Action.READ_AUDIT))


def place(asked: Asked, path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the organization that the query names; without, what somebody may read: the instance's log or a part of it.

    An organization that is named by nothing, as forms do, is none.
    """
    if request.args.get("organization"):
        return doors.organization_or_instance(asked, path)
    _, whole = doors.instance(asked, path)
    of = organizations(asked.caller.actor, Action.READ_AUDIT)
    if may(asked.caller.actor, Action.READ_AUDIT, INSTANCE) or not of:
        return asked, whole
    return asked, replace(whole, target=Target(min(of)))


def owned(asked: Asked) -> list[Owned] | None:
    """Return whose events are listed; None: everybody's."""
    if asked.place_organization is not None:
        return [Owned(asked.organization.slug, asked.organization.created_at)]
    if may(asked.caller.actor, Action.READ_AUDIT, INSTANCE):
        return None
    return known(asked.context, asked.caller.actor)


def known(context: Context, actor: Actor) -> list[Owned]:
    """Return the organizations, by slug, whose log somebody may read; of whoever may read all, all: up to a hundred."""
    within = None if may(actor, Action.READ_AUDIT, INSTANCE) else organizations(actor, Action.READ_AUDIT)
    return [Owned(one.slug, one.created_at) for one in stored.listed(context.database, Window(MOST), within)]
