"""Where a registry under test keeps its blobs: a folder, S3 or Cloud Storage; and how to look into it from outside."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.server import Server
from tests.stores.gcs import GcsStore
from tests.stores.s3 import S3Store


@dataclass(frozen=True)
class Home:
    """``settings`` of a server; ``leftovers`` names whatever an upload has in the store that is no object yet.

    ``objects``: bytes of every committed object, straight from the store.
    """

    settings: dict[str, Any]
    leftovers: Callable[[Server], list[str]]
    objects: Callable[[Server], list[bytes]]
    name: str = field(default="")


def folder() -> Home:
    """The data folder."""

    def leftovers(server: Server) -> list[str]:
        return [path.name for path in (server.data / "storage" / "uploads").iterdir() if path.stat().st_size]

    def objects(server: Server) -> list[bytes]:
        found = (server.data / "storage" / "objects" / "blobs").rglob("*")
        return [path.read_bytes() for path in found if path.is_file()]

    return Home({}, leftovers, objects, "folder")


def s3(store: S3Store, **options: str) -> Home:
    """A prefix of its own in S3, with parts of the least size."""
    prefix = f"home/{uuid.uuid4().hex}"

    def leftovers(server: Server) -> list[str]:
        del server
        parts = [
            f"{one['Key']} {part['PartNumber']}"
            for one in store.client.list_multipart_uploads(Bucket=store.bucket, Prefix=prefix).get("Uploads", ())
            if one["Key"]
            for part in store.client.list_parts(Bucket=store.bucket, Key=one["Key"], UploadId=one["UploadId"]).get(
                "Parts", ()
            )
        ]
        return parts + [name for name in store.names(store.bucket) if name.startswith(f"{prefix}/.tails/")]

    def objects(server: Server) -> list[bytes]:
        del server
        names = [name for name in store.names(store.bucket) if name.startswith(f"{prefix}/blobs/")]
        return [store.client.get_object(Bucket=store.bucket, Key=name)["Body"].read() for name in names]

    url = store.url(store.bucket, prefix=prefix, **{"part_size": "uniform:5MiB", **options})
    return Home({"storage": url}, leftovers, objects, "s3")


def gcs(store: GcsStore) -> Home:
    """A bucket of its own in Cloud Storage."""
    bucket = store.new_bucket()

    def leftovers(server: Server) -> list[str]:
        del server
        return [name for name in store.names(bucket) if ".uploads/" in name]

    def objects(server: Server) -> list[bytes]:
        del server
        return [store.read(bucket, name) for name in store.names(bucket) if name.startswith("home/blobs/")]

    return Home({"storage": store.url(bucket, prefix="home")}, leftovers, objects, "gcs")
