"""How often something may be tried: logins that fail, requests for tokens. Each process counts for itself.

Time is cut into slots, and a slot counts until all of it lies a window back: so never more than the limit pass in any
window, at the price of some who wait a slot (a twelfth of the window) longer than they must.
"""

import hashlib
import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from itertools import accumulate

from ocireg.config.networks import parse_address

SLOTS = 12
"""Slots of a window."""
LONGEST_KEY = 128
"""Characters; what is longer is kept as its hash."""
MOST = 10_000
"""Keys that are remembered."""


class Throttle:
    """At most ``limit`` hits of a key in any ``window`` (seconds, of ``clock``). Threads may share it.

    Memory is bounded: ``most`` keys of a few numbers. The key that was used longest ago is forgotten first, so whoever
    wants to be forgotten needs as many other keys, each with a hit of its own.
    """

    def __init__(
        self, limit: int, window: float, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._slot = window / SLOTS
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._hits: OrderedDict[str, dict[int, int]] = OrderedDict()  # by key: hits by slot, the oldest slot first

    def check(self, key: str) -> float | None:
        """Return None where another hit is allowed, else the seconds to wait (for ``Retry-After``)."""
        with self._lock:
            return self._wait(_short(key))

    def hit(self, key: str) -> None:
        """Count a hit, allowed or not."""
        with self._lock:
            self._count(_short(key))

    def take(self, key: str) -> float | None:
        """Check, and count a hit if it is allowed, in one step: of several at once no more than the limit pass."""
        with self._lock:
            wait = self._wait(_short(key))
            if wait is None:
                self._count(_short(key))
            return wait

    def clear(self, key: str) -> None:
        """Forget the hits of a key."""
        with self._lock:
            self._hits.pop(_short(key), None)

    def __len__(self) -> int:
        return len(self._hits)

    def _now(self) -> int:
        return math.floor(self._clock() / self._slot)

    def _wait(self, key: str) -> float | None:
        hits = self._hits.get(key)
        if hits is None:
            return None
        self._hits.move_to_end(key)
        _forget(hits, self._now())
        over = sum(hits.values()) - self._limit
        if over < 0:
            return None
        gone = accumulate(hits.values())
        last = next(slot for slot, count in zip(hits, gone, strict=True) if count > over)
        return max((last + SLOTS + 1) * self._slot - self._clock(), 0.0)

    def _count(self, key: str) -> None:
        now = self._now()
        hits = self._hits.setdefault(key, {})
        self._hits.move_to_end(key)
        _forget(hits, now)
        hits[now] = hits.get(now, 0) + 1
        while len(self._hits) > self._most:
            self._hits.popitem(last=False)


class FailedLogins:
    """How many logins may fail, ``limit`` in a ``window`` (seconds): of an address, and of an account.

    - An address that failed ``limit`` times, with whatever accounts, waits.
    - Of an account that was failed with ``limit`` times, from wherever, those addresses wait that failed with it
      themselves. One that did not may try, so whoever guesses from many addresses does not lock the owner out; the
      price is that each further address of the guesser's gets one guess in a window.
    - A login that succeeds takes back its address's failures with that account, and counts for nothing else: a guesser
      who has an account of their own cannot use it to start anew.

    Attempts under way are not counted: as many as there are threads may pass the limit at once.
    """

    def __init__(self, limit: int, window: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._addresses = Throttle(limit, window, clock=clock)
        self._accounts = Throttle(limit, window, clock=clock)
        self._pairs = Throttle(1, window, clock=clock)

    def check(self, account: str, address: str) -> float | None:
        """Return None where this address may try to log in to the account, else the seconds to wait."""
        client = client_key(address)
        of_address, of_pair = self._addresses.check(client), self._pairs.check(_pair(account, client))
        of_account = self._accounts.check(account) if of_pair else None
        both = min(of_pair, of_account) if of_pair and of_account else None  # one that ends is enough
        return max((one for one in (of_address, both) if one is not None), default=None)

    def failed(self, account: str, address: str) -> None:
        """Count a login that failed."""
        client = client_key(address)
        self._addresses.hit(client)
        self._accounts.hit(account)
        self._pairs.hit(_pair(account, client))

    def succeeded(self, account: str, address: str) -> None:
        """Let the address be one that did not fail with the account."""
        self._pairs.clear(_pair(account, client_key(address)))


def client_key(address: str) -> str:
    """Return what counts as one client: an IPv4 address, the /64 of an IPv6 one (which one machine may have all of)."""
    found = parse_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(found), 64), strict=False))
    return str(found or address)


def _pair(account: str, client: str) -> str:
    return f"{client} {account}"  # no address has a space


def _short(key: str) -> str:
    if len(key) <= LONGEST_KEY:
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _forget(hits: dict[int, int], now: int) -> None:
    """Drop the slots that lie a window back."""
    for slot in [one for one in hits if now - one > SLOTS]:
        del hits[slot]
