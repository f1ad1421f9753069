import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stun.strategies import addresses, ids
from webrtc.core import Address
from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun.address import (
    AlternateServer,
    MappedAddress,
    XorMappedAddress,
    XorPeerAddress,
    XorRelayedAddress,
    decode_address,
    encode_address,
    pack_host,
    unpack_host,
    xor,
)
from webrtc.stun.message import Message
from webrtc.stun.registry import MessageClass, Method

ID = bytes.fromhex("b7e7a701bc34d686fa87dfae")


def test_rfc5769_addresses() -> None:
    """STUN-20: RFC 5769 §2.2, §2.3."""
    ipv4 = bytes.fromhex("0001a147e112a643")
    assert XorMappedAddress.decode(ipv4, ID) == XorMappedAddress(("192.0.2.1", 32853))
    assert XorMappedAddress(("192.0.2.1", 32853)).encode(ID) == ipv4
    ipv6 = bytes.fromhex("0002a1470113a9faa5d3f179bc25f4b5bed2b9d9")
    address = XorMappedAddress(("2001:db8:1234:5678:11:2233:4455:6677", 32853))
    assert XorMappedAddress.decode(ipv6, ID) == address
    assert address.encode(ID) == ipv6


@given(addresses, ids)
def test_address_survives_xor(address: Address, transaction_id: bytes) -> None:
    """STUN-20, STUN-21: every class with the same layout, under its own type."""
    for attribute_class in (XorMappedAddress, XorPeerAddress, XorRelayedAddress):
        value = attribute_class(address).encode(transaction_id)
        assert attribute_class.decode(value, transaction_id).address == address
        assert xor(value, transaction_id) == encode_address(address)


@given(st.binary(max_size=24), ids)
def test_garbage_raises_only_decode_error(value: bytes, transaction_id: bytes) -> None:
    """X-01."""
    for attribute_class in (MappedAddress, XorMappedAddress, XorPeerAddress):
        try:
            attribute_class.decode(value, transaction_id)
        except DecodeError:
            pass


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\0\1\0",
        b"\0\1\0\1\1\2\3",
        b"\0\1\0\1" + bytes(5),
        b"\0\1\0\1" + bytes(16),
        b"\0\2\0\1" + bytes(4),
        b"\0\2\0\1" + bytes(15),
        b"\0\2\0\1" + bytes(17),
        b"\0\0\0\1" + bytes(4),
        b"\0\3\0\1" + bytes(4),
        b"\0\1\0\0" + bytes(4),
    ],
    ids=lambda plain: plain.hex() or "empty",
)
def test_malformed_address_is_refused(plain: bytes) -> None:
    """I-10: wrong family, length or port 0."""
    masked = xor(plain, ID) if len(plain) <= 20 else plain
    for plain_class in (MappedAddress, AlternateServer):
        with pytest.raises(DecodeError):
            plain_class.decode(plain, ID)
    for masked_class in (XorMappedAddress, XorRelayedAddress):
        with pytest.raises(DecodeError):
            masked_class.decode(masked, ID)


def test_permission_may_name_port_zero() -> None:
    """STUN-21: RFC 8656 §9.1."""
    value = XorPeerAddress(("192.0.2.1", 0)).encode(ID)
    assert XorPeerAddress.decode(value, ID).address == ("192.0.2.1", 0)


def test_first_byte_is_ignored() -> None:
    """RFC 8489 §14.1: it must be ignored by receivers."""
    assert decode_address(b"\xff\1\0\7\1\2\3\4") == ("1.2.3.4", 7)


def test_plain_address_of_an_old_server_is_understood() -> None:
    """STUN-22."""
    response = Message(Method.BINDING, MessageClass.SUCCESS, ID, [MappedAddress(("::1", 9))])
    decoded = Message.decode(response.encode())
    assert decoded.get(XorMappedAddress) is None
    assert decoded.get(MappedAddress) == MappedAddress(("::1", 9))


def test_zone_of_a_link_local_address_stays_at_home() -> None:
    assert unpack_host(pack_host("fe80::1%eth0")) == "fe80::1"


@pytest.mark.parametrize("host", ["", "localhost", "1.2.3", "1.2.3.4.5", "::g", "01.2.3.4"])
def test_name_is_no_address(host: str) -> None:
    with pytest.raises(InvalidAccessError):
        encode_address((host, 1))
