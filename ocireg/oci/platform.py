"""Platforms: what an image runs on (OCI image v1.1, image-index.md, "platform", and config.md)."""

from dataclasses import dataclass

from ocireg.oci.lenient import line, map_of

LONGEST = 64
UNKNOWN = "unknown"
"""What BuildKit writes for the platform of what is no image."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform, as somebody wrote it; ``str`` gives the form of ``docker pull --platform``."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os or UNKNOWN, self.architecture or UNKNOWN, self.variant)))

    @classmethod
    def parse(cls, value: object) -> "Platform | None":
        """Return the platform that an object of JSON names; None of what names neither system nor architecture."""
        said = map_of(value)
        found = (said.get(name) for name in ("os", "architecture", "variant", "os.version"))
        texts = [line(one, LONGEST) if isinstance(one, str) else "" for one in found]
        return cls(*texts) if texts[0] or texts[1] else None
