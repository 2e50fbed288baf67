"""References to images as people write them: ``host/name:tag@digest`` (distribution/reference, "reference.go")."""

from dataclasses import dataclass

from ocireg.oci.digest import Digest
from ocireg.oci.errors import ProtocolError
from ocireg.oci.grammar import REFERENCE_HOST
from ocireg.oci.reference import parse_repository, parse_tag

LONGEST = 700


@dataclass(frozen=True, slots=True)
class ImageReference:
    """A reference; "" for what it does not say. ``host`` is in lower case, with its port."""

    host: str
    name: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "ImageReference | None":
        """Return the reference that a text is; None of what is none.

        What comes before the first slash is a host if no part of a name can be that: it has a dot or a port, or is
        ``localhost``.
        """
        if len(text) > LONGEST or not text.isascii():
            return None
        rest, at, digest = text.partition("@")
        host, slash, path = rest.partition("/")
        if not slash or not ("." in host or ":" in host or host == "localhost"):
            host, path = "", rest
        elif not REFERENCE_HOST.fullmatch(host):
            return None
        name, colon, tag = path.partition(":")
        try:
            parse_repository(name)
            return cls(host.lower(), name, parse_tag(tag) if colon else "", str(Digest.parse(digest)) if at else "")
        except ProtocolError:
            return None
