"""Who is to be warned that a quota is nearly used up. That no push passes one is seen to where it is stored."""

from ocireg.metadata import quotas
from ocireg.metadata.database import Database
from ocireg.metadata.quotas import Allowance


class Quotas:
    """The use-case of warnings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def near(self, repository: str) -> list[Allowance]:
        """Return the allowances that a repository is of and that are nearly used up, or are."""
        return [one for one in quotas.of_name(self._database, repository) if one.is_near]
