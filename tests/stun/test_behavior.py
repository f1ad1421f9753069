import pytest

from webrtc.errors import DecodeError
from webrtc.stun.attributes import BY_TYPE
from webrtc.stun.behavior import ChangeRequest, Padding, ResponsePort, TransactionTransmitCounter
from webrtc.stun.codec import Attribute

ID = bytes(12)


@pytest.mark.parametrize(
    ("attribute", "encoded"),
    [
        (ChangeRequest(), "00000000"),
        (ChangeRequest(change_ip=True), "00000004"),
        (ChangeRequest(change_port=True), "00000002"),
        (ChangeRequest(True, True), "00000006"),
        (ResponsePort(0x1234), "12340000"),
        (Padding(b"abc"), "616263"),
        (TransactionTransmitCounter(3, 1), "00000301"),
    ],
    ids=repr,
)
def test_value(attribute: Attribute, encoded: str) -> None:
    """STUN-29: RFC 5780 §7, RFC 7982 §3."""
    assert attribute.encode(ID).hex() == encoded
    assert BY_TYPE[attribute.type].decode(bytes.fromhex(encoded), ID) == attribute


@pytest.mark.parametrize("size", [0, 3, 5])
def test_wrong_size_is_refused(size: int) -> None:
    """X-03."""
    for attribute_class in (ChangeRequest, ResponsePort, TransactionTransmitCounter):
        with pytest.raises(DecodeError):
            attribute_class.decode(bytes(size), ID)
