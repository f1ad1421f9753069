import pytest

from webrtc.ice.address import (
    Scope,
    family,
    is_transitional,
    normalize,
    scope,
    why_unusable,
    with_zone_of,
    without_zone,
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("1f4712db-ea17-4bcf-a596-105139dfd8bf.local", None),
        ("192.0.2.256", None),
        ("", None),
    ],
)
def test_normalizes_addresses_and_refuses_names(text: str, canonical: str | None) -> None:
    assert normalize(text) == canonical


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", Scope.LOOPBACK),
        ("::1", Scope.LOOPBACK),
        ("fe80::1%eth0", Scope.LINK_LOCAL),
        ("169.254.1.1", Scope.GLOBAL),
        ("192.168.1.1", Scope.GLOBAL),
        ("2001:db8::1", Scope.GLOBAL),
    ],
)
def test_scope(host: str, expected: Scope) -> None:
    assert scope(host) is expected


def test_family_and_transition_mechanisms() -> None:
    assert (family("192.0.2.1"), family("::1")) == (4, 6)
    assert is_transitional("2001::1") and is_transitional("2002::1")
    assert not is_transitional("2001:db8::1") and not is_transitional("192.0.2.1")


def test_zone_is_for_this_host_only() -> None:
    local = ("fe80::1%eth0", 1)
    assert without_zone(local) == ("fe80::1", 1)
    assert with_zone_of(local, ("fe80::2", 2)) == ("fe80::2%eth0", 2)
    assert with_zone_of(local, ("2001:db8::2", 2)) == ("2001:db8::2", 2)
    assert with_zone_of(("192.0.2.1", 1), ("192.0.2.2", 2)) == ("192.0.2.2", 2)


@pytest.mark.parametrize(
    "address",
    [
        ("0.0.0.0", 5000),
        ("::", 5000),
        ("255.255.255.255", 5000),
        ("224.0.0.251", 5353),
        ("239.255.255.255", 5000),
        ("ff02::fb", 5353),
        ("::ffff:192.0.2.1", 5000),
        ("192.0.2.1", 0),
        ("192.0.2.1", 9),
        ("192.0.2.1", 65536),
        ("host.local", 5000),
    ],
)
def test_addresses_that_no_peer_can_have(address: tuple[str, int]) -> None:
    """I-17: unspecified, multicast, broadcast, port 0 and 9 are refused with a reason."""
    assert why_unusable(address)


def test_addresses_that_a_peer_can_have() -> None:
    for host in ("192.0.2.1", "10.0.0.1", "127.0.0.1", "2001:db8::1", "fe80::1"):
        assert why_unusable((host, 5000)) is None
