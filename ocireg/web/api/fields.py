"""What fields of the API may hold. Nothing is turned into another type, and what is not declared is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from ocireg.auth.manage import values
from ocireg.auth.manage.errors import Invalid
from ocireg.auth.scopes import SCOPES
from ocireg.metadata.searching import LONGEST
from ocireg.oci import grammar

SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
USER = r"^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$"
COLOUR = r"^(?:#[0-9a-fA-F]{6})?$"


class Strict(Schema):
    """A schema that refuses what it does not know, and keeps the order of its fields."""

    class Meta:
        """Of every schema."""

        unknown = RAISE


class Flag(fields.Boolean):
    """true or false, and nothing like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)


class Switch(fields.Boolean):
    """A flag of a query: true or false, in letters."""

    def __init__(self, **more: Any) -> None:
        super().__init__(truthy={"true"}, falsy={"false"}, **more)


class Count(fields.Integer):
    """A whole number: of a query in digits, of JSON as a number (2.0 is one)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> int:
        digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16
        number = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        if not (digits if self.metadata.get("query") else number):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)


def _checked(check: Any, *more: str) -> Any:
    """Return a validator that asks what commands ask."""

    def validator(value: str) -> None:
        try:
            check(value, *more)
        except Invalid as error:
            raise ValidationError(error.message) from None

    return validator


def line(field: str, example: str, *, required: bool = False, empty: bool = True) -> fields.String:
    """Return a text for people: one line."""
    check = _checked(values.optional_text if empty else values.text, field)
    bounds = validate.Length(0 if empty else 1, values.LONGEST_TEXT)
    kind = "line" if empty else "filled-line"
    return fields.String(required=required, validate=[bounds, check], metadata={"example": example, "format": kind})


def slug(example: str, **more: Any) -> fields.String:
    """Return a part of a name in kebab-case."""
    return matching(SLUG, example, longest=values.LONGEST_SLUG, **more)


def user(example: str = "ada", **more: Any) -> fields.String:
    """Return the name of a user."""
    return matching(USER, example, longest=64, **more)


def colour() -> fields.String:
    """Return a colour, or nothing."""
    return matching(COLOUR, "#1f6feb", shortest=0, longest=7)


def emoji() -> fields.String:
    """Return an emoji, or nothing."""
    check = _checked(values.emoji)
    return fields.String(validate=[validate.Length(0, 16), check], metadata={"example": "📦", "format": "emoji"})


def one_of(choices: Any, example: str, **more: Any) -> fields.String:
    """Return one of some words."""
    return fields.String(validate=validate.OneOf(list(choices)), metadata={"example": example}, **more)


def matching(pattern: str, example: str, *, shortest: int = 1, longest: int, **more: Any) -> fields.String:
    """Return a text of a form; of a pattern the end is the end of the text, and not of its last line."""
    exact = validate.Regexp(pattern.removesuffix("$") + r"\Z")
    exact_for_people = {"example": example, "pattern": pattern}
    return fields.String(
        validate=[validate.Length(shortest, longest), _Quiet(exact)], metadata=exact_for_people, **more
    )


class _Quiet(validate.Validator):
    """A validator that the description does not show, since it shows the pattern as ECMA-262 writes it."""

    def __init__(self, other: validate.Validator) -> None:
        self._other = other

    def __call__(self, value: Any) -> Any:
        return self._other(value)


def password(**more: Any) -> fields.String:
    """Return a password, which no answer ever has."""
    bounds = validate.Length(10, 256)
    about = {"example": "correct horse battery staple", "format": "password"}
    return fields.String(load_only=True, validate=[bounds, _checked(values.password)], metadata=about, **more)


def scopes(**more: Any) -> fields.List[Any]:
    """Return scopes of a token."""
    inner = fields.String(validate=validate.OneOf(list(SCOPES)))
    about = {"example": ["read_packages"], "uniqueItems": True}
    bounds = [validate.Length(1, len(SCOPES)), _Quiet(_Unique())]
    return fields.List(inner, validate=bounds, metadata=about, **more)


class _Unique(validate.Validator):
    def __call__(self, value: list[str]) -> None:
        if len(set(value)) != len(value):
            raise ValidationError("A scope is named once.")


def search(example: str, where: str) -> fields.String:
    """Return a piece of a text that people look for, of a query."""
    about = {"example": example, "description": f"What is in {where}, in upper or lower case."}
    return fields.String(validate=validate.Length(1, LONGEST), metadata=about)


def downloads() -> fields.Integer:
    """Return how often something was pulled."""
    about = {"example": 42, "description": "How often it was pulled; docs/api.rst says what counts."}
    return fields.Integer(metadata=about)


def pusher() -> fields.String:
    """Return who pushed something."""
    return fields.String(metadata={"example": "ada", "description": "Who pushed it; empty: nobody knows any more."})


def repository(example: str = "acme/containers/web/api", **more: Any) -> fields.String:
    """Return the full name of a repository."""
    pattern = f"^{grammar.REPOSITORY_NAME.pattern}$"
    return matching(pattern, example, longest=grammar.REPOSITORY_NAME_LENGTH, **more)


def digest(**more: Any) -> fields.String:
    """Return a digest that contents here can have."""
    example = "sha256:" + "0123456789abcdef" * 4
    return matching(r"^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$", example, longest=135, **more)


def time(**more: Any) -> "Time":
    """Return a time."""
    return Time(dump_only=True, metadata={"example": "2026-05-01T12:00:00Z", "format": "date-time"}, **more)


class Time(fields.String):
    """Seconds since the epoch, as RFC 3339 has them, of UTC."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else shown_time(value)


def shown_time(value: float) -> str:
    """Return a time as RFC 3339 has it, of UTC, to the millisecond."""
    return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
