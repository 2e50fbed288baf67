"""The keys of issuers: discovered, fetched, remembered (OpenID Connect Discovery 1.0, sections 3 and 4).

One request at a time goes to an issuer, and no issuer waits for another. Keys are fetched again when they are old, and
when a token names one that is not among them: so that rotation needs no time to pass, but not so often that tokens
with invented names make this service a nuisance. What was fetched outlives an outage of its issuer by hours.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ocireg.auth.oidc.errors import FetchError, InvalidToken, IssuerUnavailable
from ocireg.auth.oidc.jwks import Key, keys_of
from ocireg.config.issuers import web_address

MOST_WAITING = 12
"""Requests that wait for one issuer; more are told to come back, so that a slow one does not hold every thread."""
_NEVER = float("-inf")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: keys are ``fresh`` for so long, and usable as ``stale`` ones if their issuer does not answer.

    Keys that lack a name are fetched again after ``pause`` at the earliest, and what failed after ``failed``.
    """

    fresh: float = 600.0
    stale: float = 6 * 3600.0
    pause: float = 60.0
    failed: float = 15.0


@dataclass(frozen=True, slots=True)
class _Found:
    """Keys, and when they were fetched."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    at: float = _NEVER


@dataclass(slots=True)
class _Held:
    """What is known of one issuer. Whoever fetches holds ``lock``; fields are replaced whole, and read without it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_WAITING))
    found: _Found = field(default_factory=_Found)
    tried: float = _NEVER
    failure: str = ""


class Keys:
    """Keys by issuer, for all threads of a process. ``get`` fetches a document, or raises ``FetchError``."""

    def __init__(
        self,
        get: Callable[[str], dict[str, Any]],
        *,
        pace: Pace = Pace(),
        clock: Callable[[], float] = time.monotonic,
        most_issuers: int = 64,
    ) -> None:
        self._get = get
        self._pace = pace
        self._clock = clock
        self._most = most_issuers
        self._lock = threading.Lock()
        self._issuers: OrderedDict[str, _Held] = OrderedDict()

    def find(self, iss: str, kid: str) -> Key:
        """Return a key of an issuer. ``InvalidToken`` if it has none of that name, ``IssuerUnavailable`` if unknown."""
        held, busy = self._held(iss), False
        if self._wanted(held, kid):
            with self._turn(held, wait=self._usable(held, kid) is None) as ours:
                busy = not ours
                if ours and self._wanted(held, kid):  # nobody has fetched them meanwhile
                    self._fetch(iss, held)
        if (key := self._usable(held, kid)) is not None:
            return key
        if busy or held.failure:
            raise IssuerUnavailable(f"the keys of the issuer cannot be had: {held.failure or 'they are being fetched'}")
        raise InvalidToken("the issuer has no key of the name that the token gives (kid)")

    def _held(self, iss: str) -> _Held:
        with self._lock:
            held = self._issuers.setdefault(iss, _Held())
            self._issuers.move_to_end(iss)
            while len(self._issuers) > self._most:
                self._issuers.popitem(last=False)
        return held

    def _usable(self, held: _Held, kid: str) -> Key | None:
        found = held.found
        return found.keys.get(kid) if self._clock() - found.at <= self._pace.stale else None

    def _wanted(self, held: _Held, kid: str) -> bool:
        """Say whether the issuer is to be asked now."""
        now, found = self._clock(), held.found
        if held.failure and now - held.tried < self._pace.failed:
            return False
        old = now - found.at > self._pace.fresh
        return old or (kid not in found.keys and now - held.tried >= self._pace.pause)

    @contextmanager
    def _turn(self, held: _Held, *, wait: bool) -> Iterator[bool]:
        """Hold the issuer, if it is free or ``wait`` and not too many do; yield whether."""
        if not held.places.acquire(blocking=False):
            yield False
            return
        try:
            ours = held.lock.acquire(blocking=wait)
            try:
                yield ours
            finally:
                if ours:
                    held.lock.release()
        finally:
            held.places.release()

    def _fetch(self, iss: str, held: _Held) -> None:
        """Fetch keys, or note why there are none."""
        try:
            keys = self._fetched(iss)
        except FetchError as error:
            log.warning("the keys of %s cannot be fetched: %s", iss, error)
            held.tried, held.failure = self._clock(), str(error)
            return
        now = self._clock()
        held.found, held.tried, held.failure = _Found(keys, now), now, ""

    def _fetched(self, iss: str) -> dict[str, Key]:
        """Return the keys that an issuer publishes. ``FetchError``."""
        url = iss.rstrip("/") + "/.well-known/openid-configuration"
        document = self._get(url)
        if document.get("issuer") != iss:
            raise FetchError(f"{url!r:.300}: it describes another issuer")
        where = document.get("jwks_uri")
        if not isinstance(where, str) or not _is_as_safe(where, iss):
            raise FetchError(f"{url!r:.300}: jwks_uri is no URL that may be fetched")
        try:
            return keys_of(self._get(where))
        except ValueError as error:
            raise FetchError(f"{where!r:.300}: {error}") from error


def _is_as_safe(url: str, iss: str) -> bool:
    """Say whether a URL may be fetched, and is of https if the issuer is."""
    try:
        return web_address(url).scheme == "https" or web_address(iss).scheme == "http"
    except ValueError:
        return False
