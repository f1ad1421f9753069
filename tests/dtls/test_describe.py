"""Records in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.dtls.describe import describe
from webrtc.dtls.fragments import Fragment
from webrtc.dtls.record import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    EPOCH,
    HANDSHAKE,
    plain,
)


def handshake(type_: int, body: bytes, *, length: int | None = None, offset: int = 0) -> bytes:
    size = len(body) if length is None else length
    return plain(HANDSHAKE, 0, Fragment(type_, size, 0, offset, body).encode())


@pytest.mark.parametrize(
    ("datagram", "expected"),
    [
        (handshake(1, b"x" * 9), ["ClientHello"]),
        (handshake(11, b"x" * 50, length=900, offset=100), ["Certificate 100+50/900"]),
        (handshake(99, b""), ["handshake message 99"]),
        (plain(HANDSHAKE, 0, b"\x01\x00"), ["malformed Handshake"]),
        (plain(CHANGE_CIPHER_SPEC, 0, b"\x01"), ["ChangeCipherSpec"]),
        (plain(ALERT, 0, b"\x02\x28"), ["Alert fatal handshake_failure"]),
        (plain(ALERT, 0, b"\x09\x28"), ["Alert level 9 handshake_failure"]),
        (plain(ALERT, 0, b"\x02"), ["Alert"]),
        (plain(ALERT, EPOCH, b"x" * 18), ["encrypted Alert"]),
        (plain(HANDSHAKE, EPOCH, b"x" * 40), ["encrypted Handshake"]),
        (plain(APPLICATION_DATA, EPOCH, b"x" * 40), ["ApplicationData"]),
        (plain(77, 0, b""), ["record of type 77"]),
        (
            plain(CHANGE_CIPHER_SPEC, 0, b"\x01") + b"rest",
            ["ChangeCipherSpec", "4 bytes that are no record"],
        ),
        (b"", []),
    ],
)
def test_words(datagram: bytes, expected: list[str]) -> None:
    assert describe(datagram) == expected


@given(st.binary(max_size=200))
def test_whatever_comes_has_a_description(datagram: bytes) -> None:
    assert all(isinstance(each, str) for each in describe(datagram))


@given(st.binary(max_size=100))
def test_so_has_whatever_a_handshake_record_holds(payload: bytes) -> None:
    assert describe(plain(HANDSHAKE, 0, payload)) or not payload
