"""Digests: an algorithm and the lower-case hexadecimal of its value (OCI image v1.1, descriptor.md, "Digests")."""

import hashlib
from dataclasses import dataclass
from typing import Self

from ocireg.oci.errors import InvalidDigest
from ocireg.oci.grammar import DIGEST, DIGEST_LENGTH, HEX

ALGORITHMS = {"sha256": 64, "sha512": 128}
"""The algorithms that content may be addressed by here, and how many hexadecimal digits each has."""


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A digest; ``str`` gives the form of the wire."""

    algorithm: str
    encoded: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the digest that ``text`` is, of a supported algorithm. ``InvalidDigest``."""
        digest = cls.parse_any(text)
        if digest.algorithm not in ALGORITHMS:
            raise InvalidDigest(f"digests of {digest.algorithm[:40]} are not supported: use {' or '.join(ALGORITHMS)}")
        return digest

    @classmethod
    def parse_any(cls, text: str) -> Self:
        """Return the digest that ``text`` is, of whatever algorithm. ``InvalidDigest``.

        "Implementations SHOULD allow digests with unrecognized algorithms to pass validation if they comply with the
        above grammar" (descriptor.md, "Digests").
        """
        algorithm, _, encoded = text.partition(":")
        if algorithm in ALGORITHMS:
            valid = len(encoded) == ALGORITHMS[algorithm] and HEX.fullmatch(encoded)
        else:
            valid = len(text) <= DIGEST_LENGTH and DIGEST.fullmatch(text)
        if not valid:
            raise InvalidDigest("not a digest: wanted sha256: and 64, or sha512: and 128 lower-case hexadecimal digits")
        return cls(algorithm, encoded)

    @classmethod
    def of(cls, data: bytes, algorithm: str = "sha256") -> Self:
        """Return the digest of ``data``."""
        return cls(algorithm, hashlib.new(algorithm, data).hexdigest())
