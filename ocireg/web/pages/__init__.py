"""Pages for people: a file a subject, rendered here, that work without a script and better with one."""

from flask import Blueprint, Flask
from flask_bootstrap import Bootstrap5

from ocireg.web.asked import Context
from ocireg.web.pages import (
    account,
    account_sessions,
    account_tokens,
    admin,
    admin_backups,
    admin_check,
    admin_collection,
    admin_organizations,
    admin_uploads,
    admin_users,
    audit,
    entry,
    image,
    image_history,
    image_settings,
    image_untagged,
    members,
    organizations,
    quotas,
    registries,
    registry,
    registry_access,
    registry_immutable,
    registry_policy,
    registry_retention,
    registry_settings,
    registry_tokens,
    rendering,
    version,
)
from ocireg.web.pages.converters import CONVERTERS
from ocireg.web.pages.section import csrf
from ocireg.web.pages.sessions import Sessions
from ocireg.web.rules import PUBLIC, Rules

SECTIONS = [
    one.section
    for one in (
        entry,
        account,
        account_tokens,
        account_sessions,
        registries,
        registry,
        image,
        image_history,
        image_settings,
        image_untagged,
        audit,
        admin,
        admin_users,
        admin_organizations,
        admin_uploads,
        admin_collection,
        admin_check,
        admin_backups,
        organizations,
        members,
        registry_tokens,
        registry_access,
        registry_policy,
        registry_retention,
        registry_settings,
        registry_immutable,
        quotas,
        version,
    )
]
FORMS_KEY = "forms"
"""What signs the tokens of forms. Such a token is a random number that the session alone has beside it: the signature
guards nothing, and forms that are open outlive new keys."""
A_YEAR = 365 * 86400
"""Seconds: the address of a file that ships with a version has the version in it."""


def register(app: Flask, context: Context, rules: Rules) -> None:
    """Let the application have the pages, after the API, whose context they share."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SECRET_KEY=FORMS_KEY)
    app.config.update(BOOTSTRAP_SERVE_LOCAL=True)
    app.url_map.converters.update(CONVERTERS)
    Sessions(context.settings, context.roster).register(app)
    csrf.init_app(app)
    Bootstrap5(app)
    rendering.register(app)
    for section in SECTIONS:
        app.register_blueprint(section)
        section.register_doors(rules)
    app.register_blueprint(_files())
    for endpoint in ("bootstrap.static", "files.static"):
        rules.add(endpoint, PUBLIC)


def _files() -> Blueprint:
    """Return the style, the script and the picture of all pages; they are everybody's."""
    return Files("files", __name__, static_folder="static", static_url_path="/static")


class Files(Blueprint):
    """Files that ship with a version."""

    def get_send_file_max_age(self, _filename: str | None) -> int:
        """Return how long a browser may keep one, in seconds."""
        return A_YEAR
