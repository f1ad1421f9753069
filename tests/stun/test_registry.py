import pytest

from webrtc.stun.attributes import BY_TYPE, CLASSES, ErrorCode
from webrtc.stun.registry import (
    DEFAULT_PORT,
    DEFAULT_TLS_PORT,
    PHRASES,
    AttributeType,
    Code,
    MessageClass,
    Method,
    message_type,
)


def test_default_ports() -> None:
    """STUN-27."""
    assert (DEFAULT_PORT, DEFAULT_TLS_PORT) == (3478, 5349)


@pytest.mark.parametrize(
    ("method", "message_class", "number"),
    [
        (Method.BINDING, MessageClass.REQUEST, 0x0001),
        (Method.BINDING, MessageClass.INDICATION, 0x0011),
        (Method.BINDING, MessageClass.SUCCESS, 0x0101),
        (Method.BINDING, MessageClass.ERROR, 0x0111),
        (Method.ALLOCATE, MessageClass.REQUEST, 0x0003),
        (Method.ALLOCATE, MessageClass.SUCCESS, 0x0103),
        (Method.ALLOCATE, MessageClass.ERROR, 0x0113),
        (Method.REFRESH, MessageClass.REQUEST, 0x0004),
        (Method.SEND, MessageClass.INDICATION, 0x0016),
        (Method.DATA, MessageClass.INDICATION, 0x0017),
        (Method.CREATE_PERMISSION, MessageClass.REQUEST, 0x0008),
        (Method.CHANNEL_BIND, MessageClass.ERROR, 0x0119),
        (Method.CONNECT, MessageClass.REQUEST, 0x000A),
        (Method.CONNECTION_BIND, MessageClass.REQUEST, 0x000B),
        (Method.CONNECTION_ATTEMPT, MessageClass.INDICATION, 0x001C),
    ],
)
def test_class_bits_lie_between_the_method_bits(
    method: Method, message_class: MessageClass, number: int
) -> None:
    """STUN-28: the numbers of RFC 8489, RFC 8656 and RFC 6062."""
    assert message_type(method, message_class) == number


def test_every_method_and_class_has_a_type_of_its_own() -> None:
    """STUN-28: all 4096 methods in all classes, within 14 bits."""
    numbers = {message_type(method, one) for method in range(0x1000) for one in MessageClass}
    assert numbers == set(range(0x4000))


def test_types_below_0x8000_must_be_understood() -> None:
    """STUN-29."""
    optional = {one.name for one in AttributeType if not one.comprehension_required}
    assert "SOFTWARE" in optional
    assert "ICE_CONTROLLED" in optional
    assert not optional & {"USERNAME", "PRIORITY", "USE_CANDIDATE", "XOR_MAPPED_ADDRESS"}


def test_every_type_has_one_class_and_every_class_one_type() -> None:
    """STUN-29."""
    assert set(BY_TYPE) == set(AttributeType)
    assert len(CLASSES) == len(BY_TYPE)


@pytest.mark.parametrize(
    "number",
    [300, 400, 401, 403, 420, 437, 438, 440, 441, 442, 443, 446, 447, 486, 487, 500, 508],
)
def test_error_codes(number: int) -> None:
    """STUN-30: each has a phrase and travels as class and number."""
    code = next(one for one in Code if one == number)
    assert PHRASES[number] == code.phrase != ""
    error = ErrorCode(code, code.phrase)
    value = error.encode(bytes(12))
    assert value[:4] == bytes([0, 0, number // 100, number % 100])
    assert ErrorCode.decode(value, bytes(12)) == error
