"""Networks that an operator lists."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Networks(tuple[Network, ...]):
    """Networks, shown as they were written: with commas."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Networks":
        """Return networks, or none: ``10.0.0.0/8, 2001:db8::/32``. An address alone is a network of one."""
        listed = (one.strip() for one in text.split(","))
        try:
            return cls(ipaddress.ip_network(one) for one in listed if one)
        except ValueError as error:
            raise ValueError(f"wanted networks, as 10.0.0.0/8, 2001:db8::/32 ({error})") from None

    def have(self, address: str | None) -> bool:
        """Say whether an address is in one of them. What is no address is in none."""
        found = parse_address(address or "")
        return found is not None and any(found in one for one in self)

    def __str__(self) -> str:
        return ",".join(map(str, self))


def parse_address(text: str) -> Address | None:
    """Return an address, None if it is none; an IPv4 one that was written as IPv6 (``::ffff:…``) is an IPv4 one."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
