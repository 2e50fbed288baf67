"""Digests: an algorithm and the lower-case hexadecimal of its value (OCI image v1.1, descriptor.md, "Digests")."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from ocireg.oci.errors import InvalidDigest
from ocireg.oci.grammar import DIGEST, DIGEST_LENGTH

ALGORITHMS = {"sha256": 64, "sha512": 128}
"""The algorithms that content may be addressed by here, and how many hexadecimal digits each has."""

_HEX = re.compile(r"[a-f0-9]+")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A digest of a supported algorithm; ``str`` gives the form of the wire."""

    algorithm: str
    encoded: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the digest that ``text`` is. ``InvalidDigest``."""
        algorithm, _, encoded = text.partition(":")
        if len(encoded) == ALGORITHMS.get(algorithm) and _HEX.fullmatch(encoded):
            return cls(algorithm, encoded)
        if len(text) <= DIGEST_LENGTH and DIGEST.fullmatch(text) and algorithm not in ALGORITHMS:
            raise InvalidDigest(f"digests of {algorithm[:40]} are not supported: use {' or '.join(ALGORITHMS)}")
        raise InvalidDigest("not a digest: wanted sha256: and 64, or sha512: and 128 lower-case hexadecimal digits")

    @classmethod
    def of(cls, data: bytes, algorithm: str = "sha256") -> Self:
        """Return the digest of ``data``."""
        return cls(algorithm, hashlib.new(algorithm, data).hexdigest())
