"""The URL of the store, with the settings that say more about it as options of its query."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

_BUCKET = {"buffer": "storage_buffer"}
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "s3": _BUCKET
    | {
        "addressing": "s3_addressing",
        "checksums": "s3_checksums",
        "encryption": "s3_encryption",
        "endpoint": "s3_endpoint",
        "kms_key": "s3_kms_key",
        "part_size": "s3_part_size",
        "region": "s3_region",
        "spool": "s3_spool",
        "storage_class": "s3_storage_class",
    },
    "gs": _BUCKET | {"credentials": "gcs_credentials", "endpoint": "gcs_endpoint"},
}
"""By scheme: the setting behind each option. An option that the URL gives itself is above the setting."""


def with_options(url: str, settings: Any) -> str:
    """Return the URL with what the settings add to it."""
    wanted = OPTIONS.get(url.partition(":")[0], {})
    bare, _, query = url.partition("?")
    given = parse_qsl(query, keep_blank_values=True)
    names = {name for name, _ in given}
    values = {option: getattr(settings, setting) for option, setting in wanted.items() if option not in names}
    added = [(option, str(value)) for option, value in values.items() if value]
    return f"{bare}?{urlencode(given + added)}" if given or added else bare
