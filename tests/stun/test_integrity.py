import hmac
import zlib

import pytest

from tests.stun.vectors import PASSWORD, REQUEST, RESPONSE_IPV4, RESPONSE_IPV6
from webrtc.stun.integrity import (
    append_fingerprint,
    append_integrity,
    append_integrity_sha256,
    check_fingerprint,
    check_integrity,
    check_integrity_sha256,
)

KEY = PASSWORD.encode()


@pytest.mark.parametrize(
    "vector", [REQUEST, RESPONSE_IPV4, RESPONSE_IPV6], ids=["5769-2.1", "5769-2.2", "5769-2.3"]
)
def test_vector_is_sealed_to_the_byte(vector: bytes) -> None:
    """STUN-02, STUN-24, STUN-25: over the RFC's own padding, whatever length the header had."""
    message = bytearray(vector[:-32])
    message[2:4] = b"\0\0"
    append_integrity(message, KEY)
    assert check_integrity(bytes(message), len(vector) - 32, KEY)
    append_fingerprint(message)
    assert bytes(message) == vector
    assert check_fingerprint(vector, len(vector) - 8)


def test_sha256_covers_a_header_that_counts_it() -> None:
    """STUN-25: recomputed here by hand, for a shortened value too."""
    head = REQUEST[:-32]
    for size in (16, 32):
        counted = head[:2] + (len(head) - 20 + 4 + size).to_bytes(2, "big") + head[4:]
        expected = hmac.digest(KEY, counted, "sha256")[:size]
        message = bytearray(head)
        append_integrity_sha256(message, KEY, size)
        assert message[len(head) :] == b"\x00\x1c" + size.to_bytes(2, "big") + expected
        assert check_integrity_sha256(bytes(message), len(head), KEY, size)


def test_fingerprint_is_a_crc_with_a_twist() -> None:
    """STUN-24: XOR 0x5354554e, and it has to end the message."""
    checksum = zlib.crc32(RESPONSE_IPV4[:-8]) ^ 0x5354554E
    assert RESPONSE_IPV4[-4:] == checksum.to_bytes(4, "big")
    longer = RESPONSE_IPV4 + bytes(4)
    assert not check_fingerprint(longer, len(RESPONSE_IPV4) - 8)


def test_a_fingerprint_has_four_bytes_also_by_its_length() -> None:
    """X-07: with padding, 1 to 3 end at the same place. RFC 8489 §14.7."""
    at = len(RESPONSE_IPV4) - 8
    for length in (1, 2, 3):
        message = RESPONSE_IPV4[:at] + bytes((0x80, 0x28, 0, length)) + RESPONSE_IPV4[at + 4 :]
        assert not check_fingerprint(message, at)


def test_comparison_takes_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """STUN-25: secrets are compared by hmac.compare_digest and by nothing else."""
    calls: list[tuple[bytes, bytes]] = []

    def compare(left: bytes, right: bytes) -> bool:
        calls.append((left, right))
        return False

    monkeypatch.setattr("webrtc.stun.integrity.hmac.compare_digest", compare)
    assert not check_integrity(REQUEST, len(REQUEST) - 32, KEY)
    assert [len(one) for one in calls[0]] == [20, 20]
