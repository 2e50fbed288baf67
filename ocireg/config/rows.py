"""A row of the table of settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: its name, its default as an operator would write it, its unit, what it does, whether to hide it."""

    name: str
    parse: Callable[[str], Any]
    default: str
    unit: str
    doc: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"OCIREG_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """The flag of the command line."""
        return "--" + self.name.replace("_", "-")


def row(parse: Callable[[str], Any], default: str, unit: str, doc: str, *, secret: bool = False) -> Any:
    """Return the field of a setting, with its row."""
    return field(metadata={"parse": parse, "default": default, "unit": unit, "doc": doc, "secret": secret})
