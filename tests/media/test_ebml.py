import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.media import ebml


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, "80"),
        (126, "fe"),
        (127, "407f"),
        (16382, "7ffe"),
        (16383, "203fff"),
        (2**56 - 2, "01fffffffffffffe"),
    ],
)
def test_sizes_are_as_short_as_they_can_be(value: int, encoded: str) -> None:
    """RFC 8794 §4.4: all bits set would be a size that is not known."""
    assert ebml.size(value) == bytes.fromhex(encoded)


def test_elements() -> None:
    assert ebml.uint(0xD7, 1) == bytes.fromhex("d78101")
    assert ebml.uint(0xE7, 0) == bytes.fromhex("e78100")
    assert ebml.uint(0x2AD7B1, 1_000_000) == bytes.fromhex("2ad7b1830f4240")
    assert ebml.double(0x4489, 1.0) == bytes.fromhex("4489883ff0000000000000")
    assert ebml.text(0x4282, "webm") == bytes.fromhex("4282847765626d")
    assert ebml.element(0xA3, b"a", b"bc") == b"\xa3\x83abc"
    assert ebml.long_size(5) == bytes.fromhex("0100000000000005")
    assert len(ebml.long_size(5)) == len(ebml.UNKNOWN_SIZE)


@given(st.integers(2, 400))
def test_void_fills_any_room(length: int) -> None:
    assert len(ebml.void(length)) == length
    assert ebml.void(length)[0] == ebml.VOID
