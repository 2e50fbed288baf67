"""Names and texts that people choose: what each may be. All raise ``Invalid``."""

import re
import unicodedata
from collections.abc import Iterable

from ocireg.auth import passwords
from ocireg.auth.manage.errors import Invalid
from ocireg.auth.scopes import LEVELS, ROLES, SCOPES, parse_scopes
from ocireg.config.networks import Networks

RESERVED = frozenset(
    {"v2", "api", "token", "metrics", "healthz", "readyz", "static", "bootstrap"}
    | {"account", "admin", "audit", "login", "root"}
)
"""What no organization is called: these are paths of the service, and ``root`` is the registry that belongs to none."""

ROOT = "root"
"""How the root registry is named on the command line and in the API; no organization is called so."""

VISIBILITIES = ("private", "public")
LONGEST_SLUG, LONGEST_TEXT = 63, 500

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_USER = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_NOT_OF_EMOJI = frozenset({"Ll", "Lu", "Lt", "Lm", "Lo", "Nd", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pi", "Pf"})
_JOINERS = frozenset({"\u200d", *map(chr, range(0xE0020, 0xE0080))})  # families; the flags of regions
_COLOUR = re.compile(r"(?:#[0-9a-f]{6})?")


def slug(text: str, field: str = "slug") -> str:
    """Return a slug: a part of a repository name, in kebab-case."""
    if len(text) > LONGEST_SLUG or not _SLUG.fullmatch(text):
        raise Invalid(field, f"{field} is lower-case letters and digits, joined by '-', {LONGEST_SLUG} at most")
    return text


def organization(text: str) -> str:
    """Return the slug of an organization."""
    if slug(text, "organization") == ROOT:
        raise Invalid("organization", f"{text!r} names the root registry: choose another")
    if text in RESERVED:
        raise Invalid("organization", f"{text!r} is a path of the service: choose another")
    return text


def slug_of(name: str) -> str:
    """Return the slug that a name makes, in kebab-case."""
    made = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_SLUG].rstrip("-")
    if not made:
        raise Invalid("slug", "the name has no letter or digit of which a slug could be made: give one")
    return made


def user(text: str) -> str:
    """Return the name of a user."""
    if not _USER.fullmatch(text):
        raise Invalid("user", "a user name is lower-case letters, digits and '.', '_', '-' between them, 64 at most")
    return text


def password(text: str) -> str:
    """Return a password."""
    if fault := passwords.fault(text):
        raise Invalid("password", fault)
    return text


def text(value: str, field: str) -> str:
    """Return a text for people: one line, not empty."""
    if not value.strip():
        raise Invalid(field, f"{field} is empty")
    return optional_text(value, field)


def optional_text(value: str, field: str) -> str:
    """Return a text for people, or nothing."""
    if len(value) > LONGEST_TEXT or not value.isprintable():
        raise Invalid(field, f"{field} is one line of at most {LONGEST_TEXT} characters")
    return value.strip()


def emoji(value: str) -> str:
    """Return an emoji, which may be made of several characters, or nothing."""
    if len(value) > 16 or not all(map(_of_emoji, value)) or value.isascii() != (value == ""):
        raise Invalid("emoji", "emoji is one emoji, or nothing")
    return value


def colour(value: str) -> str:
    """Return a colour, or nothing."""
    if not _COLOUR.fullmatch(value.lower()):
        raise Invalid("colour", "colour is as #1f6feb, or nothing")
    return value.lower()


def visibility(value: str) -> str:
    """Return a visibility."""
    return _one_of(value, "visibility", VISIBILITIES)


def role(value: str) -> str:
    """Return a role in an organization."""
    return _one_of(value, "role", ROLES)


def level(value: str) -> str:
    """Return a level on a registry."""
    return _one_of(value, "level", LEVELS)


def scopes(values: Iterable[str]) -> str:
    """Return scopes as they are kept, at least one."""
    try:
        found = parse_scopes(values)
    except ValueError as error:
        raise Invalid("scopes", str(error)) from None
    if not found:
        raise Invalid("scopes", f"scopes has at least one of {', '.join(SCOPES)}")
    return " ".join(one for one in SCOPES if one in found)


def networks(value: str) -> str:
    """Return networks as they are kept, or nothing for everywhere."""
    try:
        return str(Networks.parse(value))
    except ValueError as error:
        raise Invalid("networks", str(error)) from None


def _of_emoji(one: str) -> bool:
    """Say whether a character can be of an emoji: no letter, space or control; digits and # and * are of key caps."""
    if one.isascii():
        return one in "0123456789#*"
    return one in _JOINERS or unicodedata.category(one) not in _NOT_OF_EMOJI


def _one_of(value: str, field: str, known: Iterable[str]) -> str:
    if value not in known:
        raise Invalid(field, f"{field} is one of {', '.join(known)}, not {value!r}")
    return value
