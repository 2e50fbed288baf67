"""Passwords of people who are made for a test: by the same library, at the least cost that it takes."""

from argon2 import PasswordHasher

from ocireg.auth import passwords

SHIPPED = (passwords._HASHER, passwords._NOBODY)  # noqa: SLF001 - what is put back where it is tested


def cheapen() -> None:
    """Let hashes in this process cost next to nothing; a hash says by itself what it costs to compare with."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._HASHER, passwords._NOBODY = hasher, hasher.hash("of nobody")  # noqa: SLF001 - no setting makes them weak
