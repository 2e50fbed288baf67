"""Which addresses requests may go to (RFC 6890, and the IANA registries of special-purpose addresses)."""

import ipaddress
import socket

from ocireg.config.networks import Networks

_REFUSED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # shared, behind carriers' NAT; clouds keep metadata services there
        "192.88.99.0/24",  # relays of 6to4
        "::/96",  # IPv4 addresses written as IPv6, by an old rule
        "::ffff:0:0/96",  # and by the rule of today
        "64:ff9b::/96",  # IPv4 behind NAT64
        "64:ff9b:1::/48",  # the same, of an operator's own
        "2001::/32",  # IPv4 inside Teredo
        "2002::/16",  # IPv4 inside 6to4
        "fec0::/10",  # site-local
    )
)
"""What Python of one version or another calls global although it leads, or may lead, inside."""


def may_be_reached(address: str, networks: Networks) -> bool:
    """Say whether an address is one of the internet at large, or in the networks that an operator lists."""
    if networks.have(address):
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    special = found.is_multicast or found.is_reserved or any(found in one for one in _REFUSED)
    return found.is_global and not special


def addresses_of(host: str) -> list[str]:
    """Ask the system's resolver. ``OSError``; ``UnicodeError`` for what can be no name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
