"""Where values come from: default, TOML file, environment, flag, each above the one before."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocireg.config import values
from ocireg.config.rows import Row
from ocireg.config.settings import TABLE, Settings
from ocireg.errors import OperatorError

FILE_VARIABLE = "OCIREG_CONFIG"
OTHER_VARIABLES = {FILE_VARIABLE}


class ConfigurationError(OperatorError):
    """A setting that cannot be used: the message names it, whence it came, and what was wanted."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, where each came from, and its text there; ``file`` is the TOML file that was read.

    ``origins`` says of ``config`` who named that file.
    """

    settings: Settings
    origins: Mapping[str, str]
    texts: Mapping[str, str]
    file: str


def load(environ: Mapping[str, str], flags: Mapping[str, str], config_file: Path | None) -> Loaded:
    """Return the settings in force. ``flags`` are texts by setting. ``ConfigurationError``."""
    found = {row.name: (row.default, "default") for row in TABLE}
    file = config_file or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    named_by = "flag --config" if config_file else FILE_VARIABLE if file else "default"
    if file is not None:
        found |= _from_file(file)
    found |= _from_environment(environ)
    found |= {name: (text, "flag " + _by_name()[name].flag) for name, text in flags.items()}
    parsed: dict[str, Any] = {row.name: _parse(row, *found[row.name]) for row in TABLE}
    settings = Settings(**parsed)
    _check_together(settings)
    origins = {name: origin for name, (_, origin) in found.items()} | {"config": named_by}
    texts = {name: text for name, (text, _) in found.items()}
    return Loaded(settings, origins, texts, str(file.absolute()) if file else "")


def _by_name() -> dict[str, Row]:
    return {row.name: row for row in TABLE}


def _from_file(file: Path) -> dict[str, tuple[str, str]]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read the configuration {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from error
    known = _by_name()
    found = {}
    for name, value in content.items():
        if name not in known:
            raise ConfigurationError(f"{file}: there is no setting {name!r}{_hint(name, known)}")
        if not isinstance(value, _in_toml(known[name])):
            raise ConfigurationError(f"{file}: {name} = {value!r}: {_wanted(known[name])}")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found[name] = (text, str(file))
    return found


def _in_toml(row: Row) -> tuple[type, ...]:
    """Return the types that a setting may have in TOML. A path is no number, though a number has a text."""
    if row.parse is values.boolean:
        return (bool, str)
    return (str, int, float) if row.parse in values.NUMERIC else (str,)


def _wanted(row: Row) -> str:
    kinds = {bool: "true or false", str: "a string", int: "a number", float: "a number"}
    return f"wanted {' or '.join(dict.fromkeys(kinds[one] for one in _in_toml(row)))}"


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    found = {}
    if environ.get("PORT"):
        if not values.is_port(environ["PORT"]):
            raise ConfigurationError(f"PORT = {environ['PORT']!r}: wanted a number from 0 to 65535")
        found["bind"] = (f"0.0.0.0:{environ['PORT']}", "PORT")
    if environ.get("DATABASE_URL"):
        found["database"] = (environ["DATABASE_URL"], "DATABASE_URL")
    known = {row.variable: row for row in TABLE}
    for name, value in environ.items():
        if name in known:
            found[known[name].name] = (value, name)
        elif name.startswith("OCIREG_") and name not in OTHER_VARIABLES and not name.startswith("OCIREG_TEST_"):
            raise ConfigurationError(f"there is no variable {name}{_hint(name, known)}")
    return found


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f": did you mean {near[0]}?" if near else " (ocireg config lists them)"


def _parse(row: Row, text: str, origin: str) -> object:
    try:
        return row.parse(text)
    except ValueError as error:
        shown = "***" if row.secret else repr(masked(text))
        raise ConfigurationError(f"{row.name} = {shown} (from {origin}): {error}") from error


def _check_together(settings: Settings) -> None:
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise ConfigurationError("tls_cert and tls_key are set together, or not at all")
    if settings.upload_threads > settings.threads:
        raise ConfigurationError("upload_threads is more than threads")


def masked(text: str) -> str:
    """Return a value fit to be shown: the password of a URL is not."""
    scheme, mark, rest = text.partition("://")
    user, at, host = rest.rpartition("@")
    if not mark or not at:
        return text
    name, colon, _ = user.partition(":")
    return f"{scheme}://{name}{colon and ':***'}@{host}"


def shown_store(settings: Settings) -> str:
    """Return the URL of the store fit to be shown: options may be secret, and are not."""
    return masked((settings.storage or settings.storage_url).partition("?")[0])
