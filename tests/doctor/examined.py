"""Runs the diagnosis in this process."""

from collections.abc import Mapping
from pathlib import Path

from ocireg.app import initialise
from ocireg.config import Settings, load
from ocireg.doctor import Finding, Verdict, examine
from tests.settings import settings_for


def made(folder: Path, **changes: object) -> Settings:
    """Make an installation, as ``ocireg init`` does."""
    settings = settings_for(folder, **{"open": "false", **changes})
    initialise(settings)
    return settings


def examined(folder: Path, **changes: object) -> dict[str, Finding]:
    """Return what the diagnosis finds, by check; of several of one check the worst."""
    flags = {"data": str(folder / "data"), "low_water": "0", **{name: str(value) for name, value in changes.items()}}
    found: dict[str, Finding] = {}
    for one in examine(load(environ={}, flags=flags, config_file=None)):
        if one.check not in found or found[one.check].verdict is Verdict.PASS:
            found[one.check] = one
    return found


def of(found: Mapping[str, Finding], *verdicts: Verdict) -> dict[str, str]:
    """Return the messages of the checks that ended so."""
    return {name: one.message for name, one in found.items() if one.verdict in verdicts}


def files(folder: Path) -> set[str]:
    """Return all files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
