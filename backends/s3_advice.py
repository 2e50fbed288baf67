"""What an operator should know about the bucket itself: what it keeps, and what it removes, behind the registry's back.

A store that cannot say, or does not let this key ask, gives no advice.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore import exceptions as aws

from backends.deadline import timeouts
from backends.s3_client import connect
from backends.urls import Place

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Rule = Mapping[str, Any]


def advice_for(place: Place) -> list[str]:
    """Return what is to be mended, a line for each. ``Misconfigured``."""
    client = connect(place, timeouts())
    versioned, rules = _is_versioned(client, place.bucket), _rules(client, place.bucket)
    found = [
        f"the lifecycle rule {rule.get('ID') or 'without a name'} removes objects that the registry needs: take it away"
        for rule in rules or ()
        if "Expiration" in rule and _takes_some(rule, place.prefix) and not _is_for_markers(rule)
    ]
    if versioned and not any(
        "NoncurrentVersionExpiration" in one and _takes_all(one, place.prefix) for one in rules or ()
    ):
        found.append(
            "the bucket's versioning keeps what was deleted, and it is paid for: suspend it, or add a lifecycle rule "
            "with NoncurrentVersionExpiration"
        )
    if rules is not None and not any(
        "AbortIncompleteMultipartUpload" in one and _takes_all(one, place.prefix) for one in rules
    ):
        found.append(
            "no lifecycle rule ends uploads that were given up, and the clean-up does so only while it runs: add one "
            "with AbortIncompleteMultipartUpload, of 7 days"
        )
    return found


def _is_versioned(client: "S3Client", bucket: str) -> bool:
    try:
        return client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    except (aws.ClientError, aws.BotoCoreError):
        return False


def _rules(client: "S3Client", bucket: str) -> list[Rule] | None:
    """Return the lifecycle rules in force, or None where they cannot be had."""
    try:
        every: list[Any] = list(client.get_bucket_lifecycle_configuration(Bucket=bucket).get("Rules", ()))
    except aws.ClientError as error:
        return [] if error.response.get("Error", {}).get("Code") == "NoSuchLifecycleConfiguration" else None
    except aws.BotoCoreError:
        return None
    return [rule for rule in every if rule.get("Status") == "Enabled"]


def _conditions(rule: Rule) -> tuple[str, set[str]]:
    """Return the prefix of a rule, and the names of its other conditions: our objects have no tags."""
    found = dict(rule.get("Filter") or {})
    found |= dict(found.pop("And", None) or {})
    prefix = found.pop("Prefix", None) or rule.get("Prefix") or ""
    return prefix, set(found)


def _takes_all(rule: Rule, prefix: str) -> bool:
    """Say whether a rule is for everything below ``prefix``."""
    start, others = _conditions(rule)
    return prefix.startswith(start) and not others


def _takes_some(rule: Rule, prefix: str) -> bool:
    """Say whether a rule may be for something below ``prefix``."""
    start, others = _conditions(rule)
    return (prefix.startswith(start) or start.startswith(prefix)) and not others & {"Tag", "Tags"}


def _is_for_markers(rule: Rule) -> bool:
    """Say whether a rule removes nothing but what versioning leaves of deleted objects."""
    return set(rule["Expiration"]) <= {"ExpiredObjectDeleteMarker"}
