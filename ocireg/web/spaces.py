"""What of the paths is whose: programs' or people's. It decides how an error looks, and who has a cookie."""

MACHINES = frozenset({"v2", "api", "token", "metrics", "healthz", "readyz"})
"""First parts of paths that programs speak to; all else is for people."""


def is_page(path: str) -> bool:
    """Say whether a path is that of a page."""
    return path.lstrip("/").partition("/")[0] not in MACHINES
