"""Frames of VP9 themselves. VP9 bitstream specification §6.2 (header), annex B (superframes)."""

from collections.abc import Sequence
from typing import Final

_SYNC_CODE: Final = 0x498342
_MARKER: Final = 2
_SRGB: Final = 7
_HEADER: Final = 16
"""Bytes that have all of a key frame's header up to its size."""
_MAX_FRAMES: Final = 8


class _Bits:
    """Takes bits from the front of a frame; behind its end there are zeros."""

    def __init__(self, data: bytes) -> None:
        head = data[:_HEADER]
        self._value = int.from_bytes(head, "big") << 8 * (_HEADER - len(head))
        self._left = 8 * _HEADER

    def take(self, count: int) -> int:
        self._left -= count
        return self._value >> self._left & (1 << count) - 1


def is_keyframe(data: bytes) -> bool:
    """Whether a frame can be decoded without others."""
    return dimensions(data) is not None


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels that a key frame tells; None of other frames."""
    bits = _Bits(data)
    if bits.take(2) != _MARKER:
        return None
    profile = bits.take(1) | bits.take(1) << 1
    if profile == 3:
        bits.take(1)
    shows_another, inter, _shown, _error_resilient = (bits.take(1) for _ in range(4))
    if shows_another or inter or bits.take(24) != _SYNC_CODE:
        return None
    if profile >= 2:
        bits.take(1)  # 10 or 12 bits a sample
    if bits.take(3) != _SRGB:
        bits.take(1)  # range
        if profile & 1:
            bits.take(3)  # subsampling in both directions, a reserved bit
    elif profile & 1:
        bits.take(1)
    return bits.take(16) + 1, bits.take(16) + 1


def join_layers(layers: Sequence[bytes]) -> bytes:
    """One superframe of the frames of a picture's layers, which players and files know."""
    if len(layers) == 1 or len(layers) > _MAX_FRAMES:
        return b"".join(layers)
    sizes = [len(layer) for layer in layers]
    width = (max(sizes).bit_length() + 7) // 8
    marker = bytes([0xC0 | width - 1 << 3 | len(layers) - 1])
    index = b"".join([size.to_bytes(width, "little") for size in sizes])
    return b"".join([*layers, marker, index, marker])


def split_layers(data: bytes) -> list[bytes]:
    """The frames of a superframe, or what is none as it is."""
    marker = data[-1]
    width, count = (marker >> 3 & 3) + 1, (marker & 7) + 1
    length = 2 + width * count
    start = len(data) - length
    if marker >> 5 != 6 or start < 0 or data[start] != marker:
        return [data]
    layers = []
    position = 0
    for place in range(start + 1, len(data) - 1, width):
        size = int.from_bytes(data[place : place + width], "little")
        layers.append(data[position : position + size])
        position += size
    return layers if position == start and all(layers) else [data]
