"""STUN messages in words."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.stun import Code, Message, Method
from webrtc.stun.attributes import Priority, Username, XorMappedAddress
from webrtc.stun.describe import describe

REQUEST = Message.request(Method.BINDING, [Username("a:b"), Priority(7)], Random(1))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            REQUEST.encode(key=b"secret", fingerprint=True),
            "Binding request Username('a:b') Priority(value=7) authenticated",
        ),
        (
            REQUEST.success([XorMappedAddress(("192.0.2.1", 5))]).encode(),
            "Binding success XorMappedAddress(address=('192.0.2.1', 5))",
        ),
        (Message.indication(Method.BINDING, (), Random(1)).encode(), "Binding indication"),
        (
            Message.request(Method.CREATE_PERMISSION, (), Random(1)).encode(),
            "Create permission request",
        ),
        (b"\0\1", "malformed: STUN message of 2 bytes"),
    ],
)
def test_words(data: bytes, expected: str) -> None:
    assert describe(data) == expected


def test_refusal_has_its_code() -> None:
    assert "487" in describe(REQUEST.error(Code.ROLE_CONFLICT).encode())


def test_malformed_attribute_is_named() -> None:
    broken = bytearray(REQUEST.encode())
    broken[-6:-4] = (2).to_bytes(2, "big")  # the length of PRIORITY
    assert describe(bytes(broken)).startswith("Binding request malformed attribute: ")


@given(st.binary(max_size=100))
def test_whatever_comes_has_a_printable_description(body: bytes) -> None:
    data = b"\0\1" + len(body).to_bytes(2, "big") + bytes.fromhex("2112a442") + bytes(12) + body
    assert describe(data).isprintable()
