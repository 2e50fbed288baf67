"""Settings: one table, from which come environment, TOML file, flags, help and documentation."""

from ocireg.config.settings import Settings
from ocireg.config.sources import ConfigurationError, Loaded, load

__all__ = ["ConfigurationError", "Loaded", "Settings", "load"]
