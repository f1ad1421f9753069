import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stun import vectors
from webrtc.core import Path
from webrtc.stun import Message, MessageClass, Method, Responder
from webrtc.stun.attributes import (
    ChangeRequest,
    ErrorCode,
    RawAttribute,
    Software,
    UnknownAttributes,
    XorMappedAddress,
)

REMOTE = ("2001:db8::9", 4321)
PATH = Path(("2001:db8::1", 3478), REMOTE)


def binding(*attributes: RawAttribute | ChangeRequest | Software) -> Message:
    return Message.request(Method.BINDING, attributes, random.Random(1))


def answer(responder: Responder, data: bytes) -> Message | None:
    responder.handle_read(data, PATH, 0.0)
    transmit = responder.poll_write()
    assert responder.poll_write() is None
    if transmit is None:
        return None
    assert transmit.path == PATH
    return Message.decode(transmit.data)


def test_binding_request_gets_its_address() -> None:
    """STUN-32, T-10: no more than 12 (IPv6: 24) bytes longer than the request."""
    responder = Responder()
    data = binding().encode()
    response = answer(responder, data)
    assert response == binding().success([XorMappedAddress(REMOTE)])
    assert len(response.raw) == len(data) + 24
    assert (responder.answered, responder.refused, responder.dropped) == (1, 0, 0)
    responder.handle_timeout(99.0)
    assert responder.poll_timeout() is None


def test_fingerprint_is_answered_with_one() -> None:
    """STUN-24: RFC 8489 §7."""
    with_one = answer(Responder(), binding().encode(fingerprint=True))
    without = answer(Responder(), binding().encode())
    assert with_one is not None
    assert without is not None
    assert with_one.fingerprint_ok
    assert not without.fingerprint_ok


def test_software_is_told_when_it_is_given() -> None:
    response = answer(Responder(software="test"), binding().encode())
    assert response is not None
    assert response.get(Software) == Software("test")


def test_unknown_attributes_are_refused_by_name() -> None:
    """STUN-29, STUN-32: 420 with 16 types at most, no longer than the request by more than 12."""
    responder = Responder()
    many = [RawAttribute(0x7000 + number, b"") for number in range(20)]
    data = binding(*many, RawAttribute(0xC123, b"")).encode()
    response = answer(responder, data)
    assert response is not None
    assert response.message_class is MessageClass.ERROR
    assert response.require(ErrorCode).code == 420
    assert response.require(UnknownAttributes).types == tuple(range(0x7000, 0x7010))
    single = binding(RawAttribute(0x7000, b"")).encode()
    short = answer(responder, single)
    assert short is not None
    assert len(short.raw) <= len(single) + 12
    assert (responder.answered, responder.refused) == (0, 2)


def test_change_request_is_not_silently_ignored() -> None:
    """STUN-29: it must be understood, and is not here."""
    response = answer(Responder(), binding(ChangeRequest(change_ip=True)).encode())
    assert response is not None
    assert response.require(UnknownAttributes).types == (3,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 20,
        binding().encode()[:-1],
        binding().encode(fingerprint=True)[:-1] + b"\0",
        Message(Method.BINDING, MessageClass.INDICATION, bytes(12)).encode(),
        Message(Method.ALLOCATE, MessageClass.REQUEST, bytes(12)).encode(),
        vectors.RESPONSE_IPV4,
    ],
    ids="empty zeros cut fingerprint indication allocate response".split(),  # noqa: SIM905 (reads better)
)
def test_everything_else_is_dropped(data: bytes) -> None:
    """STUN-32, M-01: no reply and one count."""
    responder = Responder()
    assert answer(responder, data) is None
    assert (responder.answered, responder.dropped) == (0, 1)


def test_waiting_responses_are_bounded() -> None:
    """T-10: a caller that does not send does not grow."""
    responder = Responder(limit=5)
    for _ in range(8):
        responder.handle_read(binding().encode(), PATH, 0.0)
    assert (responder.answered, responder.dropped) == (5, 3)
    assert sum(responder.poll_write() is not None for _ in range(8)) == 5


@given(st.binary(max_size=120))
def test_garbage_never_raises(data: bytes) -> None:
    """X-01."""
    responder = Responder()
    responder.handle_read(data, PATH, 0.0)
    responder.handle_read(binding().encode()[:20] + data, PATH, 0.0)
    assert responder.answered + responder.refused + responder.dropped == 2
