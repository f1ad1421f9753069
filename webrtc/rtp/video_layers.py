"""The layers that a video source sends, and what it spends on them: video-layers-allocation00.

https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/video-layers-allocation00
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from webrtc.errors import DecodeError

MAX_STREAMS: Final = 4
MAX_SPATIAL: Final = 4
_RESOLUTION: Final = struct.Struct("!HHB")
_MAX_LEB128: Final = 5


@dataclass(frozen=True, slots=True)
class Layer:
    """One spatial layer of one stream."""

    stream: int
    """Index of the encoding, in the order of the description."""
    spatial_id: int
    bitrates: tuple[int, ...]
    """kbit/s up to and with each temporal layer, lowest first."""
    width: int = 0
    """In pixels; 0 with the height and the rate where the message has none."""
    height: int = 0
    frame_rate: int = 0


@dataclass(frozen=True, slots=True)
class VideoLayersAllocation:
    """All layers that are active, in rising order of stream and spatial layer."""

    stream: int
    """Index of the encoding that this was sent with."""
    streams: int
    """How many encodings there are."""
    layers: tuple[Layer, ...]

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Raises DecodeError. A single 0 byte says that nothing is active."""
        if value == b"\0":
            return cls(0, 1, ())
        if not value:
            raise DecodeError("video layers allocation without a value")
        stream, streams = value[0] >> 6, (value[0] >> 4 & 3) + 1
        active, position = _read_masks(value, streams)
        counts, position = _read_counts(value, position, len(active))
        bitrates: list[tuple[int, ...]] = []
        for count in counts:
            rates = []
            for _ in range(count):
                rate, position = _read_leb128(value, position)
                rates.append(rate)
            bitrates.append(tuple(rates))
        sizes = _read_sizes(value, position, len(active))
        layers = tuple(
            Layer(*layer, rates, *size)
            for layer, rates, size in zip(active, bitrates, sizes, strict=True)
        )
        return cls(stream, streams, layers)

    def encode(self) -> bytes:
        """Inverse of `decode`. Raises ValueError for what does not fit."""
        if not self.layers:
            return b"\0"
        masks = self._masks()
        shared = masks[0] if len(set(masks)) == 1 else 0
        encoded = bytearray((self.stream << 6 | self.streams - 1 << 4 | shared,))
        if not shared:
            encoded += _packed(masks, 4)
        encoded += _packed([len(layer.bitrates) - 1 for layer in self.layers], 2)
        for layer in self.layers:
            for rate in layer.bitrates:
                encoded += _leb128(rate)
        if any(layer.width for layer in self.layers):
            for layer in self.layers:
                encoded += _size(layer)
        return bytes(encoded)

    def _masks(self) -> list[int]:
        """Of each stream, a bit for each spatial layer. Raises ValueError."""
        if not 0 <= self.stream < self.streams <= MAX_STREAMS:
            raise ValueError(f"stream {self.stream} of {self.streams}")
        masks = [0] * self.streams
        for layer in self.layers:
            if not (0 <= layer.stream < self.streams and 0 <= layer.spatial_id < MAX_SPATIAL):
                raise ValueError(f"layer {layer.spatial_id} of stream {layer.stream}")
            masks[layer.stream] |= 1 << layer.spatial_id
        order = [(layer.stream, layer.spatial_id) for layer in self.layers]
        if order != sorted(set(order)):
            raise ValueError("layers that are not in rising order")
        return masks


def _read_masks(value: bytes, streams: int) -> tuple[list[tuple[int, int]], int]:
    """Stream and spatial layer of all that are active, and where the rest begins."""
    shared, position = value[0] & 0x0F, 1
    if shared:
        masks = [shared] * streams
    else:
        masks = _unpacked(value, position, 4, streams)
        position += (streams + 1) // 2
    active = [
        (stream, layer)
        for stream, mask in enumerate(masks)
        for layer in range(MAX_SPATIAL)
        if mask >> layer & 1
    ]
    if not active:
        raise DecodeError("video layers allocation without a layer")
    return active, position


def _read_counts(value: bytes, position: int, layers: int) -> tuple[list[int], int]:
    counts = [count + 1 for count in _unpacked(value, position, 2, layers)]
    return counts, position + (layers + 3) // 4


def _read_sizes(value: bytes, position: int, layers: int) -> list[tuple[int, int, int]]:
    left = len(value) - position
    if not left:
        return [(0, 0, 0)] * layers
    if left != layers * _RESOLUTION.size:
        raise DecodeError(f"{left} bytes for the sizes of {layers} video layers")
    sizes = _RESOLUTION.iter_unpack(value[position:])
    return [(width + 1, height + 1, rate) for width, height, rate in sizes]


def _read_leb128(value: bytes, position: int) -> tuple[int, int]:
    rate = 0
    for shift in range(_MAX_LEB128):
        if position == len(value):
            break
        byte = value[position]
        position += 1
        rate |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return rate, position
    raise DecodeError("bit rate of a video layer is cut off, or too long")


def _leb128(rate: int) -> bytes:
    if not 0 <= rate < 1 << 7 * _MAX_LEB128:
        raise ValueError(f"{rate} kbit/s")
    encoded = bytearray()
    while rate > 0x7F:
        encoded.append(rate & 0x7F | 0x80)
        rate >>= 7
    return bytes((*encoded, rate))


def _size(layer: Layer) -> bytes:
    try:
        return _RESOLUTION.pack(layer.width - 1, layer.height - 1, layer.frame_rate)
    except struct.error as error:
        raise ValueError(f"video layer of {layer.width}x{layer.height}: {error}") from None


def _unpacked(value: bytes, position: int, bits: int, count: int) -> list[int]:
    """`count` numbers of so many bits, highest bits first, from whole bytes."""
    size = (bits * count + 7) // 8
    if position + size > len(value):
        raise DecodeError(f"video layers allocation of {len(value)} bytes")
    whole = int.from_bytes(value[position : position + size], "big")
    shifts = range(8 * size - bits, 8 * size - bits * (count + 1), -bits)
    return [whole >> shift & (1 << bits) - 1 for shift in shifts]


def _packed(numbers: Sequence[int], bits: int) -> bytes:
    whole = 0
    for number in numbers:
        if not 0 <= number < 1 << bits:
            raise ValueError(f"{number + 1} temporal layers")
        whole = whole << bits | number
    size = (bits * len(numbers) + 7) // 8
    return (whole << 8 * size - bits * len(numbers)).to_bytes(size, "big")
