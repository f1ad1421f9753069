import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.stun import Message, MessageClass, Method
from webrtc.stun import turn_attributes as turn
from webrtc.stun.codec import Attribute
from webrtc.stun.turn_attributes import (
    AdditionalAddressFamily,
    AddressErrorCode,
    ChannelNumber,
    ConnectionId,
    Data,
    DontFragment,
    EvenPort,
    Icmp,
    Lifetime,
    MobilityTicket,
    RequestedAddressFamily,
    RequestedTransport,
    ReservationToken,
)

ID = bytes(12)


@pytest.mark.parametrize(
    ("attribute", "encoded"),
    [
        (ChannelNumber(0x4001), "000c000440010000"),
        (Lifetime(600), "000d000400000258"),
        (Data(b"abc"), "0013000361626300"),
        (RequestedAddressFamily(2), "0017000402000000"),
        (AdditionalAddressFamily(2), "8000000402000000"),
        (EvenPort(True), "0018000180000000"),
        (EvenPort(), "0018000100000000"),
        (RequestedTransport(turn.UDP), "0019000411000000"),
        (RequestedTransport(turn.TCP), "0019000406000000"),
        (DontFragment(), "001a0000"),
        (ReservationToken(b"12345678"), "002200083132333435363738"),
        (ConnectionId(5), "002a000400000005"),
        (MobilityTicket(b""), "80300000"),
        (AddressErrorCode(2, 440, "no"), "8001000602000428" + "6e6f0000"),
        (Icmp(3, 4, 1500), "80040008" + "00000304" + "000005dc"),
    ],
    ids=repr,
)
def test_attribute_on_the_wire(attribute: Attribute, encoded: str) -> None:
    """STUN-29: RFC 8656 §18, RFC 6062 §6.2, RFC 8016 §3."""
    message = Message(Method.ALLOCATE, MessageClass.REQUEST, ID, [attribute])
    assert message.encode()[20:].hex() == encoded
    assert Message.decode(message.encode()).attributes == (attribute,)


@given(st.binary(max_size=20))
def test_garbage_raises_only_decode_error(value: bytes) -> None:
    """X-01, X-03."""
    for attribute_class in (AddressErrorCode, EvenPort, Icmp, ReservationToken, ChannelNumber):
        try:
            attribute_class.decode(value, ID)
        except DecodeError:
            pass


def test_wrong_sizes_are_refused() -> None:
    """X-03."""
    for attribute_class, size in (
        *((AddressErrorCode, 3), (EvenPort, 0), (EvenPort, 2), (Icmp, 4), (ReservationToken, 7)),
        *((Lifetime, 0), (DontFragment, 1)),
    ):
        with pytest.raises(DecodeError):
            attribute_class.decode(bytes(size), ID)
