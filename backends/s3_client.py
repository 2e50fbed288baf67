"""A client of an S3 store from the options of a URL, and the store's errors as the driver's."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

import boto3
from botocore import exceptions as aws
from botocore.config import Config
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from backends.deadline import Deadline, Timeouts, timeouts
from backends.errors import BackendError, InvalidRange, Misconfigured, NoSpace, NotFound, SessionLost, Unavailable
from backends.urls import Place

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_KINDS: dict[str, type[BackendError]] = {
    "404": NotFound,
    "NoSuchKey": NotFound,
    "NotFound": NotFound,
    "NoSuchUpload": SessionLost,
    "InvalidPart": SessionLost,
    "InvalidPartOrder": SessionLost,
    "EntityTooSmall": SessionLost,
    "416": InvalidRange,
    "InvalidRange": InvalidRange,
    "QuotaExceeded": NoSpace,
    "InsufficientStorage": NoSpace,
    "XMinioStorageFull": NoSpace,
}
_ADVICE = {
    "NoSuchBucket": "there is no such bucket: make it, or mend the URL",
    "AccessDenied": "access is denied: does the policy of this key allow it? docs/storage.rst lists what is needed",
    "403": "access is denied: wrong credentials, or a policy that does not allow it (docs/storage.rst lists it)",
    "InvalidAccessKeyId": "the store does not know this access key",
    "SignatureDoesNotMatch": "the secret key does not belong to this access key",
    "InvalidToken": "the session token is not valid",
    "ExpiredToken": "the credentials have expired",
    "TokenRefreshRequired": "the credentials have expired",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "PermanentRedirect": "the bucket is in another region: set region",
    "301": "the bucket is in another region: set region",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set region",
    "IllegalLocationConstraintException": "the bucket is in another region: set region",
    "NotImplemented": "the store cannot do this",
}
_CREDENTIALS = (aws.NoCredentialsError, aws.PartialCredentialsError, aws.CredentialRetrievalError)
_SETTINGS = (aws.NoRegionError, aws.InvalidRegionError, aws.ProfileNotFound, aws.ParamValidationError)


@cache
def session() -> boto3.session.Session:
    """Return the process's session: the SDK's models and its credentials are loaded once."""
    return boto3.session.Session()


class Clients:
    """Clients of one store: each of them gives its requests so much time, which the SDK does not let a request say."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._made: dict[Timeouts, S3Client] = {}
        self.signing = self._with(Deadline().timeouts())

    def for_now(self) -> "S3Client":
        """Return the client for a request with the time that is left. ``Unavailable`` if there is none."""
        return self._with(timeouts())

    def _with(self, wanted: Timeouts) -> "S3Client":
        with self._lock:
            if wanted not in self._made:
                self._made[wanted] = connect(self._place, wanted)
            return self._made[wanted]


def connect(place: Place, timeouts: Timeouts) -> "S3Client":
    """Return a client; it sends nothing yet, and never repeats a request by itself. ``Misconfigured``."""
    endpoint = place.text("endpoint")
    checksums = place.choice(
        "checksums", ("when_supported", "when_required"), "when_required" if endpoint else "when_supported"
    )
    addressing = place.choice("addressing", ("path", "virtual", "auto"), "path" if endpoint else "auto")
    config = Config(
        signature_version="s3v4",
        connect_timeout=timeouts[0],
        read_timeout=timeouts[1],
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=64,
        tcp_keepalive=True,
        request_checksum_calculation=cast("Literal['when_supported', 'when_required']", checksums),
        response_checksum_validation="when_required",
        s3={"addressing_style": cast("Literal['auto', 'virtual', 'path']", addressing)},
    )
    region = place.text("region") or ("us-east-1" if endpoint else None)
    try:
        made = session().client("s3", endpoint_url=endpoint or None, region_name=region, config=config)
    except (aws.BotoCoreError, ValueError) as error:
        raise Misconfigured(f"s3://{place.bucket}: {_one_line(error)}") from error
    return made


def write_options(place: Place) -> dict[str, Any]:
    """Return what every new object is to have: its storage class and its encryption. ``Misconfigured``."""
    found: dict[str, Any] = {}
    if storage_class := place.text("storage_class"):
        found["StorageClass"] = storage_class
    if encryption := place.text("encryption"):
        found["ServerSideEncryption"] = place.choice("encryption", ("AES256", "aws:kms"), encryption)
    if key := place.text("kms_key"):
        if found.get("ServerSideEncryption") != "aws:kms":
            raise Misconfigured("kms_key needs encryption=aws:kms")
        found["SSEKMSKeyId"] = key
    return found


@contextmanager
def translated(bucket: str) -> Iterator[None]:
    """Turn the SDK's errors into the driver's, each in one line; and what an answer is read with, where it is odd."""
    try:
        yield
    except aws.ClientError as error:
        raise _of_answer(error, bucket) from error
    except _CREDENTIALS as error:
        raise Misconfigured(
            f"s3://{bucket}: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give it a role"
        ) from error
    except _SETTINGS as error:
        raise Misconfigured(f"s3://{bucket}: {_one_line(error)}") from error
    except (aws.BotoCoreError, ResponseParserError, HTTPError, OSError) as error:
        raise Unavailable(f"s3://{bucket}: {_one_line(error)}") from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:  # no ETag, no number, no date
        said = f"{type(error).__name__} {_one_line(error)[:100]}"
        raise Unavailable(f"s3://{bucket}: the store's answer makes no sense: {said}") from error


def _of_answer(error: aws.ClientError, bucket: str) -> BackendError:
    said = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    text = f"s3://{bucket}: {error.operation_name}: {code} {said.get('Message', '')}".strip()
    if code in _KINDS:
        return _KINDS[code](text)
    if code in _ADVICE:
        return Misconfigured(f"{text.rstrip('.')}: {_ADVICE[code]}")
    return NoSpace(text) if status == 507 else Unavailable(text)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
