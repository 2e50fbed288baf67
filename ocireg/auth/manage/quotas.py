"""What registries and organizations may use at most. What is used already is refused nothing and deleted by nobody."""

from ocireg.auth.manage.changes import Changes
from ocireg.auth.manage.errors import Conflict, Invalid
from ocireg.auth.manage.organizations import Organizations
from ocireg.auth.manage.registries import ROOT, Registries
from ocireg.config import values
from ocireg.metadata import quotas
from ocireg.metadata.audit import Author
from ocireg.metadata.quotas import Allowance
from ocireg.metadata.sizes import in_words

NO_QUOTA = "none"
"""How it is said that there is no limit."""
MOST = 2**62
"""Bytes: what every database can add to without an overflow."""


def parse(text: str) -> int | None:
    """Return a quota (bytes), None of ``none`` and of nothing. ``Invalid``."""
    if text.strip().lower() in {"", NO_QUOTA}:
        return None
    try:
        return values.size(text)
    except ValueError as error:
        raise Invalid("quota", f"{error}, or {NO_QUOTA}") from None


class Quotas:
    """The use-cases of quotas. Sizes are bytes; None is no limit."""

    def __init__(self, changes: Changes, organizations: Organizations, registries: Registries) -> None:
        self._changes = changes
        self._database = changes.database
        self._organizations = organizations
        self._registries = registries

    def of_registry(self, path: str) -> tuple[Allowance, ...]:
        """Return what a registry uses and may, and then its organization, if it has one. ``Unknown``."""
        return quotas.of_registry(self._database, self._registries.get(path).id)

    def of_organization(self, slug: str) -> Allowance:
        """Return what an organization uses and may. ``Unknown``."""
        return quotas.of_organization(self._database, self._organizations.get(slug).id)

    def set_registry(self, by: Author, path: str, quota: int | None) -> tuple[Allowance, ...]:
        """Let a registry use so much; return as ``of_registry``. ``Conflict``, ``Invalid``, ``Unknown``.

        It is not above that of its organization, which holds all the same.
        """
        _require_lawful(quota)
        with self._changes.by(by) as record:
            found = self._registries.get(path)
            before, *owner = quotas.of_registry(self._database, found.id)
            for one in owner:
                if quota is not None and one.quota is not None and quota > one.quota:
                    raise Conflict("quota", f"the quota of {one.name} is {in_words(one.quota)}: no registry has more")
            quotas.set_registry(self._database, found.id, quota)
            record(
                "quota.change",
                registry=found.path or ROOT,
                organization=found.organization_slug or None,
                detail={"quota": quota, "before": before.quota},
            )
        return self.of_registry(path)

    def set_organization(self, by: Author, slug: str, quota: int | None) -> Allowance:
        """Let the registries of an organization use so much together; return that. ``Invalid``, ``Unknown``."""
        _require_lawful(quota)
        with self._changes.by(by) as record:
            before = self.of_organization(slug)
            quotas.set_organization(self._database, self._organizations.get(slug).id, quota)
            record("quota.change", organization=slug, detail={"quota": quota, "before": before.quota})
        return self.of_organization(slug)


def _require_lawful(quota: int | None) -> None:
    if quota is not None and not 0 <= quota <= MOST:
        raise Invalid("quota", f"a quota is 0 to {MOST} bytes")
