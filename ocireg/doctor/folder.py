"""The data folder: there, ours, writable, with room."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ocireg.config import Settings
from ocireg.config.values import path_of
from ocireg.doctor.finding import Finding, failed, not_tried, passed, warned

DATA, PERMISSIONS, ROOM = "data folder", "permissions", "free space"
_MADE = "ocireg init makes one"


def checks(settings: Settings) -> Iterator[Finding]:
    """Check the folder, and the disks that a push fills."""
    data = settings.data.absolute()
    yield _usable(data)
    yield _permissions(data) if data.is_dir() else not_tried(PERMISSIONS, f"{DATA} failed")
    yield from _room(settings)


def _usable(data: Path) -> Finding:
    text = f"{data} is there and can be written"
    if not data.exists():
        return failed(DATA, text, f"there is no folder {data}", f"{_MADE}, or name another one with --data")
    if not data.is_dir():
        return failed(DATA, text, f"{data} is not a folder", f"move it away: {_MADE}; or name another with --data")
    try:
        with tempfile.TemporaryFile(dir=data) as probe:
            probe.write(b"1")
            probe.flush()
    except OSError as error:
        return failed(
            DATA, text, f"cannot write {data}: {error.strerror}", "let the user that serves write there, and the disk"
        )
    return passed(DATA, text)


def _permissions(data: Path) -> Finding:
    found = data.stat()
    mode = stat.S_IMODE(found.st_mode)
    owner = _name(found.st_uid)
    text = f"{data} is of {owner}, mode {mode:04o}"
    if mode & stat.S_IWOTH:
        return warned(PERMISSIONS, text, "every user of this machine may write there", f"chmod o-w {data}")
    if found.st_uid != os.geteuid():
        return warned(
            PERMISSIONS, text, f"this is {_name(os.geteuid())}", f"run every ocireg command as {owner}, this one too"
        )
    strange = [one.name for one in sorted(data.iterdir()) if one.lstat().st_uid != found.st_uid]
    if strange:
        return warned(
            PERMISSIONS, text, f"{', '.join(strange)} is of another user", f"chown -R {owner} {data}, as root"
        )
    return passed(PERMISSIONS, text)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _room(settings: Settings) -> Iterator[Finding]:
    """Check each disk once."""
    folders = [settings.data.absolute(), settings.database_path.parent]
    if settings.storage_url.startswith("file:"):
        folders.append(path_of(settings.storage_url))
    disks = {folder.stat().st_dev: folder for folder in reversed(folders) if folder.is_dir()}
    for folder in disks.values():
        free = shutil.disk_usage(folder).free
        text = f"{_mib(free)} free for {folder}, pushes stop below {_mib(settings.low_water)}"
        if free < settings.low_water:
            yield failed(ROOM, text, "the disk is nearly full: pushes are refused", "make room, or lower --low-water")
        else:
            yield passed(ROOM, text)


def _mib(size: int) -> str:
    return f"{size // 2**20:,} MiB"
