"""Records and their protection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.dtls.record import (
    ALERT,
    APPLICATION_DATA,
    EPOCH,
    HANDSHAKE,
    HEADER,
    AesGcm,
    ChaCha20Poly1305,
    Protection,
    plain,
    split,
)

PROTECTIONS: list[Protection] = [
    AesGcm(bytes(range(16)), b"salt"),
    AesGcm(bytes(range(32)), b"salt"),
    ChaCha20Poly1305(bytes(range(32)), bytes(range(12))),
]
each_protection = pytest.mark.parametrize(
    "protection", PROTECTIONS, ids=["aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"]
)
numbers = st.integers(EPOCH, 2 * EPOCH - 1)


@each_protection
@given(st.binary(max_size=2000), numbers, st.sampled_from([ALERT, HANDSHAKE, APPLICATION_DATA]))
def test_what_was_sealed_opens(
    protection: Protection, plaintext: bytes, number: int, type_: int
) -> None:
    """X-06: round trip; the header is as RFC 6347 §4.1 has it."""
    record = protection.seal(type_, number, plaintext)
    assert len(record) == len(plaintext) + protection.overhead
    assert HEADER.unpack_from(record) == (type_, 0xFEFD, number, len(record) - 13)
    assert protection.open(type_, number, record) == plaintext
    assert list(split(record)) == [(type_, number, record)]


@each_protection
def test_a_changed_record_does_not_open(protection: Protection) -> None:
    """DTLS-27: neither another number, nor another type, nor any flipped bit."""
    record = protection.seal(APPLICATION_DATA, EPOCH + 7, b"plaintext")
    assert protection.open(APPLICATION_DATA, EPOCH + 8, record) is None
    assert protection.open(HANDSHAKE, EPOCH + 7, record) is None
    for position in range(HEADER.size, len(record)):
        changed = bytearray(record)
        changed[position] ^= 1
        assert protection.open(APPLICATION_DATA, EPOCH + 7, bytes(changed)) is None


@each_protection
def test_a_short_record_does_not_open(protection: Protection) -> None:
    """X-02: shorter than nonce and tag together."""
    record = protection.seal(APPLICATION_DATA, EPOCH, b"")
    assert protection.open(APPLICATION_DATA, EPOCH, record) == b""
    for size in range(len(record)):
        assert protection.open(APPLICATION_DATA, EPOCH, record[:size]) is None


def test_several_records_in_one_datagram() -> None:
    """DTLS-01: RFC 6347 §4.1.1."""
    one, two = plain(HANDSHAKE, 0, b"one"), plain(ALERT, 1, b"")
    assert list(split(one + two)) == [(HANDSHAKE, 0, one), (ALERT, 1, two)]


def test_what_is_cut_or_foreign_is_left_out() -> None:
    """D-15, X-03: a version of no DTLS, a length beyond the datagram or beyond the RFC."""
    good = plain(HANDSHAKE, 0, b"good")
    foreign = good.replace(b"\xfe\xfd", b"\x03\x03")
    assert list(split(foreign + good)) == [(HANDSHAKE, 0, good)]
    assert list(split(good + good[:-1])) == [(HANDSHAKE, 0, good)]
    assert list(split(plain(HANDSHAKE, 0, bytes(16_641)))) == []
    assert list(split(b"")) == []


@given(st.binary(max_size=300))
def test_garbage_only_ever_gives_parts_of_itself(datagram: bytes) -> None:
    """X-01, X-03: no exception, no more records than fit."""
    records = [record for _, _, record in split(datagram)]
    assert len(records) <= len(datagram) // HEADER.size
    assert all(record in datagram for record in records)


@each_protection
def test_records_of_a_burst_are_those_that_are_sealed_one_by_one(protection: Protection) -> None:
    plaintexts = [bytes([size]) * size for size in (1, 200, 200, 7)]
    records = protection.seal_all(EPOCH + 5, plaintexts)
    numbered = list(enumerate(records, EPOCH + 5))
    assert [protection.open(APPLICATION_DATA, *each) for each in numbered] == plaintexts
    changed = [(EPOCH + 4, records[0]), *numbered, (EPOCH + 5, records[0][:20])]
    assert protection.open_all(changed) == [None, *plaintexts, None]
