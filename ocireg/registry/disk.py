"""Refuses pushes while there is still room for deletes, for the database and for whatever else lives on the disk."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from ocireg.config import Settings
from ocireg.config.values import path_of
from ocireg.errors import STORAGE_FULL, RegistryError


class DiskGuard:
    """Watches the free bytes of the disks that a push fills."""

    def __init__(self, folders: Iterable[Path], low_water: int) -> None:
        self.folders = tuple(folders)
        self._low_water = low_water

    @classmethod
    def for_settings(cls, settings: Settings) -> "DiskGuard":
        """Watch the data folder, and the folder of blobs where the store is one."""
        folders = [settings.data]
        if settings.storage_url.startswith("file:"):
            folders.append(path_of(settings.storage_url))
        return cls(folders, settings.low_water)

    def require_room(self, wanted: int = 0) -> None:
        """Raise STORAGE_FULL if a disk would have less than ``low_water`` bytes free after ``wanted`` more."""
        for folder in self.folders:
            try:
                free = shutil.disk_usage(folder).free
            except OSError:
                continue  # a folder that is gone is the driver's to report
            if free - wanted < self._low_water:
                raise RegistryError(
                    STORAGE_FULL,
                    f"the disk is nearly full ({free // 2**20} MiB free, {self._low_water // 2**20} MiB wanted): "
                    "pushes are refused, pulls and deletes go on",
                )
