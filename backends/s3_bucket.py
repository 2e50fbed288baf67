"""A bucket, one request a method; names are whole, prefix included. Errors are the driver's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from botocore.response import StreamingBody

from backends.errors import SessionLost, Unavailable
from backends.retry import patiently
from backends.s3_client import Clients, translated, write_options
from backends.s3_state import SentPart
from backends.urls import Place

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

T = TypeVar("T")

PAGE = 1000
OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Found:
    """An object as the bucket knows it: name, size in bytes, time (UTC)."""

    name: str
    size: int
    modified: datetime


class Body:
    """The body of an answer. Its errors are the driver's."""

    def __init__(self, body: StreamingBody, bucket: str) -> None:
        self._body = body
        self._bucket = bucket

    def read(self, size: int) -> bytes:
        """Read up to ``size`` bytes."""
        with translated(self._bucket):
            return self._body.read(size)

    def close(self) -> None:
        """Let go of the connection."""
        self._body.close()


class Bucket:
    """See the module's text."""

    def __init__(self, place: Place) -> None:
        self.name = place.bucket
        self._clients = Clients(place)
        self._new = write_options(place)

    def head(self, name: str) -> Found:
        """Describe an object. ``NotFound``."""
        with translated(self.name):
            answer = self._clients.for_now().head_object(Bucket=self.name, Key=name)
            return Found(name, answer["ContentLength"], answer["LastModified"])

    def get(self, name: str, start: int, stop: int | None) -> tuple[Body, int, int | None]:
        """Open ``[start, stop)``; return the body, where it ends, and the size of the whole object if that is told.

        ``NotFound``, ``InvalidRange``.
        """
        whole = start == 0 and stop is None
        wanted = {} if whole else {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}
        with translated(self.name):
            answer = self._clients.for_now().get_object(Bucket=self.name, Key=name, **cast("Any", wanted))
            body, length = Body(answer["Body"], self.name), answer["ContentLength"]
        if not whole and not answer.get("ContentRange", "").startswith(f"bytes {start}-"):
            body.close()
            raise Unavailable(f"s3://{self.name}: the store does not answer with the range that it was asked for")
        total = str(length) if whole else answer.get("ContentRange", "").rpartition("/")[2]
        return body, start + length, int(total) if total.isdecimal() else None

    def put(self, name: str, data: bytes | IO[bytes]) -> None:
        """Store a whole object."""
        with translated(self.name):
            self._clients.for_now().put_object(Bucket=self.name, Key=name, Body=data, ContentType=OCTETS, **self._new)

    def delete(self, name: str) -> None:
        """Remove an object."""
        with translated(self.name):
            self._clients.for_now().delete_object(Bucket=self.name, Key=name)

    def folder(self, prefix: str) -> tuple[list[Found], list[str]]:
        """Return the objects and the sub-folders of a folder, all named with slash at the end; "" is the top."""
        objects: list[Found] = []
        folders: set[str] = set()

        given, marks = {"Prefix": prefix, "Delimiter": "/"}, {"ContinuationToken": "NextContinuationToken"}
        for some, below in self._pages("list_objects_v2", given, marks, _entries):
            objects += some
            folders.update(below)
        return [one for one in objects if one.name != prefix], sorted(folders)

    def _pages(
        self, operation: str, given: Mapping[str, Any], marks: Mapping[str, str], read: Callable[[Any], T]
    ) -> Iterator[T]:
        """Yield what ``read`` makes of each page of a listing; a page that fails is asked for again.

        ``marks``: the parameters that ask for the next page, and what they are called in an answer, which may leave
        some out.
        """

        def page() -> tuple[T, dict[str, Any]]:
            with translated(self.name):
                answer = getattr(self._clients.for_now(), operation)(Bucket=self.name, **given, **more)
                return read(answer), _further(answer, marks)

        more: dict[str, Any] = {}
        while True:
            found, further = patiently(page)
            yield found
            if not further:
                return
            if further == more:
                raise Unavailable(f"s3://{self.name}: {operation}: the store gives the same page again and again")
            more = further

    def presign(self, name: str, expires: int, content_type: str, disposition: str) -> str:
        """Return a URL for a GET. Asks nobody."""
        wanted = {
            "Bucket": self.name,
            "Key": name,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
        }
        with translated(self.name):
            return self._clients.signing.generate_presigned_url("get_object", Params=wanted, ExpiresIn=expires)

    def create(self, name: str) -> str:
        """Begin a multipart upload; return its id."""
        with translated(self.name):
            answer = self._clients.for_now().create_multipart_upload(
                Bucket=self.name, Key=name, ContentType=OCTETS, **self._new
            )
            return _named(answer, "UploadId")

    def send(self, name: str, upload: str, number: int, data: IO[bytes], size: int) -> SentPart:
        """Send a part. ``SessionLost``."""
        with translated(self.name):
            answer = self._clients.for_now().upload_part(
                Bucket=self.name, Key=name, UploadId=upload, PartNumber=number, Body=data, ContentLength=size
            )
            return SentPart(_named(answer, "ETag"), size)

    def copy(
        self, source: str, span: tuple[int, int], name: str, upload: str, number: int, *, whole: bool = False
    ) -> SentPart:
        """Copy ``[start, stop)`` of an object as a part, within the store. ``NotFound``, ``SessionLost``.

        Of the ``whole`` object no range is said: stores refuse one of a small object.
        """
        start, stop = span
        ranged = {} if whole else {"CopySourceRange": f"bytes={start}-{stop - 1}"}
        with translated(self.name):
            answer = self._clients.for_now().upload_part_copy(
                Bucket=self.name,
                Key=name,
                UploadId=upload,
                PartNumber=number,
                CopySource={"Bucket": self.name, "Key": source},
                **cast("Any", ranged),
            )
            return SentPart(_named(answer["CopyPartResult"], "ETag"), stop - start)

    def complete(self, name: str, upload: str, parts: Sequence[SentPart]) -> None:
        """Make the object of the parts. ``SessionLost`` if the upload is gone, or a part is another one."""
        named: list[CompletedPartTypeDef] = [
            {"PartNumber": number, "ETag": part.etag} for number, part in enumerate(parts, 1)
        ]
        with translated(self.name):
            self._clients.for_now().complete_multipart_upload(
                Bucket=self.name, Key=name, UploadId=upload, MultipartUpload={"Parts": named}
            )

    def abort(self, name: str, upload: str) -> None:
        """End a multipart upload with nothing. ``SessionLost`` if it is gone."""
        with translated(self.name):
            self._clients.for_now().abort_multipart_upload(Bucket=self.name, Key=name, UploadId=upload)

    def require_upload(self, name: str, upload: str) -> None:
        """Raise ``SessionLost`` if the multipart upload is gone."""
        with translated(self.name):
            self._clients.for_now().list_parts(Bucket=self.name, Key=name, UploadId=upload, MaxParts=1)

    def uploads(self, prefix: str) -> Iterator[tuple[str, str, datetime]]:
        """Yield name, id and time of the newest part of every multipart upload under ``prefix``."""
        marks = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}
        for page in self._pages("list_multipart_uploads", {"Prefix": prefix, "MaxUploads": PAGE}, marks, _uploads):
            for name, upload, begun in page:
                if name.startswith(prefix) and name:
                    yield name, upload, self._moved(name, upload, begun)

    def _moved(self, name: str, upload: str, begun: datetime) -> datetime:
        """Return when the upload got its newest part, of one that ended meanwhile when it began."""
        given, marks = {"Key": name, "UploadId": upload}, {"PartNumberMarker": "NextPartNumberMarker"}
        newest = begun
        with suppress(SessionLost):
            for times in self._pages("list_parts", given, marks, _times):
                newest = max([newest, *times])
        return newest


def _further(answer: Any, marks: Mapping[str, str]) -> dict[str, Any]:
    """Return what asks for the next page; nothing if there is none. ``KeyError`` if there is one, and nothing asks."""
    if not answer.get("IsTruncated"):
        return {}
    found = {name: answer[said] for name, said in marks.items() if answer.get(said)}
    if not found:
        raise KeyError(*marks.values())
    return found


def _entries(answer: Any) -> tuple[list[Found], list[str]]:
    """Return the objects and the sub-folders on a page of a folder."""
    objects = [Found(one["Key"], one["Size"], one["LastModified"]) for one in answer.get("Contents", ())]
    return objects, [one["Prefix"] for one in answer.get("CommonPrefixes", ())]


def _uploads(answer: Any) -> list[tuple[str, str, datetime]]:
    return [(one["Key"], one["UploadId"], one["Initiated"]) for one in answer.get("Uploads", ())]


def _times(answer: Any) -> list[datetime]:
    return [one["LastModified"] for one in answer.get("Parts", ())]


def _named(answer: Mapping[str, Any], name: str) -> str:
    """Return a text of an answer. ``KeyError`` if there is none: what fences writers is never empty."""
    found = answer[name]
    if not found or not isinstance(found, str):
        raise KeyError(name)
    return found
