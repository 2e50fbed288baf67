"""A bucket, one request a method; names are whole, prefix included. Errors are the driver's."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, cast

from botocore.response import StreamingBody

from backends.errors import Unavailable
from backends.retry import patiently
from backends.s3_client import connect, translated, write_options
from backends.s3_state import SentPart
from backends.urls import Place

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

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
        self._client = connect(place)
        self._new = write_options(place)

    def head(self, name: str) -> Found:
        """Describe an object. ``NotFound``."""
        with translated(self.name):
            answer = self._client.head_object(Bucket=self.name, Key=name)
        return Found(name, answer["ContentLength"], answer["LastModified"])

    def get(self, name: str, start: int, stop: int | None) -> tuple[Body, int]:
        """Open ``[start, stop)``; return the body and where it ends. ``NotFound``, ``InvalidRange``."""
        whole = start == 0 and stop is None
        wanted = {} if whole else {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}
        with translated(self.name):
            answer = self._client.get_object(Bucket=self.name, Key=name, **cast("Any", wanted))
        body = Body(answer["Body"], self.name)
        if not whole and not answer.get("ContentRange", "").startswith(f"bytes {start}-"):
            body.close()
            raise Unavailable(f"s3://{self.name}: the store does not answer with the range that it was asked for")
        return body, start + answer["ContentLength"]

    def put(self, name: str, data: bytes | IO[bytes]) -> None:
        """Store a whole object."""
        with translated(self.name):
            self._client.put_object(Bucket=self.name, Key=name, Body=data, ContentType=OCTETS, **self._new)

    def delete(self, name: str) -> None:
        """Remove an object."""
        with translated(self.name):
            self._client.delete_object(Bucket=self.name, Key=name)

    def folder(self, prefix: str) -> tuple[list[Found], list[str]]:
        """Return the objects and the sub-folders of a folder, all named with slash at the end; "" is the top."""
        objects: list[Found] = []
        folders: set[str] = set()
        more: dict[str, Any] = {}
        while True:

            def page(more: dict[str, Any] = more) -> Any:
                with translated(self.name):
                    return self._client.list_objects_v2(Bucket=self.name, Prefix=prefix, Delimiter="/", **more)

            answer = patiently(page)
            objects += (Found(one["Key"], one["Size"], one["LastModified"]) for one in answer.get("Contents", ()))
            folders.update(one["Prefix"] for one in answer.get("CommonPrefixes", ()))
            if not answer.get("IsTruncated"):
                return [one for one in objects if one.name != prefix], sorted(folders)
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def presign(self, name: str, expires: int, content_type: str, disposition: str) -> str:
        """Return a URL for a GET. Asks nobody."""
        wanted = {
            "Bucket": self.name,
            "Key": name,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
        }
        with translated(self.name):
            return self._client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=expires)

    def create(self, name: str) -> str:
        """Begin a multipart upload; return its id."""
        with translated(self.name):
            answer = self._client.create_multipart_upload(Bucket=self.name, Key=name, ContentType=OCTETS, **self._new)
        return answer["UploadId"]

    def send(self, name: str, upload: str, number: int, data: IO[bytes], size: int) -> SentPart:
        """Send a part. ``SessionLost``."""
        with translated(self.name):
            answer = self._client.upload_part(
                Bucket=self.name, Key=name, UploadId=upload, PartNumber=number, Body=data, ContentLength=size
            )
        return SentPart(answer["ETag"], size)

    def copy(self, source: str, start: int, stop: int, name: str, upload: str, number: int) -> SentPart:
        """Copy ``[start, stop)`` of an object as a part, within the store. ``NotFound``, ``SessionLost``."""
        with translated(self.name):
            answer = self._client.upload_part_copy(
                Bucket=self.name,
                Key=name,
                UploadId=upload,
                PartNumber=number,
                CopySource={"Bucket": self.name, "Key": source},
                CopySourceRange=f"bytes={start}-{stop - 1}",
            )
        return SentPart(answer["CopyPartResult"]["ETag"], stop - start)

    def complete(self, name: str, upload: str, parts: Sequence[SentPart]) -> None:
        """Make the object of the parts. ``SessionLost`` if the upload is gone, or a part is another one."""
        named: list[CompletedPartTypeDef] = [
            {"PartNumber": number, "ETag": part.etag} for number, part in enumerate(parts, 1)
        ]
        with translated(self.name):
            self._client.complete_multipart_upload(
                Bucket=self.name, Key=name, UploadId=upload, MultipartUpload={"Parts": named}
            )

    def abort(self, name: str, upload: str) -> None:
        """End a multipart upload with nothing. ``SessionLost`` if it is gone."""
        with translated(self.name):
            self._client.abort_multipart_upload(Bucket=self.name, Key=name, UploadId=upload)

    def require_upload(self, name: str, upload: str) -> None:
        """Raise ``SessionLost`` if the multipart upload is gone."""
        with translated(self.name):
            self._client.list_parts(Bucket=self.name, Key=name, UploadId=upload, MaxParts=1)

    def uploads(self, prefix: str) -> Iterator[tuple[str, str, datetime]]:
        """Yield name, id and time of the newest part of every multipart upload under ``prefix``."""
        with translated(self.name):
            for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.name, Prefix=prefix):
                for one in page.get("Uploads", ()):
                    if one["Key"].startswith(prefix) and one["Key"]:
                        yield one["Key"], one["UploadId"], self._moved(one["Key"], one["UploadId"], one["Initiated"])

    def _moved(self, name: str, upload: str, begun: datetime) -> datetime:
        """Return when the upload got its newest part, of one that ended meanwhile when it began."""
        newest = begun
        with suppress(self._client.exceptions.NoSuchUpload):
            for page in self._client.get_paginator("list_parts").paginate(Bucket=self.name, Key=name, UploadId=upload):
                newest = max([newest, *(one["LastModified"] for one in page.get("Parts", ()))])
        return newest
