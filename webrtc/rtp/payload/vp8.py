"""VP8. RFC 7741, and the frames themselves: RFC 6386 §9.1."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload.parts import check_frame, part_length
from webrtc.rtp.payload.picture_id import LONG, SHORT, encode_picture_id
from webrtc.rtp.payload.registry import PayloadFormat

ENCODING_NAME: Final = "VP8"
# First byte of a descriptor.
_EXTENDED: Final = 0x80
_NON_REFERENCE: Final = 0x20
_START: Final = 0x10
_PARTITION: Final = 0x07
_BEGINNING: Final = _START | _PARTITION
# Its second byte: what else there is.
_PICTURE_ID: Final = 0x80
_TL0PICIDX: Final = 0x40
_TID: Final = 0x20
_KEYIDX: Final = 0x10

_START_CODE: Final = b"\x9d\x01\x2a"


@dataclass(slots=True)
class Descriptor:
    """What stands before the part of a frame in each payload. §4.2."""

    start: bool = True
    """S: a partition of the frame begins with this payload."""
    partition: int = 0
    """PID, 0 to 7. The frame begins with the start of partition 0."""
    non_reference: bool = False
    """N: no other frame needs this one."""
    picture_id: int | None = None
    picture_id_bits: int = LONG
    """How long it was when it was read; it is written long."""
    tl0_picture_index: int | None = None
    """TL0PICIDX: counts the frames of the lowest temporal layer, 8 bits."""
    temporal_id: int | None = None
    """TID, 0 to 3."""
    layer_sync: bool = False
    """Y: the frame needs the lowest temporal layer alone."""
    key_index: int | None = None
    """KEYIDX: which key frame it depends on, 5 bits."""

    @classmethod
    def decode(cls, payload: bytes) -> tuple[Self, int]:
        """Take the descriptor of a payload; also its length. Raises DecodeError."""
        length = _descriptor_length(payload)
        first = payload[0]
        read = cls(bool(first & _START), first & _PARTITION, bool(first & _NON_REFERENCE))
        if not first & _EXTENDED:
            return read, length
        flags, position = payload[1], 2
        if flags & _PICTURE_ID:
            if payload[position] & 0x80:
                read.picture_id = (payload[position] & 0x7F) << 8 | payload[position + 1]
                position += 1
            else:
                read.picture_id, read.picture_id_bits = payload[position], SHORT
            position += 1
        if flags & _TL0PICIDX:
            read.tl0_picture_index = payload[position]
            position += 1
        if flags & _TID:
            read.temporal_id = payload[position] >> 6
            read.layer_sync = bool(payload[position] & 0x20)
        if flags & _KEYIDX:
            read.key_index = payload[position] & 0x1F
        return read, length

    def encode(self) -> bytes:
        """The bytes before a payload, with a picture id of 15 bits if there is one."""
        flags = 0
        rest = b""
        if self.picture_id is not None:
            flags |= _PICTURE_ID
            rest = encode_picture_id(self.picture_id)
        if self.tl0_picture_index is not None:
            flags |= _TL0PICIDX
            rest += bytes([self.tl0_picture_index & 0xFF])
        layers = 0
        if self.temporal_id is not None:
            flags |= _TID
            layers = (self.temporal_id & 3) << 6 | self.layer_sync << 5
        if self.key_index is not None:
            flags |= _KEYIDX
            layers |= self.key_index & 0x1F
        if flags & (_TID | _KEYIDX):
            rest += bytes([layers])
        first = self.start << 4 | self.partition & _PARTITION | self.non_reference << 5
        if not flags:
            return bytes([first])
        return bytes([_EXTENDED | first, flags]) + rest


def _descriptor_length(payload: bytes) -> int:
    """Raises DecodeError unless something comes behind the descriptor."""
    size = len(payload)
    if size > 1 and not payload[0] & _EXTENDED:
        return 1
    if size > 2:
        flags, length = payload[1], 2
        if flags & _PICTURE_ID:
            length = 4 if payload[2] & 0x80 else 3
        if flags & _TL0PICIDX:
            length += 1
        if flags & (_TID | _KEYIDX):
            length += 1
        if length < size:
            return length
    raise DecodeError(f"VP8 payload of {size} bytes")


def is_keyframe(data: bytes) -> bool:
    """Whether a frame can be decoded without others."""
    return len(data) >= 10 and not data[0] & 1 and data[3:6] == _START_CODE


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels that a key frame tells; None of other frames."""
    if not is_keyframe(data):
        return None
    # The two highest bits of each say how to scale it up.
    width = (data[7] << 8 | data[6]) & 0x3FFF
    height = (data[9] << 8 | data[8]) & 0x3FFF
    return width, height


class Vp8Packetizer:
    """Splits frames, and gives each a picture id and, if it tells its layer, a TL0PICIDX."""

    def __init__(self, picture_id: int = 0) -> None:
        self._picture_id = picture_id
        self._tl0_picture_index = 0

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        check_frame(frame, ENCODING_NAME)
        descriptor = Descriptor(picture_id=self._picture_id)
        tl0_picture_index = self._tl0_picture_index
        if frame.temporal_id is not None:
            if frame.temporal_id == 0:
                tl0_picture_index = (tl0_picture_index + 1) & 0xFF
            descriptor.temporal_id = frame.temporal_id
            descriptor.tl0_picture_index = tl0_picture_index
            descriptor.layer_sync = frame.keyframe
        first = descriptor.encode()
        # Where partitions other than the first begin is known to who decodes the frame; all of it
        # is the first one's, as libwebrtc and FFmpeg have it.
        rest = bytes([first[0] & ~_START]) + first[1:]
        data = frame.data
        part = part_length(len(data), size - len(first))
        payloads = [rest + data[start : start + part] for start in range(0, len(data), part)]
        payloads[0] = first + data[:part]
        self._picture_id = (self._picture_id + 1) & 0x7FFF
        self._tl0_picture_index = tl0_picture_index
        return payloads


class Vp8Depacketizer:
    """Puts frames together."""

    def begins(self, payload: bytes) -> bool:
        return len(payload) > 0 and payload[0] & _BEGINNING == _START

    def ends(self, packet: RtpPacket) -> bool:
        return packet.marker

    def is_keyframe(self, payload: bytes) -> bool:
        if not self.begins(payload):
            return False
        try:
            return not payload[_descriptor_length(payload)] & 1
        except DecodeError:
            return False

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        first = packets[0].payload
        if not self.begins(first):
            raise DecodeError("a frame of VP8 without its beginning")
        descriptor, length = Descriptor.decode(first)
        parts = [first[length:]]
        for packet in packets[1:]:
            payload = packet.payload
            parts.append(payload[_descriptor_length(payload) :])
        data = b"".join(parts)
        frame = EncodedFrame(data, ENCODING_NAME, packets[0].timestamp, not data[0] & 1)
        frame.temporal_id = descriptor.temporal_id
        size = dimensions(data)
        if size is not None:
            frame.width, frame.height = size
        return frame


VP8: Final = PayloadFormat(
    ENCODING_NAME, "video", 90000, lambda _: Vp8Packetizer(), lambda _: Vp8Depacketizer()
)
