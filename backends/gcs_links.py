"""URLs of objects in Cloud Storage, signed with the account's own key or by IAM, for clients to fetch them with."""

import logging
import time
from collections.abc import Callable

from backends import gcs_credentials
from backends.errors import Misconfigured, Unavailable
from backends.gcs_client import Bucket

LONGEST = 7 * 24 * 3600
REST = 300.0
"""Seconds for which IAM is not asked again after it has refused: a role that is granted is heeded after minutes."""

log = logging.getLogger(__name__)


class Links:
    """Signs, where it can. Who gets no URL reads the object instead, so nothing that signing dies of is an error."""

    def __init__(self, bucket: Bucket, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = bucket
        self._signing = gcs_credentials.signing(bucket.credentials, bucket.session)
        self._clock = clock
        self._resting_until: float | None = None

    def url(self, name: str, expires: int, content_type: str, disposition: str) -> str | None:
        """Return a URL for a GET that is good for ``expires`` seconds, a week at most; None where it cannot be had."""
        if self._signing is None or (self._resting_until is not None and self._clock() < self._resting_until):
            return None
        try:
            with self._bucket.translated():
                signed: str = self._bucket.handle.blob(name).generate_signed_url(
                    version="v4",
                    method="GET",
                    expiration=min(expires, LONGEST),
                    response_type=content_type,
                    response_disposition=disposition,
                    credentials=self._signing,
                    api_access_endpoint=self._bucket.endpoint,
                )
        except Misconfigured as error:
            self._resting_until = self._clock() + REST
            log.warning("no URLs are signed for %g s, downloads pass through here: %s", REST, error)
            return None
        except Unavailable as error:
            log.warning("a URL could not be signed, the download passes through here: %s", error)
            return None
        return signed
