"""Digests computed while bytes stream by, whose state another process can take over.

``hashlib`` cannot export its state, so an upload of several requests that land on several workers would have to be read
back. libcrypto's ``SHA256_CTX`` and ``SHA512_CTX`` are plain structures of its public, stable ABI; reached through
ctypes they hash as fast as ``hashlib`` (it is the same code), release the interpreter lock, and can be copied out as
bytes. They are used only after a known-answer test. Where libcrypto cannot be reached no state is kept, and the
bytes of an upload of several requests are read back once, after the store's commit and before its row.
``docs/decisions/resumable-hashes.rst`` says what was weighed.
"""

import base64
import binascii
import ctypes
import ctypes.util
import hashlib
import importlib
import struct
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Protocol, Self

Buffer = bytes | bytearray | memoryview

# sizeof(SHA256_CTX) and sizeof(SHA512_CTX) in openssl/sha.h: h[8], Nl, Nh, data[16], num, md_len.
_CONTEXT_BYTES = {"sha256": 112, "sha512": 216}
_DIGEST_BYTES = {"sha256": 32, "sha512": 64}
_BLOCK_BYTES = {"sha256": 64, "sha512": 128}


class Hash(Protocol):
    """One digest under way."""

    def update(self, data: Buffer, /) -> None:
        """Add ``data``."""

    def hexdigest(self) -> str:
        """Return the digest of what was added so far; adding may go on."""


class ResumableHash:
    """A digest in a context of libcrypto that is ours to copy.

    ``state``, bytes that ``export`` returned in any process on a machine of the same byte order, goes on from there;
    ``ValueError`` if it cannot be one.
    """

    def __init__(self, library: ctypes.CDLL, algorithm: str, state: bytes | None = None) -> None:
        prefix = algorithm.upper()
        self._digest_bytes = _DIGEST_BYTES[algorithm]
        self._update = library[f"{prefix}_Update"]
        self._final = library[f"{prefix}_Final"]
        self._context = ctypes.create_string_buffer(_CONTEXT_BYTES[algorithm])
        if state is None:
            library[f"{prefix}_Init"](self._context)
        else:
            ctypes.memmove(self._context, _checked(state, algorithm), len(state))

    def update(self, data: Buffer, /) -> None:
        """Add ``data``, without copying it and without holding the interpreter lock."""
        address, size = _address(data)
        if not self._update(self._context, address, ctypes.c_size_t(size)):
            raise RuntimeError("libcrypto refused to hash")

    def hexdigest(self) -> str:
        """Return the digest of what was added so far; adding may go on."""
        copy = ctypes.create_string_buffer(self._context.raw, len(self._context))
        out = ctypes.create_string_buffer(self._digest_bytes)
        self._final(out, copy)
        return out.raw.hex()

    def export(self) -> bytes:
        """Return the state."""
        return self._context.raw


def _checked(state: bytes, algorithm: str) -> bytes:
    """Return ``state`` if libcrypto can safely go on from it: its count of pending bytes indexes a buffer."""
    if len(state) != _CONTEXT_BYTES[algorithm]:
        raise ValueError("a hash state of another length")
    pending, digest_bytes = struct.unpack("=II", state[-8:])
    if pending >= _BLOCK_BYTES[algorithm] or digest_bytes != _DIGEST_BYTES[algorithm]:
        raise ValueError("not a hash state")
    return state


def _address(data: Buffer) -> tuple[object, int]:
    """Return what ctypes takes as the address of ``data``, and its length in bytes."""
    if isinstance(data, bytes):
        return data, len(data)
    view = memoryview(data)
    if view.readonly:
        return bytes(view), view.nbytes
    return (ctypes.c_char * view.nbytes).from_buffer(view), view.nbytes


@cache
def libcrypto() -> ctypes.CDLL | None:
    """Return the libcrypto that ``hashlib`` itself uses, else the system's, if it passes the known-answer test."""
    names = [getattr(importlib.import_module("_hashlib"), "__file__", None), ctypes.util.find_library("crypto")]
    for name in filter(None, names):
        try:
            library = ctypes.CDLL(name)
            if all(_answers_right(library, algorithm) for algorithm in _CONTEXT_BYTES):
                return library
        except (OSError, AttributeError):  # not loadable, or built without these functions
            continue
    return None


def _answers_right(library: ctypes.CDLL, algorithm: str) -> bool:
    """Hash in two halves, through an exported state, at a length that leaves a block half full."""
    data = bytes(range(256)) * 5
    first = ResumableHash(library, algorithm)
    first.update(data[:333])
    second = ResumableHash(library, algorithm, first.export())
    second.update(memoryview(bytearray(data[333:])))
    before = first.hexdigest() == hashlib.new(algorithm, data[:333]).hexdigest()
    return before and second.hexdigest() == hashlib.new(algorithm, data).hexdigest()


class Hashes:
    """The digests of one upload, under every algorithm announced for it, so far."""

    def __init__(self, running: Mapping[str, Hash]) -> None:
        self._running = dict(running)

    @classmethod
    def begin(cls, algorithms: Iterable[str]) -> Self:
        """Begin at byte 0 of an upload."""
        library = libcrypto()
        if library is None:
            return cls({name: hashlib.new(name) for name in algorithms})
        return cls({name: ResumableHash(library, name) for name in algorithms})

    @classmethod
    def load(cls, stored: Mapping[str, str]) -> Self:
        """Go on from what ``dump`` returned; an algorithm whose state is of no use here is left out."""
        library = libcrypto()
        running: dict[str, Hash] = {}
        for name, text in stored.items():
            order, _, state = text.partition(":")
            if library is None or order != sys.byteorder or name not in _CONTEXT_BYTES:
                continue
            try:
                running[name] = ResumableHash(library, name, base64.b64decode(state, validate=True))
            except (ValueError, binascii.Error):
                continue
        return cls(running)

    def dump(self) -> dict[str, str]:
        """Return the states that another process can go on from, as JSON holds them."""
        return {
            name: f"{sys.byteorder}:{base64.b64encode(one.export()).decode()}"
            for name, one in self._running.items()
            if isinstance(one, ResumableHash)
        }

    def update(self, data: Buffer) -> None:
        """Add ``data`` to each."""
        for one in self._running.values():
            one.update(data)

    def hexdigest(self, algorithm: str) -> str | None:
        """Return the digest of all bytes of the upload, or None if it must be read back to know."""
        one = self._running.get(algorithm)
        return one.hexdigest() if one else None
