"""Versions: a manifest as a person sees it. Nothing that was pushed makes any of it fail."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocireg.errors import MANIFEST_UNKNOWN, NAME_UNKNOWN, RegistryError
from ocireg.metadata import packages, repositories, versions
from ocireg.metadata.chains import is_image
from ocireg.metadata.database import Database
from ocireg.metadata.manifests import Edge
from ocireg.metadata.repositories import Reach
from ocireg.metadata.versions import StoredVersion
from ocireg.oci import chart as charts
from ocireg.oci import image_config
from ocireg.oci import manifest as parser
from ocireg.oci.about import About
from ocireg.oci.digest import Digest
from ocireg.oci.manifest import Index, Manifest
from ocireg.oci.platform import Platform
from ocireg.registry.blobs import Blobs
from ocireg.registry.manifests import PARSING, Manifests, Reference
from ocireg.registry.versions import attachments, configs, parts
from ocireg.registry.versions.dependencies import Dependencies
from ocireg.registry.versions.platforms import Listed, Platforms
from ocireg.registry.versions.values import AttachmentPage, Checksums, Child, Dependency, Kind, Part, Version
from ocireg.storage import Storage

CHILDREN = 100
"""Children that come with an index; the others by pages."""
USUAL = ("linux", "amd64")
"""The platform that is shown of an index where none is asked for, if it is there."""


class Versions:
    """The use-cases of versions. What does not exist is MANIFEST_UNKNOWN or NAME_UNKNOWN."""

    def __init__(self, database: Database, storage: Storage, manifests: Manifests, blobs: Blobs) -> None:
        self._database = database
        self._manifests = manifests
        self._blobs = blobs
        self._platforms = Platforms(database, storage, blobs)
        self._dependencies = Dependencies(database)

    def show(self, repository: str, reference: Reference, index: Version | None = None) -> Version:
        """Return a version; ``index`` is the one that it was found in: it speaks of what the version is silent of."""
        stored, content, parsed = self._parsed(repository, reference)
        names, count = versions.tags(self._database, stored.row)
        sizes = packages.total_sizes(self._database, [stored.row])
        found = Version(
            row=stored.row,
            repository=repository,
            digest=stored.digest,
            media_type=stored.media_type,
            artifact_type=stored.artifact_type,
            kind=Kind.INDEX,
            size=stored.size,
            total_size=sizes.get(stored.row, stored.size),
            tags=names,
            tag_count=count,
            pushed_at=stored.pushed_at,
            annotations=parsed.annotations,
            subject=stored.subject,
            about=About(),
            content=content,
        )
        return self._whole(found, parsed, index.annotations if index else {})

    def child(self, index: Version, platform: str = "") -> Version | None:
        """Return the image of an index for a platform (``linux/arm64``); of none that is usual, or the first one.

        None where there is no such image here, or it is no index.
        """
        there = [one for one in index.images if one.present]
        chosen = _chosen(there, platform)
        return self.show(index.repository, Digest.parse(chosen.digest), index) if chosen else None

    def children(self, repository: str, reference: Reference, first: int = 0, limit: int = CHILDREN) -> Sequence[Child]:
        """Return the children of an index at the places ``[first, first + limit)``; none of what is no index."""
        _, _, parsed = self._parsed(repository, reference)
        if not isinstance(parsed, Index):
            return ()
        return parts.children_of(self._database, repository, parsed, first, limit)

    def attachments(
        self, repository: str, digest: Digest, after: str = "", limit: int = 30, index: Version | None = None
    ) -> AttachmentPage:
        """Return a page of what tells of a manifest, also of one that is not here.

        The first page has up to 200 more, of tags and of ``index``, the one that the manifest was found in.
        """
        body = None
        if index is not None and not after:
            with PARSING:
                body = parser.parse(index.content, index.media_type)
        named = body if isinstance(body, Index) else None
        return attachments.page(self._database, repository, digest, after, limit, named)

    def dependencies(self, version: Version, reach: Reach, host: str = "") -> tuple[Dependency, ...]:
        """Return what a version is built on or made of; ``reach`` is what the asker may pull from.

        ``host`` is that of this installation, as clients write it.
        """
        return self._dependencies.of(version, reach, host.lower())

    def platforms(self, listed: Sequence[Listed]) -> dict[int, tuple[Platform, ...]]:
        """Return the platforms of manifests of a list, by row. Without one is what is no image.

        What is not in the answer has not been read yet: it is there when somebody looks again.
        """
        return self._platforms.of(listed)

    @staticmethod
    def checksums(version: Version) -> Checksums:
        """Return the checksums of the bytes of a manifest."""
        content = version.content
        weak = [hashlib.new(name, content, usedforsecurity=False).hexdigest() for name in ("md5", "sha1")]
        return Checksums(*weak, *(hashlib.new(name, content).hexdigest() for name in ("sha256", "sha512")))

    def _parsed(self, repository: str, reference: Reference) -> tuple[StoredVersion, bytes, Manifest | Index]:
        wanted = {"digest": str(reference)} if isinstance(reference, Digest) else {"tag": reference}
        stored = versions.find(self._database, repository, **wanted)
        if stored is None:
            if repositories.find(self._database, repository) is None:
                raise RegistryError(NAME_UNKNOWN, detail={"name": repository})
            raise RegistryError(MANIFEST_UNKNOWN, detail={"reference": str(reference)})
        content = self._manifests.get(repository, Digest.parse(stored.digest)).content
        with PARSING:
            return stored, content, parser.parse(content, stored.media_type)

    def _whole(self, found: Version, parsed: Manifest | Index, more: Mapping[str, str]) -> Version:
        said = [parsed.annotations, more]
        if isinstance(parsed, Index):
            children = parts.children_of(self._database, found.repository, parsed, 0, CHILDREN)
            about = About.of(said)
            return replace(found, about=about, children=children, child_count=len(parsed.manifests))
        references = parsed.references
        named = parts.parts_of(self._database, found.repository, references[: parts.MOST])
        found = replace(found, kind=Kind.ARTIFACT, parts=named, part_count=len(references))
        edges = [Edge(one.kind, one.digest, one.media_type, one.size) for one in named]
        if is_image(edges) and len(references) <= parts.MOST:
            return self._with_image(found, named, said)
        if parsed.config and parsed.config.media_type == charts.CONFIG:
            return self._with_chart(found, str(parsed.config.digest), said)
        return replace(found, about=About.of(said))

    def _with_image(self, found: Version, named: Sequence[Part], said: list[Mapping[str, str]]) -> Version:
        config, problem = configs.read(self._blobs, found.repository, named[0].digest, image_config.parse)
        image = parts.image_of(config, problem, named)
        about = About.of([*said, image.config.labels])
        return replace(found, kind=Kind.IMAGE, image=image, about=about)

    def _with_chart(self, found: Version, config: str, said: list[Mapping[str, str]]) -> Version:
        chart, _ = configs.read(self._blobs, found.repository, config, charts.parse)
        about = About.of(said)
        if chart:
            about = replace(
                about,
                title=about.title or chart.name,
                description=about.description or chart.description,
                version=about.version or chart.version,
                homepage=about.homepage or chart.home,
                source=about.source or next(iter(chart.sources), None),
            )
        return replace(found, kind=Kind.CHART, chart=chart, about=about)


def _chosen(there: Sequence[Child], platform: str) -> Child | None:
    if platform:
        return next((one for one in there if one.platform and str(one.platform) == platform), None)
    usual = (one for one in there if one.platform and (one.platform.os, one.platform.architecture) == USUAL)
    return next(usual, there[0] if there else None)
