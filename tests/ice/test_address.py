import pytest

from webrtc.errors import InvalidAccessError
from webrtc.ice.address import (
    Scope,
    Subnets,
    contains,
    family,
    is_low_port,
    is_transitional,
    normalize,
    scope,
    why_unreachable_port,
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
    "host",
    [
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.251",
        "239.255.255.255",
        "ff02::fb",
        "::ffff:192.0.2.1",
        "host.local",
    ],
)
def test_addresses_that_no_peer_can_have(host: str) -> None:
    """I-17: unspecified, multicast, broadcast, without a host: refused with a reason."""
    assert why_unusable(host)


def test_addresses_that_a_peer_can_have() -> None:
    for host in ("192.0.2.1", "10.0.0.1", "127.0.0.1", "2001:db8::1", "fe80::1"):
        assert why_unusable(host) is None


def test_ports_that_nobody_answers_at() -> None:
    """I-17"""
    assert [port for port in (0, 1, 9, 10, 65535, 65536) if why_unreachable_port(port)] == [
        0,
        9,
        65536,
    ]


def test_ports_of_other_services() -> None:
    low = [53, 80, 123, 443, 1023, 1024, 5000]
    assert [port for port in low if is_low_port(port)] == [53, 123, 1023]


def test_neighbours_are_those_of_one_subnet() -> None:
    subnets = Subnets()
    subnets.add(["192.0.2.0/25", "2001:db8::/64", "fe80::/64", "192.0.2.7/25"])
    near = subnets.of("192.0.2.1")
    assert contains(near, "192.0.2.127") and not contains(near, "192.0.2.128")
    assert contains(subnets.of("fe80::1%eth0"), "fe80::2%eth0")
    assert not contains(subnets.of("2001:db8::1"), "192.0.2.1")
    assert subnets.of("10.0.0.1") is None and not contains(None, "10.0.0.1")
    subnets.clear()
    assert subnets.of("192.0.2.1") is None


def test_broadcast_of_a_subnet() -> None:
    subnets = Subnets()
    subnets.add(["192.0.2.0/25", "10.0.0.1/32", "10.0.1.0/31", "2001:db8::/64"])
    hosts = ("192.0.2.127", "192.0.2.126", "192.0.2.255", "10.0.0.1", "10.0.1.1")
    assert [host for host in hosts if subnets.is_broadcast(host)] == ["192.0.2.127"]
    assert not subnets.is_broadcast("2001:db8::ffff:ffff:ffff:ffff")


def test_subnet_that_is_none_is_misuse() -> None:
    with pytest.raises(InvalidAccessError):
        Subnets().add(["192.0.2.0/33"])
