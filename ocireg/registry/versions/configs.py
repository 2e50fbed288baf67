"""Configs of images and charts, read from the store; what cannot be read is said in a sentence, and no error."""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import TypeVar

from ocireg.errors import LOST, RegistryError
from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidDigest, InvalidManifest
from ocireg.oci.image_config import LARGEST
from ocireg.registry.blobs import Blobs, FoundBlob
from ocireg.registry.manifests import PARSING

NOT_HERE = "The config is not in this registry."
TOO_LARGE = f"The config is larger than {LARGEST // 1024**2} MiB."
LOST_IT = "The store has lost the config: push it again."
LATER = "The config could not be read from the store just now."
ODD = "The config is not JSON that can be read."

READING = BoundedSemaphore(4)
"""So many threads of a process read configs at once: a store that is silent must not hold all that there are."""
WAIT = 1.0
"""Seconds to wait for one of them to be done."""

T = TypeVar("T")


def read(blobs: Blobs, repository: str, digest: str, parse: Callable[[bytes], T]) -> tuple[T | None, str]:
    """Return the config of that digest, or None and a sentence that says why it cannot be shown."""
    try:
        found = blobs.find(repository, Digest.parse(digest))
        return read_blob(blobs, found, parse)
    except InvalidDigest:
        return None, NOT_HERE
    except RegistryError as error:
        return None, _said(error)


def read_blob(blobs: Blobs, found: FoundBlob, parse: Callable[[bytes], T]) -> tuple[T | None, str]:
    """Return what a blob is as a config, or None and a sentence, likewise."""
    if found.size > LARGEST:
        return None, TOO_LARGE
    if not READING.acquire(timeout=WAIT):
        return None, LATER
    try:
        with blobs.open(found, 0, found.size) as reader:
            raw = reader.read()
    except RegistryError as error:
        return None, _said(error)
    finally:
        READING.release()
    try:
        with PARSING:
            return parse(raw), ""
    except InvalidManifest:
        return None, ODD


def _said(error: RegistryError) -> str:
    if error.error is LOST:
        return LOST_IT
    return NOT_HERE if error.error.status == 404 else LATER
