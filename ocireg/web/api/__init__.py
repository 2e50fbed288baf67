"""The REST API: JSON under ``/api/v1``, a file a noun, and its description made from the same declarations."""

from flask import Flask

from ocireg.web.api import (
    access_token,
    account,
    around,
    audit_events,
    backups,
    checking,
    collection,
    contents,
    description,
    details,
    grants,
    immutable_tags,
    organizations,
    packages,
    policies,
    registries,
    repositories,
    retention,
    sessions,
    tokens,
    uploads,
    usage,
    user_tokens,
    users,
)
from ocireg.web.api.nouns import PREFIX
from ocireg.web.api.paths import CONVERTERS
from ocireg.web.asked import EXTENSION, Context
from ocireg.web.rules import Rules

NOUNS = [
    one.noun
    for one in (
        organizations,
        registries,
        tokens,
        grants,
        policies,
        immutable_tags,
        retention,
        users,
        user_tokens,
        account,
        sessions,
        access_token,
        packages,
        details,
        around,
        contents,
        repositories,
        audit_events,
        uploads,
        usage,
        collection,
        checking,
        backups,
    )
]


def register(app: Flask, context: Context, rules: Rules) -> None:
    """Let the application have the API."""
    app.extensions[EXTENSION] = context
    app.url_map.converters.update(CONVERTERS)
    for noun in NOUNS:
        app.register_blueprint(noun, url_prefix=PREFIX)
        noun.register_doors(rules)
    app.register_blueprint(description.blueprint(app, NOUNS, rules))
