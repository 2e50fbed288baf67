"""The page of a version: a manifest as a person sees it, with its tabs, a file for each."""

from ocireg.web.pages.version import (
    attachments,
    configuration,
    contents,
    deletion,
    details,
    download,
    installation,
    layers,
)
from ocireg.web.pages.version.frame import section

__all__ = [
    "attachments",
    "configuration",
    "contents",
    "deletion",
    "details",
    "download",
    "installation",
    "layers",
    "section",
]
