"""VP9. RFC 9628."""

from collections.abc import Sequence
from typing import Final

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload.parts import check_frame, part_length
from webrtc.rtp.payload.registry import PayloadFormat
from webrtc.rtp.payload.vp9_descriptor import (
    BEGIN,
    END,
    PREDICTED,
    Descriptor,
    Structure,
    descriptor_length,
    layer_indices,
)
from webrtc.rtp.payload.vp9_frame import dimensions, is_keyframe, join_layers, split_layers

ENCODING_NAME: Final = "VP9"
_FARTHEST: Final = 0x7F
_LAYERS: Final = 8


class Vp9Packetizer:
    """Splits pictures.

    In flexible mode each picture tells which one it needs: the newest one of its own temporal layer
    or a lower one. Otherwise the pictures of the lowest temporal layer are counted. The choice is
    made with key frames. Left open, the mode is flexible if the key frame tells its layer, since
    receivers know nothing of the pattern of layers, and not otherwise, since some, FFmpeg for one,
    misread flexible mode.
    """

    def __init__(self, picture_id: int = 0, *, flexible: bool | None = None) -> None:
        self._choice = flexible
        self._flexible = flexible or False
        self._count = picture_id
        self._tl0_picture_index = 0
        self._newest = [picture_id - 1] * _LAYERS
        """By temporal layer, the count of its newest picture."""

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        check_frame(frame, ENCODING_NAME)
        spatial_id, temporal_id = frame.spatial_id or 0, frame.temporal_id or 0
        layers = split_layers(frame.data) if spatial_id else [frame.data]
        lowest = spatial_id - len(layers) + 1
        if not 0 <= lowest <= spatial_id < _LAYERS or not 0 <= temporal_id < _LAYERS:
            raise ValueError(
                f"VP9 of spatial layer {spatial_id}, temporal layer {temporal_id}, "
                f"in {len(layers)} frames"
            )
        keyframe = frame.keyframe or is_keyframe(frame.data)
        has_layers = frame.spatial_id is not None or frame.temporal_id is not None
        if keyframe and self._choice is None:
            self._flexible = has_layers
        descriptor = Descriptor(
            ends=False,
            predicted=not keyframe,
            flexible=self._flexible,
            picture_id=self._count,
        )
        if not keyframe and self._flexible:
            needed = self._count - max(self._newest[: temporal_id + 1])
            # One that is farther away cannot be named; who has that one has those before it.
            descriptor.differences = (min(needed, _FARTHEST),)
        if has_layers:
            descriptor.temporal_id = temporal_id
        descriptor.tl0_picture_index = self._tl0_picture_index + (not temporal_id)
        payloads: list[bytes] = []
        for number, data in enumerate(layers):
            descriptor.spatial_id = lowest + number
            descriptor.inter_layer = number > 0
            if keyframe and not number:
                told = dimensions(data) if len(layers) == 1 else None
                descriptor.structure = Structure(len(layers), (told,) if told else ())
            first = descriptor.encode()
            descriptor.structure = None
            payloads += _split_layer(data, first, descriptor.encode(), size)
        self._newest[temporal_id] = self._count
        self._count += 1
        self._tl0_picture_index = descriptor.tl0_picture_index
        return payloads


def _split_layer(data: bytes, first: bytes, rest: bytes, size: int) -> list[bytes]:
    """The payloads of one layer's frame, with the first descriptor and that of all behind it."""
    extra = len(first) - len(rest)
    part = part_length(len(data) + extra, size - len(rest))
    begun = part - extra
    if begun < 1:
        if size <= len(first):
            raise ValueError(f"{size} bytes of room for a part of a frame")
        begun = 1
    starts = [0, *range(begun, len(data), part)]
    heads = [first, *[bytes([rest[0] & ~BEGIN]) + rest[1:]] * (len(starts) - 1)]
    heads[-1] = bytes([heads[-1][0] | END]) + heads[-1][1:]
    ends = [*starts[1:], len(data)]
    return [head + data[start:end] for head, start, end in zip(heads, starts, ends, strict=True)]


class Vp9Depacketizer:
    """Puts pictures together, of all the spatial layers that come."""

    def begins(self, payload: bytes) -> bool:
        # A layer that needs the one below it is the picture's continuation.
        layers = layer_indices(payload)
        return layers is not None and payload[0] & BEGIN > 0 and not layers & 1

    def ends(self, packet: RtpPacket) -> bool:
        return packet.marker

    def is_keyframe(self, payload: bytes) -> bool:
        layers = layer_indices(payload)
        if layers is None or payload[0] & PREDICTED or layers >> 1 & 7:
            return False
        # FFmpeg tells nothing but B and E, not even P; then the frame itself has to.
        return payload[0] & ~(BEGIN | END) > 0 or is_keyframe(payload[1:])

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        descriptor, _ = Descriptor.decode(packets[0].payload)
        if not descriptor.begins:
            raise DecodeError("a picture of VP9 without its beginning")
        highest = descriptor.spatial_id
        layers: list[bytes] = []
        parts: list[bytes] = []
        for packet in packets:
            payload = packet.payload
            if payload and payload[0] & BEGIN and parts:
                layers.append(b"".join(parts))
                parts = []
                highest = Descriptor.decode(payload)[0].spatial_id
            parts.append(payload[descriptor_length(payload) :])
        layers.append(b"".join(parts))
        frame = EncodedFrame(join_layers(layers), ENCODING_NAME, packets[0].timestamp)
        frame.keyframe = self.is_keyframe(packets[0].payload)
        if descriptor.temporal_id is not None:
            frame.temporal_id, frame.spatial_id = descriptor.temporal_id, highest
        size = None
        if descriptor.structure is not None and highest < len(descriptor.structure.sizes):
            size = descriptor.structure.sizes[highest]
        elif frame.keyframe and len(layers) == 1:
            size = dimensions(frame.data)
        if size is not None:
            frame.width, frame.height = size
        return frame


VP9: Final = PayloadFormat(
    ENCODING_NAME, "video", 90000, lambda _: Vp9Packetizer(), lambda _: Vp9Depacketizer()
)
