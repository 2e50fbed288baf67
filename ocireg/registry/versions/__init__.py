"""Versions: manifests as people see them."""

from ocireg.registry.versions.values import (
    Attachment,
    AttachmentPage,
    Checksums,
    Child,
    Dependency,
    Image,
    Kind,
    Layer,
    Move,
    Part,
    Step,
    Version,
)
from ocireg.registry.versions.versions import Versions

__all__ = [
    "Attachment",
    "AttachmentPage",
    "Checksums",
    "Child",
    "Dependency",
    "Image",
    "Kind",
    "Layer",
    "Move",
    "Part",
    "Step",
    "Version",
    "Versions",
]
