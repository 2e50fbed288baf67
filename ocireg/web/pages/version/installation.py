"""The first tab: how to log in, pull, and build on it."""

from flask import Response, request

from ocireg.auth import desk
from ocireg.auth.login import Login
from ocireg.auth.manage.errors import Unknown
from ocireg.web.asked import Asked
from ocireg.web.pages.rendering import go
from ocireg.web.pages.version import commands
from ocireg.web.pages.version.frame import READ, Seen, section, see, shown


@section.form("{repository}{reference}", READ, changes=False)
def installation(asked: Asked, reference: str) -> Response:
    """Say how it is pulled; when the button is pressed, with a token to log in with, which lives for minutes."""
    seen = see(asked, reference)
    if (platform := request.args.get("platform")) is not None:
        return go(_of_platform(seen, platform))
    name = seen.name(asked.context.settings)
    secret = _secret(asked) if request.method == "POST" else ""
    return shown(
        asked,
        seen,
        "",
        installs=commands.installs(name),
        from_line=commands.from_line(name),
        kubernetes_line=commands.kubernetes_line(name),
        logins=commands.logins(name, secret) if secret else [],
        minutes=int(desk.TEMPORARY_LIFE // 60),
        may_log_in=asked.caller.reference is not None,
    )


def _secret(asked: Asked) -> str:
    """Make a token for pulls of who has signed in; "" of nobody."""
    reference = asked.caller.reference
    if reference is None:
        return ""
    return desk.temporary(asked.context.roster.now(), Login(asked.caller.actor, reference), asked.registry.id)


def _of_platform(seen: Seen, platform: str) -> str:
    """Return the page of the image of an index for a platform. ``Unknown``."""
    tab = request.args.get("tab", "")
    for one in seen.platforms:
        if one.platform and str(one.platform) == platform:
            return seen.child_link(one.digest, tab if tab in {"contents", "layers", "configuration"} else "")
    raise Unknown("platform", f"there is no image for the platform {platform[:100]!r} here")
