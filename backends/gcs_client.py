"""What the driver for Google Cloud Storage asks of a bucket. Names here are whole names of objects.

Listing, composing and deleting are the library's. The bytes of objects are not: to send a part, the library reads it
into memory that no budget counts, and copies that; to fetch one, it writes a file. So both are plain requests, of one
session that the library uses too. Nothing is tried again here; ``patiently`` and ``Retrying`` do that.
"""

import base64
import io
import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import quote

import google_crc32c
import requests
from google.api_core.exceptions import from_http_response
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession, Request
from google.cloud.storage import Blob, Client
from requests.adapters import HTTPAdapter

from backends.deadline import in_context, timeouts
from backends.errors import BackendError, NotFound, Unavailable
from backends.gcs_errors import Overtaken, translated
from backends.parts import Part, read_pieces
from backends.retry import patiently

# The library's own switch. Else each client asks for the bucket itself, in a thread that tries for two minutes, so that
# traces which nobody has asked for can name its location: a right that nothing here needs (storage.buckets.get).
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")

ENDPOINT = "https://storage.googleapis.com"
CONNECTIONS = 64
CLEANERS = 8
PAGE = 1000
MOST_SOURCES = 32
CONTENT_TYPE = "application/octet-stream"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the bucket: its whole name, its size in bytes, when it was made (UTC)."""

    name: str
    size: int
    created: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """What an object is at one moment: its size in bytes, and the generation that tells it from any other."""

    size: int
    generation: int


class Body:
    """The body of a request: it begins again each time it is sent, and knows the checksum of what was sent last."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.checksum = b""

    def __len__(self) -> int:
        return self._part.size

    def __iter__(self) -> Iterator[bytes]:
        checksum = google_crc32c.Checksum()
        for piece in read_pieces(self._part.open()):
            checksum.update(piece)
            yield piece
        self.checksum = checksum.digest()


class Bucket:
    """See the module's text. Used by many threads at once."""

    def __init__(self, name: str, credentials: Credentials, endpoint: str = ENDPOINT) -> None:
        self.name = name
        self.endpoint = endpoint.rstrip("/")
        self.credentials = credentials
        self.session = AuthorizedSession(credentials, auth_request=Request(requests.Session()))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
        # Its own session would hold ten connections, and log a warning for each one more.
        client = Client(
            project=None,
            credentials=credentials,
            client_options={"api_endpoint": self.endpoint},
            _http=self.session,
        )
        self.handle = client.bucket(name)
        self._cleaners = ThreadPoolExecutor(CLEANERS, "gcs-delete")

    def translated(self, name: str = "") -> AbstractContextManager[None]:
        """Turn the library's errors into the driver's; ``name`` is of the object, if it is about one."""
        return translated(self.name, self.endpoint, name)

    def stat(self, name: str) -> Found:
        """Describe an object. ``NotFound``."""
        with self.translated(name):
            blob = self.handle.blob(name)
            blob.reload(timeout=timeouts(), retry=None)
            return _found(blob)

    def names(self, prefix: str, start: str = "") -> Iterator[Found]:
        """Yield the objects whose name begins with ``prefix``, in byte order, from ``start`` on where the store can."""
        token: str | None = None
        while True:
            found, token = patiently(partial(self._page, prefix, start, token))
            yield from found
            if not token:
                return

    def _page(self, prefix: str, start: str, token: str | None) -> tuple[list[Found], str | None]:
        with self.translated():
            listing = self.handle.client.list_blobs(
                self.handle,
                prefix=prefix or None,
                start_offset=start or None,
                page_token=token,
                page_size=PAGE,
                fields="items(name,size,timeCreated),nextPageToken",
                timeout=timeouts(),
                retry=None,
            )
            found = [_found(one) for one in next(listing.pages, ())]
            return found, listing.next_page_token

    def put(self, name: str, data: bytes, *, new: bool = False) -> bool:
        """Store ``data``, of which the store checks the sum. With ``new``, return False if there is an object already.

        Up to 8 MiB in one request.
        """
        try:
            with self.translated():
                self.handle.blob(name).upload_from_file(
                    io.BytesIO(data),
                    size=len(data),
                    content_type=CONTENT_TYPE,
                    if_generation_match=0 if new else None,
                    timeout=timeouts(),
                    checksum="crc32c",
                    retry=None,
                )
        except Overtaken:
            return False
        return True

    def send(self, name: str, part: Part) -> None:
        """Store a part, in one request. It is checked afterwards: nobody reads it before it is composed."""
        body = Body(part)
        params = {"uploadType": "media", "name": name, "fields": "size,crc32c"}
        url = f"{self.endpoint}/upload/storage/v1/b/{quote(self.name, safe='')}/o"
        with self.translated():
            answer = self.session.request(
                "POST", url, params=params, data=body, headers={"Content-Type": CONTENT_TYPE}, timeout=timeouts()
            )
            if answer.status_code != 200:
                raise from_http_response(answer)
            stored = answer.json()
            arrived = int(stored["size"]), stored["crc32c"]
        if arrived != (part.size, base64.b64encode(body.checksum).decode()):
            raise Unavailable(f"gs://{self.name}: what arrived is not what was sent")

    def get(self, name: str, start: int, stop: int | None, generation: str | None) -> requests.Response:
        """Ask for ``[start, stop)``, of that generation of the object; the answer is of status 200, 206 or 416.

        Who takes it reads and closes it. ``NotFound``.
        """
        params = {"alt": "media"} | ({"generation": generation} if generation else {})
        headers = {"Range": f"bytes={start}-{'' if stop is None else stop - 1}", "Accept-Encoding": "identity"}
        url = f"{self.endpoint}/download/storage/v1/b/{quote(self.name, safe='')}/o/{quote(name, safe='')}"
        with self.translated(name):
            answer: requests.Response = self.session.request(
                "GET", url, params=params, headers=headers, timeout=timeouts(), stream=True
            )
            if answer.status_code not in (200, 206, 416):
                with answer:
                    raise from_http_response(answer)
            return answer

    def compose(self, name: str, sources: list[str], *, over: int | None = None) -> Version:
        """Make an object of up to ``MOST_SOURCES`` others, in one request; return it. ``NotFound``.

        ``over``: the generation of the object that it takes the place of, 0 of none; ``Overtaken`` if there is another.
        """
        with self.translated(name):
            blob = self.handle.blob(name)
            blob.content_type = CONTENT_TYPE
            parts = [self.handle.blob(one) for one in sources]
            blob.compose(parts, timeout=timeouts(), retry=None, if_generation_match=over)
            return Version(int(blob.size), int(blob.generation))

    def version(self, name: str) -> Version:
        """Return what an object is now; of one that is not there no bytes of generation 0."""
        try:
            with self.translated(name):
                blob = self.handle.blob(name)
                blob.reload(timeout=timeouts(), retry=None)
                return Version(int(blob.size), int(blob.generation))
        except NotFound:
            return Version(0, 0)

    def delete(self, name: str, generation: int | None = None) -> None:
        """Remove an object, or that generation of it alone; an absent one is no error."""
        try:
            with self.translated(name):
                self.handle.blob(name).delete(timeout=timeouts(), retry=None, if_generation_match=generation)
        except (NotFound, Overtaken):
            return

    def delete_all(self, names: Iterable[str]) -> None:
        """Remove objects, several at once. Raises the first error, after all were tried."""
        tried = [self._cleaners.submit(in_context(patiently), partial(self.delete, one)) for one in names]
        errors = [error for one in tried if (error := one.exception())]
        if errors:
            raise errors[0]

    def discard(self, names: Iterable[str]) -> None:
        """Remove what nothing names any more; what cannot be removed now stays for ``scan_uploads`` to find."""
        try:
            self.delete_all(names)
        except BackendError as error:
            log.warning("parts of an upload are left in the store: %s", error)


def _found(blob: Blob) -> Found:
    """Read what an answer says of an object. ``TypeError`` where it says no size or no time."""
    if not isinstance(blob.size, int) or not isinstance(blob.time_created, datetime):
        raise TypeError("an object without a size or a time")
    return Found(blob.name, blob.size, blob.time_created)
