"""``ocireg config``: what is in force, and whence."""

import argparse
import json
from pathlib import Path

from ocireg.config import Loaded
from ocireg.config.rows import Row
from ocireg.config.settings import TABLE
from ocireg.config.sources import masked, shown_store


def run_config(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Print every setting as an operator would write it, and as JSON in bytes and seconds; paths as they are found."""
    rows = [(row, loaded.origins[row.name]) for row in TABLE]
    if arguments.json:
        found = {row.name: {"value": _value(loaded, row), "from": origin} for row, origin in rows}
        found["config"] = {"value": loaded.file or "", "from": loaded.origins["config"]}
        print(json.dumps(found, indent=2))
        return 0
    lines = [(row.name, _text(loaded, row), origin) for row, origin in rows]
    lines.append(("config", loaded.file or '""', loaded.origins["config"]))
    width = max(len(name) for name, _, _ in lines)
    for name, text, origin in lines:
        print(f"{name:{width}}  {text:30}  {origin}")
    return 0


def _effective(loaded: Loaded, row: Row) -> str | None:
    """Return the text of a setting that is more than what was written: a path in full, a default from another one."""
    settings = loaded.settings
    value = getattr(settings, row.name)
    if row.secret:
        return "***" if value else ""
    if row.name == "storage":
        return shown_store(settings)
    if row.name == "database":
        return f"sqlite:{settings.database_path}"
    return str(value.absolute()) if isinstance(value, Path) else None


def _value(loaded: Loaded, row: Row) -> object:
    text = _effective(loaded, row)
    if text is not None:
        return text
    value = getattr(loaded.settings, row.name)
    return value if isinstance(value, bool | int | float) else masked(str(value or ""))


def _text(loaded: Loaded, row: Row) -> str:
    text = _effective(loaded, row)
    return masked(loaded.texts[row.name] if text is None else text) or '""'
