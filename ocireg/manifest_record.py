"""What stands before a manifest in the store: one line of JSON, enough to index it again when the database is lost."""

import json
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ManifestRecord:
    """What the store tells of a manifest. ``pushed_at``: seconds since the epoch, UTC.

    ``registry`` is the path of that of the repository, "" of the root registry, and where it is not known.
    """

    repository: str
    digest: str
    media_type: str
    tags: tuple[str, ...]
    pushed_at: float
    registry: str = ""

    def dump(self, content: bytes) -> bytes:
        """Return the object: the record as a line, then the verbatim bytes of the manifest."""
        head = {
            "repository": self.repository,
            "digest": self.digest,
            "mediaType": self.media_type,
            "tags": list(self.tags),
            "pushedAt": self.pushed_at,
            "registry": self.registry,
        }
        return json.dumps(head).encode() + b"\n" + content

    @classmethod
    def parse(cls, stored: bytes) -> tuple[Self, bytes]:
        """Return what ``dump`` was made of. ``ValueError`` if ``stored`` is no such thing."""
        line, _, content = stored.partition(b"\n")
        try:
            head = json.loads(line)
            texts = [head[name] for name in ("repository", "digest", "mediaType")]
            tags, pushed_at = head["tags"], head["pushedAt"]
            registry = head.get("registry", "")
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ValueError("there is no record before the manifest") from error
        if not (isinstance(tags, list) and isinstance(pushed_at, int | float)):
            raise ValueError("the record before the manifest is not of this form")  # noqa: TRY004 - of its content
        if not all(isinstance(one, str) for one in (*texts, *tags, registry)):
            raise ValueError("the record before the manifest holds something else than text")
        repository, digest, media_type = texts
        return cls(repository, digest, media_type, tuple(tags), float(pushed_at), registry), content
