"""Networks that an operator lists."""

import pytest

from ocireg.config.networks import Networks


@pytest.mark.parametrize(
    ("listed", "address", "have"),
    [
        ("", "10.0.0.1", False),
        ("10.0.0.0/8", "10.255.0.1", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("10.0.0.0/8, 2001:db8::/32", "2001:db8::1", True),
        ("10.0.0.0/8,2001:db8::/32,", "2001:db9::1", False),
        ("10.0.0.0/8", "::ffff:10.0.0.1", True),
        ("fe80::/10", "fe80::1%eth0", True),
        ("0.0.0.0/0,::/0", "no address", False),
        ("0.0.0.0/0,::/0", "", False),
        ("0.0.0.0/0,::/0", None, False),
    ],
)
def test_an_address_is_in_a_network_or_not(listed: str, address: str | None, *, have: bool) -> None:
    assert Networks.parse(listed).have(address) is have


def test_networks_are_shown_as_they_are_written() -> None:
    assert str(Networks.parse(" 10.0.0.0/8, 2001:DB8::/32 ,192.0.2.7")) == "10.0.0.0/8,2001:db8::/32,192.0.2.7/32"
