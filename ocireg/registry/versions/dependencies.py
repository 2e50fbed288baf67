"""What a version is built on: as somebody says, and as its layers show; and what an index is made of.

What the asker may not read is as if it were not there.
"""

from dataclasses import replace

from ocireg.metadata import bases, chains, manifests
from ocireg.metadata.bases import Base
from ocireg.metadata.database import Database
from ocireg.metadata.repositories import Reach
from ocireg.oci.digest import Digest
from ocireg.oci.errors import ProtocolError
from ocireg.oci.image_reference import ImageReference
from ocireg.registry.versions.values import Dependency, Move, Version


class Dependencies:
    """The use-case of dependencies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, version: Version, reach: Reach, host: str) -> tuple[Dependency, ...]:
        """Return what a version depends on; ``host`` is what this installation is called in references."""
        shown = self._shown(version, reach)
        said = self._said(version, reach, host, shown)
        if said and shown and said.repository == shown.repository:
            shown = None
        return (*filter(None, (said, shown)), *(_child(version, place) for place in range(len(version.children))))

    def _said(self, version: Version, reach: Reach, host: str, shown: Dependency | None) -> Dependency | None:
        """Return the base that annotations or labels name; what they leave open, its layers may tell."""
        name, digest = version.about.base_name, _digest(version.about.base_digest)
        if not name and not digest:
            return None
        parsed = ImageReference.parse(name)
        digest = digest or (parsed.digest if parsed else "")
        bare = Dependency("annotation", name or digest, digest)
        if parsed is None or parsed.host not in {"", host}:
            return bare
        where = bases.repository(self._database, parsed.name, reach)
        if where is None:
            return bare
        if not digest and shown and shown.repository == parsed.name:
            bare = replace(bare, digest=shown.digest, layers=shown.layers)
        return self._here(bare, parsed, where)

    def _here(self, bare: Dependency, parsed: ImageReference, where: int) -> Dependency:
        """Return what is said with what is known of it in its repository."""
        tag = parsed.tag or ("" if parsed.digest else "latest")
        now = bases.pointing(self._database, where, tag) if tag else None
        here, moved = now.digest if now else None, None
        if bare.digest:
            traces = bases.traces(self._database, where, tag, bare.digest)
            here = bare.digest if traces.present else None
            if now and now.digest != bare.digest and not traces.within and (traces.present or traces.led):
                moved = Move(tag, now.digest, now.at)
        return replace(bare, repository=parsed.name, tag=tag if now else "", here=here or "", moved_on=moved)

    def _shown(self, version: Version, reach: Reach) -> Dependency | None:
        """Return the image whose layers come first."""
        if version.image is None or not 1 < version.image.layers <= chains.MOST:
            return None
        edges = manifests.edges(self._database, version.repository, version.digest) or []
        prefixes = chains.chains(chains.layers_of(edges))[:-1]
        found = bases.longest(self._database, prefixes, reach, version.row)
        return self._led(found) if found else None

    def _led(self, base: Base) -> Dependency:
        """Return a base with the tag that leads to it, or did."""
        led = bases.leading(self._database, base.repository_row, base.digest)
        tag, moved = led[0] if led else "", None
        if led and not led[1]:
            now = bases.pointing(self._database, base.repository_row, tag)
            moved = Move(tag, now.digest, now.at) if now else None
        name = f"{base.repository}:{tag}" if tag else f"{base.repository}@{base.digest}"
        known = (base.repository, tag, base.digest, moved)
        return Dependency("layers", name, base.digest, *known, layers=base.layers)


def _child(version: Version, place: int) -> Dependency:
    child = version.children[place]
    here = (version.repository, "", child.digest) if child.present else ("", "", "")
    name = f"{version.repository}@{child.digest}"
    return Dependency("child", name, child.digest, *here, platform=child.platform)


def _digest(text: str) -> str:
    try:
        return str(Digest.parse_any(text))
    except ProtocolError:
        return ""
