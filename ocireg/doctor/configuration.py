"""The settings in force, and whence."""

from ocireg.config import Loaded
from ocireg.doctor.finding import Finding, passed

CHECK = "configuration"


def check(loaded: Loaded) -> Finding:
    """Say which settings are not the default, and where they come from: those that cannot be used came no further."""
    by_origin: dict[str, list[str]] = {}
    for name, origin in loaded.origins.items():
        if origin != "default":
            by_origin.setdefault(origin, []).append(name)
    if not by_origin:
        return passed(CHECK, "the default of every setting is in force")
    return passed(CHECK, "; ".join(f"{', '.join(names)} from {origin}" for origin, names in by_origin.items()))
