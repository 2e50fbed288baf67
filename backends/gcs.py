"""Objects in a bucket of Google Cloud Storage: ``gs://bucket/prefix?option=value``.

::

    <prefix><key>                            an object: visible when it is complete
    <prefix>.uploads/<key>~<upload>/<name>   a part of an upload, or an accumulator of parts that were folded

A resumable upload of Google's cannot go back to what was acknowledged, so parts are objects, and ``commit`` is one
compose of at most 32 of them, which copies nothing. Parts go when the object is there. Set the bucket's soft delete to
nothing, or they are paid for a week longer. No request has to do with access lists: uniform access will do.

Options: ``credentials`` (the JSON key of a service account; the machine's own credentials without it), ``endpoint``
(of an emulator; without credentials it is asked as nobody), ``buffer`` (memory for parts, in each process).
"""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from typing import BinaryIO
from urllib.parse import urlsplit

from backends import gcs_credentials, gcs_upload
from backends.base import Backend, Chunk, Limits, ObjectInfo, OpenUpload, Session, check_key
from backends.budget import Budget, Room
from backends.cutter import cut, send_all
from backends.deadline import Deadline, deadline_since, one_deadline
from backends.errors import BackendError, InvalidKey, Misconfigured, NotFound, SessionLost, Unavailable
from backends.gcs_advice import advice_for
from backends.gcs_client import ENDPOINT, Bucket
from backends.gcs_errors import Overtaken, translated
from backends.gcs_links import Links
from backends.gcs_reader import open_range
from backends.gcs_upload import UPLOADS, Gathering, Held
from backends.part_sizes import Sizes
from backends.urls import Place

OPTIONS = ("buffer", "credentials", "endpoint")
PART, LEAST_PART = 8 * 2**20, 2**20
BUFFER, LEAST_BUFFER = 128 * 2**20, 16 * 2**20
SENDERS = 32
LARGEST = 5 * 2**40


def from_url(url: str) -> "GcsBackend":
    """Return the driver for ``gs://bucket/prefix?option=…``; it asks the bucket nothing yet. ``Misconfigured``."""
    place = Place.parse(url, OPTIONS)
    budget = Budget(place.size("buffer", BUFFER))
    budget.require(LEAST_BUFFER)
    endpoint = place.text("endpoint")
    if endpoint and not _is_address(endpoint):
        raise Misconfigured(f"endpoint={endpoint}: it is a URL, as http://127.0.0.1:4443")
    credentials = gcs_credentials.find(place.text("credentials"), place.bucket, nobody=bool(endpoint))
    with translated(place.bucket, endpoint or ENDPOINT, ""):
        try:
            bucket = Bucket(place.bucket, credentials, endpoint or ENDPOINT)
        except ValueError as error:
            raise Misconfigured(f"gs://{place.bucket}: {error}") from error
    return GcsBackend(bucket, place.prefix, budget)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def advice(url: str) -> list[str]:
    """Return what an operator should mend about the bucket. See ``backends.advice``."""
    return advice_for(from_url(url).bucket)


class GcsBackend(Backend):
    """See the module's text. ``part``: the size of a whole one, in bytes."""

    def __init__(self, bucket: Bucket, prefix: str, budget: Budget, part: int = PART) -> None:
        self.bucket = bucket
        self._prefix = prefix
        self._room = Room(budget, budget)  # no part is too large for memory
        self._sizes = Sizes(planned=lambda _: part, least=min(LEAST_PART, part), elastic=sys.maxsize, in_memory=part)
        self.limits = Limits(LARGEST, self._sizes.at_once(self._room))
        self._pool = ThreadPoolExecutor(SENDERS, "gcs-send")
        self._links = Links(bucket)

    def stat(self, key: str) -> ObjectInfo:
        """Describe the object."""
        found = self.bucket.stat(self._object(key))
        return ObjectInfo(key, found.size, found.created)

    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read ``[start, stop)``, over as many connections as it takes."""
        return open_range(self.bucket, self._object(key), start, stop)

    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:
        """Sign, with the account's own key or by IAM; None where neither can be had at this moment."""
        return self._links.url(self._object(key), expires, content_type, disposition)

    def put(self, key: str, data: bytes) -> None:
        """Store it in one request."""
        self.bucket.put(self._object(key), data)

    def delete(self, key: str) -> None:
        """Delete."""
        self.bucket.delete(self._object(key))

    def scan(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """List, page by page: the store's own order is that of bytes. What is no key is not ours, or is a part."""
        start = self._prefix + after if after else ""
        for found in self.bucket.names(self._prefix + prefix, start):
            key = found.name.removeprefix(self._prefix)
            if key > after and _is_key(key):
                yield ObjectInfo(key, found.size, found.created)

    def begin(self, key: str) -> Session:
        """Choose a name; nothing is stored yet."""
        return Held.fresh(key).session()

    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Store parts, two at once while the next one comes in."""
        with one_deadline(Deadline(held=True)) as deadline:
            return replace(self._append(session, deadline.watch(chunks), deadline), received=deadline.began)

    def _append(self, session: Session, chunks: Iterable[Chunk], deadline: Deadline) -> Session:
        before = Held.of(session)
        left_over = self._require(before)
        if session.contested:
            gathering = Gathering(self.bucket, self._prefix, Held.fresh(session.successor))
        else:
            gathering = Gathering(self.bucket, self._prefix, before)
            self.bucket.discard(left_over)
        try:
            if session.contested:
                gathering.adopt(self._prefix + before.folder, before.parts)
            send_all(cut(chunks, 1, self._sizes, self._room), gathering.send, self._pool)
        except BaseException:
            deadline.run()
            gathering.undo()
            raise
        return gathering.held().session()

    def _require(self, held: Held) -> list[str]:
        """Raise ``SessionLost`` if a part is gone; return what else lies there, which no value needs any more.

        An upload of nothing is not looked for.
        """
        if not held.parts:
            return []
        folder = self._prefix + held.folder
        there = {found.name.removeprefix(folder): found.size for found in self.bucket.names(folder)}
        for name, size in held.parts:
            if there.pop(name, None) != size:
                raise SessionLost("parts of the upload are gone")
        return [folder + name for name in there]

    def commit(self, session: Session) -> None:
        """Compose; or, of nothing, put."""
        with deadline_since(session.received):
            self._commit(session)

    def _commit(self, session: Session) -> None:
        held = Held.of(session)
        name, folder = self._object(held.key), self._prefix + held.folder
        parts = [folder + part for part, _ in held.parts]
        try:
            if parts:
                self._publish(name, parts, held.size)
            elif not self.bucket.put(name, b"", new=True) and self.bucket.stat(name).size:
                raise SessionLost("there is an object already, which is not empty")
        except (NotFound, Unavailable) as error:
            if not self._is_committed(held):
                self._require_after(held, error)
                raise
        self.bucket.discard([*parts, *(folder + part for part in held.stale)])

    def _publish(self, name: str, parts: list[str], size: int) -> None:
        """Compose, over nothing. Where there is an object that is not this one, over that very one.

        So of two that commit at once, or of a request that arrives late, none replaces what it has not seen.
        """
        try:
            made = self.bucket.compose(name, parts, over=0)
        except Overtaken:
            there = self.bucket.version(name)
            if there.generation and there.size == size:
                return
            made = self.bucket.compose(name, parts, over=there.generation)
        if made.size != size:
            self.bucket.delete(name, made.generation)
            raise SessionLost("parts of the upload are not as they were")

    def _is_committed(self, held: Held) -> bool:
        """Say whether a commit was done, of which the answer did not come or was that the parts are gone."""
        try:
            return self.bucket.stat(self._object(held.key)).size == held.size
        except NotFound:
            return False

    def _require_after(self, held: Held, error: BackendError) -> None:
        """Say what a commit died of: parts that are gone, or the store."""
        try:
            self._require(held)
        except SessionLost as lost:
            raise lost from error

    def abort(self, session: Session) -> None:
        """Remove whatever lies in the upload's folder."""
        if folder := gcs_upload.folder_of(session):
            with deadline_since(session.received):
                self.bucket.delete_all([found.name for found in self.bucket.names(self._prefix + folder)])

    def scan_uploads(self) -> Iterator[OpenUpload]:
        """List the folders of parts; those of one follow each other."""
        root = self._prefix + UPLOADS
        for folder, found in groupby(self.bucket.names(root), lambda one: one.name.rpartition("/")[0]):
            if session := gcs_upload.session_of(folder.removeprefix(root)):
                yield OpenUpload(session, max(one.created for one in found))

    def _object(self, key: str) -> str:
        return self._prefix + check_key(key)


def _is_key(text: str) -> bool:
    try:
        check_key(text)
    except InvalidKey:
        return False
    return True
