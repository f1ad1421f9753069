"""What stands before the part of a frame in each payload of VP9. RFC 9628 §4.2."""

import struct
from dataclasses import dataclass
from typing import Final, Self

from webrtc.errors import DecodeError
from webrtc.rtp.payload.picture_id import LONG, SHORT, encode_picture_id

# First byte.
PICTURE_ID: Final = 0x80
PREDICTED: Final = 0x40
LAYERS: Final = 0x20
FLEXIBLE: Final = 0x10
BEGIN: Final = 0x08
END: Final = 0x04
STRUCTURE: Final = 0x02
NOT_REFERENCE: Final = 0x01

_SIZE: Final = struct.Struct("!HH")
_MAX_REFERENCES: Final = 3


@dataclass(frozen=True, slots=True)
class GroupPicture:
    """One picture of the pattern that repeats without flexible mode."""

    temporal_id: int
    switching_up: bool
    differences: tuple[int, ...]
    """How many pictures before it those are that it needs: up to 3, 8 bits."""


@dataclass(frozen=True, slots=True)
class Structure:
    """SS, the scalability structure. §4.2.1."""

    spatial_layers: int = 1
    """1 to 8."""
    sizes: tuple[tuple[int, int], ...] = ()
    """Width and height of each layer; or nothing."""
    group: tuple[GroupPicture, ...] | None = None

    @classmethod
    def decode(cls, payload: bytes, position: int) -> tuple[Self, int]:
        """Take it at a position; also where it ends. Raises DecodeError."""
        try:
            head = payload[position]
            position += 1
            layers = (head >> 5) + 1
            sizes: list[tuple[int, int]] = []
            if head & 0x10:
                for _ in range(layers):
                    sizes.append(_SIZE.unpack_from(payload, position))
                    position += _SIZE.size
            group = None
            if head & 0x08:
                group, position = _decode_group(payload, position)
        except (IndexError, struct.error):
            raise DecodeError(f"VP9 scalability structure in {len(payload)} bytes") from None
        return cls(layers, tuple(sizes), group), position

    def encode(self) -> bytes:
        """The bytes of it."""
        head = self.spatial_layers - 1 << 5
        if self.sizes:
            head |= 0x10
        if self.group is not None:
            head |= 0x08
        parts = [bytes([head]), *[_SIZE.pack(*size) for size in self.sizes]]
        if self.group is not None:
            parts.append(bytes([len(self.group)]))
            for each in self.group:
                count = len(each.differences)
                head = each.temporal_id << 5 | each.switching_up << 4 | count << 2
                parts.append(bytes([head, *each.differences]))
        return b"".join(parts)


def _decode_group(payload: bytes, position: int) -> tuple[tuple[GroupPicture, ...], int]:
    count = payload[position]
    position += 1
    pictures = []
    for _ in range(count):
        head = payload[position]
        position += 1
        references = head >> 2 & 3
        if position + references > len(payload):
            raise IndexError
        differences = tuple(payload[position : position + references])
        position += references
        pictures.append(GroupPicture(head >> 5, bool(head & 0x10), differences))
    return tuple(pictures), position


@dataclass(slots=True)
class Descriptor:
    """The descriptor of one payload."""

    begins: bool = True
    """B: the frame of a layer begins with this payload."""
    ends: bool = True
    """E: it ends with this payload."""
    predicted: bool = False
    """P: the picture needs earlier ones."""
    flexible: bool = False
    """F: each picture tells by itself which ones."""
    not_reference: bool = False
    """Z: no higher spatial layer of the picture needs this one."""
    picture_id: int | None = None
    picture_id_bits: int = LONG
    """How long it was when it was read; it is written long."""
    temporal_id: int | None = None
    """TID, 0 to 7; where it is None, there are no layers."""
    switching_up: bool = False
    """U: pictures of higher temporal layers from here on need none of those before."""
    spatial_id: int = 0
    """SID, 0 to 7."""
    inter_layer: bool = False
    """D: the layer needs the one below it."""
    tl0_picture_index: int = 0
    """TL0PICIDX: counts the pictures of the lowest temporal layer. Not in flexible mode."""
    differences: tuple[int, ...] = ()
    """P_DIFF: how many pictures before it those are that it needs: up to 3, 7 bits."""
    structure: Structure | None = None

    @classmethod
    def decode(cls, payload: bytes) -> tuple[Self, int]:
        """Take the descriptor of a payload; also its length. Raises DecodeError.

        What comes behind it is at least a byte.
        """
        try:
            read, length = cls._decode(payload)
        except IndexError:
            raise _too_short(payload) from None
        if length >= len(payload):
            raise _too_short(payload)
        return read, length

    @classmethod
    def _decode(cls, payload: bytes) -> tuple[Self, int]:
        first = payload[0]
        read = cls(
            bool(first & BEGIN),
            bool(first & END),
            bool(first & PREDICTED),
            bool(first & FLEXIBLE),
            bool(first & NOT_REFERENCE),
        )
        position = 1
        if first & PICTURE_ID:
            read.picture_id = payload[position]
            if read.picture_id & 0x80:
                position += 1
                read.picture_id = (read.picture_id & 0x7F) << 8 | payload[position]
            else:
                read.picture_id_bits = SHORT
            position += 1
        if first & LAYERS:
            layers = payload[position]
            position += 1
            read.temporal_id, read.switching_up = layers >> 5, bool(layers & 0x10)
            read.spatial_id, read.inter_layer = layers >> 1 & 7, bool(layers & 1)
            if not first & FLEXIBLE:
                read.tl0_picture_index = payload[position]
                position += 1
        if first & FLEXIBLE and first & PREDICTED:
            read.differences, position = _decode_differences(payload, position)
        if first & STRUCTURE:
            read.structure, position = Structure.decode(payload, position)
        return read, position

    def encode(self) -> bytes:
        """The bytes before a payload, with a picture id of 15 bits if there is one."""
        first = self.begins << 3 | self.ends << 2 | self.not_reference
        parts: list[bytes] = []
        if self.picture_id is not None:
            first |= PICTURE_ID
            parts.append(encode_picture_id(self.picture_id))
        if self.predicted:
            first |= PREDICTED
        if self.flexible:
            first |= FLEXIBLE
        if self.temporal_id is not None:
            first |= LAYERS
            layers = self.temporal_id << 5 | self.switching_up << 4
            parts.append(bytes([layers | self.spatial_id << 1 | self.inter_layer]))
            if not self.flexible:
                parts.append(bytes([self.tl0_picture_index & 0xFF]))
        if self.flexible and self.predicted:
            last = len(self.differences) - 1
            parts.append(
                bytes([each << 1 | (place < last) for place, each in enumerate(self.differences)])
            )
        if self.structure is not None:
            first |= STRUCTURE
            parts.append(self.structure.encode())
        return b"".join([bytes([first]), *parts])


def _decode_differences(payload: bytes, position: int) -> tuple[tuple[int, ...], int]:
    found: list[int] = []
    more = 1
    while more:
        if len(found) == _MAX_REFERENCES:
            raise _too_many()
        found.append(payload[position] >> 1)
        more = payload[position] & 1
        position += 1
    return tuple(found), position


def layer_indices(payload: bytes) -> int | None:
    """The byte with TID, U, SID and D: 0 of a payload without, None of one that is too short."""
    first = payload[0] if payload else 0
    place = 1
    if first & PICTURE_ID:
        place = 3 if len(payload) > 1 and payload[1] & 0x80 else 2
    if len(payload) <= place:
        return None
    return payload[place] if first & LAYERS else 0


def descriptor_length(payload: bytes) -> int:
    """Raises DecodeError unless something comes behind the descriptor."""
    size = len(payload)
    first = payload[0] if size else 0
    if first & STRUCTURE:
        return Descriptor.decode(payload)[1]
    length = 1
    if first & PICTURE_ID:
        length = 3 if size > 1 and payload[1] & 0x80 else 2
    if first & LAYERS:
        length += 1 if first & FLEXIBLE else 2
    if first & FLEXIBLE and first & PREDICTED:
        farthest = length + _MAX_REFERENCES
        while length < size and payload[length] & 1 and length < farthest:
            length += 1
        if length == farthest:
            raise _too_many()
        length += 1
    if length >= size:
        raise _too_short(payload)
    return length


def _too_short(payload: bytes) -> DecodeError:
    return DecodeError(f"VP9 payload of {len(payload)} bytes")


def _too_many() -> DecodeError:
    return DecodeError(f"VP9 picture that needs more than {_MAX_REFERENCES} others")
