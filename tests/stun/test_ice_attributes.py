import pytest

from webrtc.errors import DecodeError
from webrtc.stun import Message, MessageClass, Method
from webrtc.stun.codec import Attribute, AttributeCodec
from webrtc.stun.ice_attributes import (
    IceControlled,
    IceControlling,
    Nomination,
    Priority,
    UseCandidate,
)

ID = bytes(12)


@pytest.mark.parametrize(
    ("attribute", "encoded"),
    [
        (Priority(0x6E0001FF), "002400046e0001ff"),
        (UseCandidate(), "00250000"),
        (IceControlled(0x932FF9B151263B36), "80290008932ff9b151263b36"),
        (IceControlling(1), "802a00080000000000000001"),
        (Nomination(7), "c001000400000007"),
    ],
)
def test_attribute_on_the_wire(attribute: Attribute, encoded: str) -> None:
    """STUN-34: type, length and value."""
    message = Message(Method.BINDING, MessageClass.REQUEST, ID, [attribute])
    assert message.encode()[20:].hex() == encoded
    assert Message.decode(message.encode()).attributes == (attribute,)


@pytest.mark.parametrize(
    ("attribute_class", "sizes"),
    [
        (Priority, (0, 3, 5)),
        (UseCandidate, (1, 4)),
        (IceControlled, (0, 4, 9)),
        (IceControlling, (7,)),
        (Nomination, (2,)),
    ],
)
def test_wrong_size_is_refused(
    attribute_class: type[AttributeCodec], sizes: tuple[int, ...]
) -> None:
    """STUN-34, X-03."""
    for size in sizes:
        with pytest.raises(DecodeError):
            attribute_class.decode(bytes(size), ID)
