"""Datagrams in a protocol and some words."""

import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.dtls.record import APPLICATION_DATA, EPOCH, plain
from webrtc.peer.describe import describe
from webrtc.stun import Message, Method

DATA = plain(APPLICATION_DATA, EPOCH, b"x" * 9)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            Message.indication(Method.BINDING, (), Random(1)).encode(),
            ("STUN", "Binding indication"),
        ),
        (DATA, ("DTLS", "ApplicationData")),
        (DATA * 3, ("DTLS", "3 × ApplicationData")),
        (
            struct.pack("!BBHII", 0x80, 0x80 | 96, 7, 1000, 42) + b"payload",
            ("RTP", "type 96 sequence 7 time 1000 source 42 marker"),
        ),
        (
            struct.pack("!BBHII", 0x80, 111, 7, 1000, 42),
            ("RTP", "type 111 sequence 7 time 1000 source 42"),
        ),
        (struct.pack("!BBHI", 0x80, 201, 1, 42), ("RTCP", "receiver report of source 42")),
        (struct.pack("!BBHI", 0x80, 210, 1, 42), ("RTCP", "type 210 of source 42")),
        (b"\x80\x60", ("?", "begins 80 60")),
        (b"\xff" * 20, ("?", "begins ff ff ff ff ff ff ff ff")),
        (b"", ("?", "empty")),
    ],
)
def test_words(data: bytes, expected: tuple[str, str]) -> None:
    assert describe(data) == expected


@given(st.binary(max_size=60))
def test_whatever_comes_has_a_printable_description(data: bytes) -> None:
    assert all(each.isprintable() for each in describe(data))
