"""What each address holds is limited, and some are not counted."""

import json

import pytest
from aiohttp import web

from webrtc.signaling.addresses import Addresses


def taken(addresses: Addresses, address: str | None) -> int:
    """How many one address is given before it is refused; 5 stands for any number."""
    return sum(addresses.take(address) for _ in range(5))


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])
def test_address_has_a_limit_and_gives_back(address: str) -> None:
    addresses = Addresses(2, ())
    assert taken(addresses, address) == 2
    addresses.give_back(address)
    assert taken(addresses, address) == 1
    assert taken(addresses, "198.51.100.1") == 2


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", None, "", "10.1.2.3", "fd00::7"],
)
def test_loopback_and_trusted_proxies_are_not_counted(address: str | None) -> None:
    addresses = Addresses(0, ["10.0.0.0/8", "fd00::7"])
    assert taken(addresses, address) == 5
    addresses.give_back(address)


def test_other_addresses_of_one_subscriber_are_the_same() -> None:
    addresses = Addresses(2, ())
    assert [addresses.take(f"2001:db8::{each}") for each in (1, 2, 3)] == [True, True, False]
    assert addresses.take("2001:db8:0:1::1")
    assert taken(addresses, "::ffff:192.0.2.1") == 2
    assert taken(addresses, "192.0.2.1") == 0


def test_what_is_given_back_leaves_nothing() -> None:
    addresses = Addresses(2, ())
    for each in range(100):
        with addresses.holding(f"192.0.2.{each}"):
            assert len(addresses._held) == 1
    assert not addresses._held


def test_refusal_says_how_many_are_open() -> None:
    addresses = Addresses(1, ())
    with addresses.holding("192.0.2.1"):
        with pytest.raises(web.HTTPTooManyRequests) as refused, addresses.holding("192.0.2.1"):
            pytest.fail("let in")
        assert json.loads(refused.value.text or "") == {"error": "1 are open from this address"}
        assert "Retry-After" in refused.value.headers
    with addresses.holding("192.0.2.1"):
        pass


def test_proxy_that_is_no_address_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="proxy"):
        Addresses(1, ["proxy.example.org"])
