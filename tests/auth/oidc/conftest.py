"""An issuer, and another one."""

from collections.abc import Iterator

import pytest

from tests.auth.oidc.issuer import Issuer, issuer


@pytest.fixture(name="issuer")
def one_issuer() -> Iterator[Issuer]:
    """An issuer on loopback."""
    with issuer() as made:
        yield made


@pytest.fixture(name="other")
def other_issuer() -> Iterator[Issuer]:
    """Another one."""
    with issuer() as made:
        yield made
