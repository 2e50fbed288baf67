"""Tokens of the registry that is asked for, as the API and the pages have them."""

from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import credentials
from ocireg.metadata.credentials import StoredRegistryToken
from ocireg.web.asked import Asked


def of_registry(asked: Asked, token: str) -> StoredRegistryToken:
    """Return a token of the registry. ``Unknown``."""
    found = credentials.registry_token(asked.context.database, token=token)
    if found is None or found.registry != asked.registry.id:
        raise Unknown("token", f"{asked.registry.path or 'the root registry'} has no token {token!r}")
    return found
