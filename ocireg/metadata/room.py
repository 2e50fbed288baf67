"""Whether a disk has room for SQLite to write at all."""

import shutil
from pathlib import Path

LEAST = 64 * 1024
"""Bytes: the shared index of a WAL alone takes 32 KiB."""


def is_full(folder: Path) -> bool:
    """Say whether fewer than ``LEAST`` bytes are free; False if nobody can tell."""
    try:
        return shutil.disk_usage(folder).free < LEAST
    except OSError:
        return False
