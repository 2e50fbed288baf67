"""Objects as files of a folder.

::

    <root>/objects/<key>                 an object: complete, synchronised, never written again
    <root>/uploads/<key, / as ~>~<nonce> an upload session, or an object on its way

Both are of one file system: an object appears by rename. Only ``put`` and ``commit`` synchronise.

**Fences.** A writer holds ``flock`` on the upload's file, and checks then that the file still has its name. A
successor copies what was acknowledged to a new file under its own key, whether or not the lock is held: a former writer
may have been stopped before it took it. ``append`` leaves its
mark on the file (the time of modification, to the nanosecond) and in the session it returns; ``commit`` wants to
find it, so that a writer that was stopped between the two cannot publish what another wrote meanwhile.

**Loss of power.** ``append`` does not synchronise. The session holds the kernel's boot id, and one of another boot
is lost: its bytes may be. Where there is no boot id, ``append`` synchronises.
"""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from backends.base import Backend, Chunk, ObjectInfo, OpenUpload, Session, check_key
from backends.errors import InvalidKey, InvalidRange, Misconfigured, NotFound, SessionLost
from backends.files import Slice, boot_id, copy_head, publish, sync_folder, translated, write_all
from backends.local_upload import held, mark, new_name, require_boot, require_mark, session_of, time_of

log = logging.getLogger(__name__)


def from_url(url: str) -> "LocalBackend":
    """Return the driver for ``file:/folder``, which is made if it is not there. ``Misconfigured``."""
    path = url.removeprefix("file:").removeprefix("//")
    if not path:
        raise Misconfigured("file: needs a folder, as file:/var/lib/ocireg/storage")
    root = Path(path).absolute()
    try:
        for folder in ("objects", "uploads"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        # A file without a name, where the system has such: a crash leaves nothing. Elsewhere it looks like an upload.
        with TemporaryFile(dir=root / "uploads", prefix="probe~"):
            sync_folder(root)
    except OSError as error:
        raise Misconfigured(f"cannot write {root}: {error.strerror}") from error
    return LocalBackend(root)


class LocalBackend(Backend):
    """See the module's text. ``root`` holds the two folders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = root / "objects"
        self._uploads = root / "uploads"
        self._met_strangers = False

    def stat(self, key: str) -> ObjectInfo:
        """Describe the object."""
        with translated():
            try:
                found = self._object(key).stat(follow_symlinks=False)
            except (FileNotFoundError, NotADirectoryError):
                raise NotFound(key) from None
        if not stat.S_ISREG(found.st_mode):
            raise NotFound(key)
        return ObjectInfo(key, found.st_size, time_of(found))

    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read ``[start, stop)``, from a real file."""
        with translated():
            try:
                descriptor = os.open(self._object(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError):
                raise NotFound(key) from None
            found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            raise NotFound(key)
        size = found.st_size
        end = size if stop is None else min(stop, size)
        if not 0 <= start <= size or (stop is not None and stop < start):
            os.close(descriptor)
            raise InvalidRange(f"[{start}, {stop}) of {size} bytes")
        return cast("BinaryIO", Slice(descriptor, start, end))

    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:  # noqa: ARG002
        """Return None: files are read here."""
        check_key(key)
        return None

    def put(self, key: str, data: bytes) -> None:
        """Write beside, synchronise, rename."""
        target, source = self._object(key), self._upload(new_name(key))
        with translated():
            descriptor = os.open(source, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            try:
                write_all(descriptor, data)
                os.fsync(descriptor)
                publish(source, target, self._objects)
            except BaseException:
                source.unlink(missing_ok=True)
                raise
            finally:
                os.close(descriptor)

    def delete(self, key: str) -> None:
        """Unlink."""
        with translated():
            try:
                self._object(key).unlink(missing_ok=True)
            except (NotADirectoryError, IsADirectoryError):
                return  # a folder of keys is not an object

    def scan(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Walk the folders in byte order of whole keys, where ``a-b`` comes before ``a/b``."""
        with translated():
            yield from self._walk(self._objects, "", prefix, after)

    def _walk(self, folder: Path, parent: str, prefix: str, after: str) -> Iterator[ObjectInfo]:
        try:
            with os.scandir(folder) as listing:
                found = sorted(
                    f"{parent}{one.name}{'/' if one.is_dir(follow_symlinks=False) else ''}" for one in listing
                )
        except FileNotFoundError:
            return
        for key in found:
            if not (key.startswith(prefix) or prefix.startswith(key)) or self._is_strange(key.removesuffix("/")):
                continue
            if key.endswith("/"):
                if key > after or after.startswith(key):
                    yield from self._walk(self._objects / key, key, prefix, after)
            elif key > after and key.startswith(prefix):
                try:
                    yield self.stat(key)
                except NotFound:
                    continue  # deleted meanwhile

    def begin(self, key: str) -> Session:
        """Make the upload's file."""
        name = new_name(check_key(key))
        with translated():
            descriptor = os.open(self._upload(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            try:
                return session_of(key, 0, name, mark(descriptor))
            finally:
                os.close(descriptor)

    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Write behind the bytes that the session counts, in the upload's file or, taken over, in a copy."""
        if session.contested:
            return self._take_over(session, chunks)
        with held(self._file(session), session) as descriptor:
            return self._append(session, descriptor, chunks)

    def _append(self, session: Session, descriptor: int, chunks: Iterable[Chunk]) -> Session:
        with translated():
            before = os.fstat(descriptor)
            if before.st_size < session.size:
                raise SessionLost("the upload's file is shorter than what was acknowledged")
            os.ftruncate(descriptor, session.size)
            os.lseek(descriptor, session.size, os.SEEK_SET)
        size = session.size
        try:
            for chunk in chunks:
                with translated():
                    write_all(descriptor, chunk)
                size += len(chunk)
            with translated():
                if not boot_id():
                    os.fsync(descriptor)
                return session_of(session.key, size, str(session.state["file"]), mark(descriptor))
        except BaseException:
            with translated():  # the session given stays as good as it was, its mark included
                os.ftruncate(descriptor, session.size)
                os.utime(descriptor, ns=(before.st_atime_ns, before.st_mtime_ns))
            raise

    def _take_over(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Go on in a copy, under the new key: the file is left to the former writer, which may be alive."""
        key = session.successor
        require_boot(session)
        fresh = self.begin(key)
        try:
            with translated():
                source = os.open(self._file(session), os.O_RDONLY | os.O_CLOEXEC)
                target = os.open(self._file(fresh), os.O_WRONLY | os.O_CLOEXEC)
                try:
                    if not copy_head(source, target, session.size):
                        raise SessionLost("the upload's file is shorter than what was acknowledged")
                finally:
                    os.close(source)
                    os.close(target)
            with held(self._file(fresh), fresh) as descriptor:
                return self._append(Session(key, session.size, fresh.state), descriptor, chunks)
        except BaseException as error:
            self.abort(fresh)
            if isinstance(error.__cause__, FileNotFoundError):
                raise SessionLost("the upload's file is gone") from error
            raise

    def commit(self, session: Session) -> None:
        """Synchronise and rename. A file that could not be synchronised is given up: its bytes may be lost already."""
        try:
            with held(self._file(session), session) as descriptor:
                require_mark(descriptor, session)
                with translated():
                    try:
                        os.fsync(descriptor)
                    except OSError:
                        self._file(session).unlink(missing_ok=True)
                        raise
                    try:
                        publish(self._file(session), self._object(session.key), self._objects)
                    except FileNotFoundError:
                        raise SessionLost("the upload was aborted meanwhile") from None
        except SessionLost:
            if not self._committed(session):
                raise

    def _committed(self, session: Session) -> bool:
        """Say whether a commit of this session has been done: its file went, and the object is there."""
        if self._file(session).exists():
            return False
        try:
            return self.stat(session.key).size == session.size
        except NotFound:
            return False

    def abort(self, session: Session) -> None:
        """Unlink the upload's file."""
        with translated():
            self._file(session).unlink(missing_ok=True)

    def scan_uploads(self) -> Iterator[OpenUpload]:
        """List the upload folder."""
        with translated(), os.scandir(self._uploads) as listing:
            for one in listing:
                key = one.name.rpartition("~")[0].replace("~", "/")
                if not one.is_file(follow_symlinks=False) or self._is_strange(key, one.name):
                    continue
                try:
                    yield OpenUpload(session_of(key, 0, one.name, 0), time_of(one.stat()))
                except FileNotFoundError:
                    continue  # committed or aborted meanwhile

    def _is_strange(self, key: str, name: str = "") -> bool:
        """Say whether a file cannot be ours, as what NFS keeps of deleted files; the first of them goes to the log."""
        try:
            check_key(key)
        except InvalidKey:
            if not self._met_strangers:
                self._met_strangers = True
                log.warning("%s: %a is none of our files; such are left alone", self.root, name or key)
            return True
        return False

    def _object(self, key: str) -> Path:
        return self._objects / check_key(key)

    def _upload(self, name: str) -> Path:
        return self._uploads / name

    def _file(self, session: Session) -> Path:
        name = session.state.get("file")
        if not isinstance(name, str) or name.rpartition("~")[0] != check_key(session.key).replace("/", "~"):
            raise SessionLost("not a session of this driver")
        return self._upload(name)
