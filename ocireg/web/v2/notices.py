"""What a push is told beside its success (RFC 7234 5.5).

OCI distribution v1.1.1, end-7, lets a registry send the warn-code 299 without a date; together they stay far below the
4,096 bytes of its clause on warnings.
"""

from flask import Response

from ocireg.metadata.sizes import in_words
from ocireg.registry import Registry


def warn(response: Response, text: str) -> None:
    """Add a warning for people. ``text`` has neither quotes nor backslashes, nor what is not ASCII."""
    response.headers.add("Warning", f'299 - "{text}"')


def warn_of_quota(response: Response, registry: Registry, repository: str) -> None:
    """Add a warning where a quota is nearly used up: one of the registry, and one of its organization."""
    for one in registry.quotas.near(repository):
        assert one.quota is not None, "who is near has one"
        warn(response, f"{one.name} uses {one.percent} % of its quota: {in_words(one.used)} of {in_words(one.quota)}")
