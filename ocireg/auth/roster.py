"""What this process knows of access: nothing that is older than a second, and no query for what it knows.

One number in the database grows with each change of access. It is re-read at most once a second, and when it has
grown, all that was known is dropped. So a revocation, on whatever process of whatever node, holds everywhere within two
seconds, for every kind of credential.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Container, Hashable
from typing import Any, TypeVar

from ocireg.auth.keys import fingerprint
from ocireg.auth.signing import Signer
from ocireg.errors import UNAVAILABLE, OperatorError, RegistryError
from ocireg.metadata import credentials, generation, organizations, registries
from ocireg.metadata.database import Database
from ocireg.metadata.generation import State
from ocireg.metadata.organizations import StoredOrganization
from ocireg.metadata.registries import StoredRegistry

EVERY = 1.0
"""Seconds between two looks at the generation."""
MOST = 10_000
"""Things that are remembered; the least recently used go first."""

T = TypeVar("T")
Keys = Callable[[], tuple[str, ...]]

log = logging.getLogger(__name__)


class View:
    """Access as it was at one generation. What a reader of an older one finds out is never taken for this one's."""

    def __init__(self, database: Database, number: int, keys: tuple[str, ...], issuers: Container[str] = ()) -> None:
        self.database = database
        self.issuers = issuers
        self.generation = number
        self.keys = keys
        self.signer = Signer(keys)
        self.fingerprints = frozenset(map(fingerprint, keys))
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def remembered(self, key: Hashable, find: Callable[[], T], *, absence: bool = True) -> T:
        """Return what is known under ``key``, or find it out; that there is nothing is kept if ``absence``."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]  # type: ignore[no-any-return] # as ``find`` returned it
        found = find()
        if found is not None or absence:
            with self._lock:
                self._known[key] = found
                if len(self._known) > MOST:
                    self._known.popitem(last=False)
        return found

    def organization(self, slug: str) -> StoredOrganization | None:
        """Return the organization of that slug."""
        return self.remembered(("organization", slug), lambda: organizations.by_slug(self.database, slug))

    def registry(self, organization: str, slug: str) -> StoredRegistry | None:
        """Return the registry of an organization, by their slugs."""
        key = ("registry", organization, slug)
        return self.remembered(key, lambda: registries.by_slugs(self.database, organization, slug))

    def registry_by_id(self, registry: int) -> StoredRegistry | None:
        """Return the registry."""
        return self.remembered(("registry", registry), lambda: registries.by_id(self.database, registry))

    def is_api_token(self, digest: str) -> bool:
        """Say whether an API token has a secret of that hash."""
        return credentials.api_token(self.database, digest=digest) is not None

    def root(self) -> StoredRegistry:
        """Return the root registry."""
        return self.remembered("root", lambda: registries.root(self.database))


class Roster:
    """Gives the view of the present. ``keys`` are read again with each generation. ``issuers`` are those of OIDC."""

    def __init__(self, database: Database, keys: Keys, issuers: Container[str] = ()) -> None:
        self._database = database
        self._issuers = issuers
        self._keys = keys
        self._view: View | None = None
        self._read_at = 0.0
        self._changes = 0
        self._lock = threading.Lock()
        self._complained = ""

    def now(self, *, afresh: bool = False) -> View:
        """Return access as it is, or was a second ago; as it is, if ``afresh``."""
        view, changes, started = self._view, self._changes, time.monotonic()
        if not afresh and view is not None and started - self._read_at < EVERY:
            return view
        state = generation.read(self._database)
        if view is None or state.generation != view.generation:
            view = View(self._database, state.generation, self._present_keys(view), self._issuers)
        with self._lock:
            if changes == self._changes:  # else what was read may be from before the change
                self._view, self._read_at = view, started
        self._compare_keys(state, view)
        return view

    def forget(self) -> None:
        """Look again at once: this process has changed something."""
        with self._lock:
            self._changes += 1
            self._read_at = -EVERY

    def _present_keys(self, view: View | None) -> tuple[str, ...]:
        """Return the keys. While they cannot be read, those that were known go on."""
        try:
            return self._keys()
        except OperatorError as error:
            if view is None:
                raise RegistryError(UNAVAILABLE) from error
            log.error("the keys that tokens are signed with cannot be read again: %s", error)  # noqa: TRY400 - one line
            return view.keys

    def _compare_keys(self, state: State, view: View) -> None:
        """Say loudly that another process signs with a key that is not ours: each refuses the tokens of the other."""
        other = state.signing_key
        if other and other not in view.fingerprints and other != self._complained:
            self._complained = other
            log.error(
                "another process of this installation signs with a key that is not known here (fingerprint %s): logins "
                "fail at random. Give all of them the same OCIREG_SECRET_KEY, and restart them",
                other,
            )
