"""What the parts of paths may be, as the description says it; one that is none of these names nothing, so it is 404."""

from typing import Any

from werkzeug.routing import BaseConverter

from ocireg.oci import grammar
from ocireg.web.api import fields


class Slug(BaseConverter):
    """The organization of a registry: ``root`` is none."""

    regex = r"(?!root/)[^/]+"


class Name(BaseConverter):
    """The name of a repository; no part of one is ``-``, with which what is below it begins."""

    part_isolating = False
    regex = grammar.REPOSITORY_NAME.pattern


CONVERTERS = {"slug": Slug, "repository": Name}


def _parameter(name: str, pattern: str, example: str, description: str, longest: int) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern, "minLength": 1, "maxLength": longest}
    return {"in": "path", "name": name, "schema": schema, "example": example, "description": description}


PARAMETERS: dict[str, dict[str, Any]] = {
    one["name"]: one
    for one in (
        _parameter("organization", fields.SLUG, "acme", "The slug of an organization.", 63),
        _parameter("registry", fields.SLUG, "containers", "The slug of a registry.", 63),
        _parameter("user", fields.USER, "ada", "The name of a user.", 64),
        _parameter("token", "^[0-9a-f]{16}$", "0123456789abcdef", "The identifier of a token.", 16),
        _parameter("upload", "^[0-9a-f]{32}$", "0123456789abcdef" * 2, "The identifier of an upload.", 32),
        _parameter("session", "^[0-9a-f]{64}$", "0123456789abcdef" * 4, "The identifier of a session.", 64),
        _parameter("package", "^[1-9][0-9]{0,17}-[0-9a-f]{16}$", "42-0123456789abcdef", "A package's identifier.", 40),
        _parameter(
            "repository",
            f"^{grammar.REPOSITORY_NAME.pattern}$",
            "acme/containers/web/api",
            "The full name of a repository; its slashes may be written as they are, or as %2F.",
            grammar.REPOSITORY_NAME_LENGTH,
        ),
        _parameter("tag", f"^{grammar.TAG.pattern}$", "1.0", "The name of a tag.", 128),
    )
}
