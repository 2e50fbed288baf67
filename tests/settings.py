"""Settings for installations that live as long as a test."""

from pathlib import Path

from ocireg.config import Settings, load


def settings_for(folder: Path, **changes: object) -> Settings:
    """Return the defaults over ``folder``, with changes by name; no environment reaches them."""
    flags = {
        "data": str(folder / "data"),
        "low_water": "0",
        "open": "true",
        **{name: str(value) for name, value in changes.items()},
    }
    return load(environ={}, flags=flags, config_file=None).settings
