"""A format for codecs that have none of their own: equal parts, the marker bit ends a frame."""

from collections.abc import Sequence
from typing import Literal

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload.parts import check_frame, part_length
from webrtc.rtp.payload.registry import PayloadFormat


def generic_format(
    encoding_name: str,
    kind: Literal["audio", "video"],
    clock_rate: int,
    channels: int | None = None,
) -> PayloadFormat:
    """The format of a codec that the caller brings.

    Nothing in it tells a key frame, or the beginning of one behind a gap: each frame is handed on
    as one to begin with, and the codec has to know better.
    """
    return PayloadFormat(
        encoding_name,
        kind,
        clock_rate,
        lambda _: GenericPacketizer(encoding_name),
        lambda _: GenericDepacketizer(encoding_name),
        channels,
    )


class GenericPacketizer:
    """Cuts frames and adds nothing."""

    def __init__(self, encoding_name: str) -> None:
        self._encoding_name = encoding_name

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        check_frame(frame, self._encoding_name)
        data = frame.data
        part = part_length(len(data), size)
        return [data[start : start + part] for start in range(0, len(data), part)]


class GenericDepacketizer:
    """Takes the payloads of a frame as they come."""

    def __init__(self, encoding_name: str) -> None:
        self._encoding_name = encoding_name

    def begins(self, payload: bytes) -> bool:
        return bool(payload)

    def ends(self, packet: RtpPacket) -> bool:
        return packet.marker

    def is_keyframe(self, payload: bytes) -> bool:
        return bool(payload)

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        data = b"".join([packet.payload for packet in packets])
        return EncodedFrame(data, self._encoding_name, packets[0].timestamp, keyframe=True)
