"""What whoever administers an instance wants to know of it first."""

import shutil
from dataclasses import dataclass

from ocireg import __version__
from ocireg.config.sources import shown_store
from ocireg.metadata import layers
from ocireg.web.asked import Context

USES = ("data", "blobs")
"""What is in the folders that ``DiskGuard`` watches, in their order."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that pushes fill. Bytes."""

    use: str
    free: int
    size: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The program, where blobs are (without what is secret of it), the disks, and how many lists of files are kept."""

    version: str
    store: str
    disks: list[Disk]
    entries: int
    most_entries: int


def of(context: Context) -> Overview:
    """Return that of an instance. A disk that cannot be looked at is left out."""
    settings = context.settings
    disks = []
    for use, folder in zip(USES, context.registry.disk.folders, strict=False):
        try:
            found = shutil.disk_usage(folder)
        except OSError:
            continue
        disks.append(Disk(use, found.free, found.total))
    entries = layers.entries_kept(context.database)
    return Overview(__version__, shown_store(settings), disks, entries, settings.contents_entries)
