"""Which file system a path is on: SQLite's locks and its shared memory do not work across machines."""

from pathlib import Path

from ocireg.errors import OperatorError

# Types as /proc/self/mounts names them; "fuse." ones are named in full, since fuse itself may well be local.
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "lustre", "gfs2", "ocfs2", "beegfs"}
    | {f"fuse.{name}" for name in ("sshfs", "glusterfs", "s3fs", "gcsfuse", "rclone", "juicefs", "goofys", "davfs2")}
)
MOUNTS = Path("/proc/self/mounts")


def refuse_network(folder: Path, mounts: Path = MOUNTS) -> None:
    """Raise ``OperatorError`` if ``folder`` lies on a network file system. Unknown where there is no ``/proc``."""
    kind = filesystem_type(folder.resolve(), mounts)
    if kind in NETWORK:
        raise OperatorError(
            f"{folder} is on a network file system ({kind}), where SQLite loses data: put the database on a local disk "
            "(OCIREG_DATABASE=sqlite:/path/ocireg.db); blobs may stay where they are (OCIREG_STORAGE)"
        )


def filesystem_type(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the type of the file system that holds ``path``: that of the longest mount point above it."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    best, found = -1, None
    for line in lines:
        _, where, kind, *_ = line.split(" ")
        point = Path(where.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        # A later line with the same mount point lies over the earlier one.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), kind
    return found
