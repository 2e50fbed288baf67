"""A client that does not give up: it resumes where the registry says, or begins again."""

import contextlib
import json
from dataclasses import dataclass

import requests

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_EMPTY, OCI_MANIFEST
from tests.faults.wire import until
from tests.server import Server


@dataclass
class Image:
    """A blob and a manifest that refers to it."""

    blob: bytes
    manifest: bytes

    @classmethod
    def of(cls, blob: bytes) -> "Image":
        """Make the manifest."""
        described = {"mediaType": OCI_EMPTY, "digest": str(Digest.of(blob)), "size": len(blob)}
        body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described, "layers": []}
        return cls(blob, json.dumps(body).encode())


def push(server: Server, repository: str, image: Image, chunk: int) -> None:
    """Push the blob in chunks and the manifest under the tag ``v1``, whatever happens to the server meanwhile."""
    base = f"{server.url}/v2/{repository}"
    digest = Digest.of(image.blob)
    location = ""

    def blob() -> bool:
        nonlocal location
        with contextlib.suppress(requests.RequestException):
            if requests.head(f"{base}/blobs/{digest}", timeout=30).status_code == 200:
                return True
            location, offset = _session(server, base, location)
            rest = image.blob[offset : offset + chunk]
            if rest:
                answer = requests.patch(location, data=rest, headers=_range(offset, rest), timeout=30)
            else:
                answer = requests.put(f"{location}?digest={digest}", timeout=30)
            if answer.status_code in (404, 416):
                location = ""
        return False

    until(blob, 120)

    def manifest() -> bool:
        with contextlib.suppress(requests.RequestException):
            answer = requests.put(
                f"{base}/manifests/v1", data=image.manifest, headers={"Content-Type": OCI_MANIFEST}, timeout=30
            )
            return answer.status_code == 201
        return False

    until(manifest, 120)


def _session(server: Server, base: str, location: str) -> tuple[str, int]:
    """Return where to go on, and from which offset."""
    if location:
        answer = requests.get(location, timeout=30)
        if answer.status_code == 204:
            last = int(answer.headers["Range"].partition("-")[2])
            return location, last + 1 if last else 0
    begun = requests.post(f"{base}/blobs/uploads/", timeout=30)
    assert begun.status_code == 202, f"{begun.status_code} {begun.text}\n{server.log.read_text()[-3000:]}"
    return server.url + begun.headers["Location"], 0


def _range(offset: int, rest: bytes) -> dict[str, str]:
    return {"Content-Range": f"{offset}-{offset + len(rest) - 1}"}


def check(server: Server, repository: str, image: Image) -> None:
    """Check that what was pushed comes back."""
    base = f"{server.url}/v2/{repository}"
    assert _get(f"{base}/blobs/{Digest.of(image.blob)}").content == image.blob
    assert _get(f"{base}/manifests/v1").content == image.manifest


def _get(url: str) -> requests.Response:
    """Get, again where the worker died: just after it had answered what came before, or while it answers this."""

    def got() -> requests.Response | None:
        with contextlib.suppress(requests.RequestException):
            return requests.get(url, timeout=30)
        return None

    found: requests.Response = until(got)
    return found


def check_never_half(server: Server, repository: str, image: Image) -> None:
    """Check that the blob is there whole, or not at all."""
    answer = requests.get(f"{server.url}/v2/{repository}/blobs/{Digest.of(image.blob)}", timeout=30)
    assert answer.status_code == 404 or answer.content == image.blob
