"""Which hosts the whole world can reach. A request never waits for a resolver."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ocireg.config.networks import Address, parse_address

KNOWN_FOR, FAILED_FOR = 300.0, 30.0
"""Seconds after which a name is asked for again."""
MOST = 16
"""Names that are remembered: a store has one, or few."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is held of a name, and when it is asked for again."""

    public: bool
    until: float


class Hosts:
    """Names are resolved in threads of their own, one a name at a time, and remembered for some minutes."""

    def __init__(self, resolve: Callable[[str], Iterable[str]] | None = None) -> None:
        self._resolve = resolve or addresses_of
        self._lock = threading.Lock()
        self._answers: dict[str, _Answer] = {}
        self._asking: set[str] = set()

    def is_public(self, host: str) -> bool:
        """Say whether every address of ``host`` is public. A name is none until it has been resolved.

        What was known of a name holds until the next answer is there.
        """
        literal = parse_address(host)
        if literal is not None:
            return _is_public(literal)
        with self._lock:
            known = self._answers.get(host)
            if (known is None or known.until < time.monotonic()) and self._may_ask(host):
                self._asking.add(host)
                threading.Thread(target=self._ask, args=(host,), name="resolver", daemon=True).start()
        return known is not None and known.public

    def _may_ask(self, host: str) -> bool:
        return host not in self._asking and len(self._asking) < MOST

    def _ask(self, host: str) -> None:
        try:
            found = [parse_address(one) for one in self._resolve(host)]
        except (OSError, UnicodeError) as error:
            log.warning("the store's host %s cannot be resolved: %s", host, error)
            answer = _Answer(public=False, until=time.monotonic() + FAILED_FOR)
        else:
            public = bool(found) and all(one is not None and _is_public(one) for one in found)
            answer = _Answer(public, time.monotonic() + KNOWN_FOR)
        with self._lock:
            self._asking.discard(host)
            self._answers.pop(host, None)
            self._answers[host] = answer
            while len(self._answers) > MOST:
                del self._answers[next(iter(self._answers))]


def addresses_of(host: str) -> list[str]:
    """Ask the system's resolver. ``OSError``."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def _is_public(address: Address) -> bool:
    """Say whether an address is one of the internet at large: not loopback, private, link-local, shared or reserved."""
    return address.is_global and not address.is_multicast
