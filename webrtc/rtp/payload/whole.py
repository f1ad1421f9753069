"""What formats of sound have in common: one packet a frame, as the encoder wrote it."""

from collections.abc import Sequence
from typing import Literal

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload.parts import check_frame
from webrtc.rtp.payload.registry import PayloadFormat


def whole_format(
    encoding_name: str,
    clock_rate: int,
    channels: Literal[1, 2] | None = None,
    *,
    sound: bool = True,
) -> PayloadFormat:
    """A format whose frames are packets. `sound` is False for what stands beside sound."""
    return PayloadFormat(
        encoding_name,
        "audio",
        clock_rate,
        lambda _: WholePacketizer(encoding_name),
        lambda _: WholeDepacketizer(encoding_name, sound=sound),
        channels,
    )


class WholePacketizer:
    """Makes each frame a payload."""

    def __init__(self, encoding_name: str) -> None:
        self._encoding_name = encoding_name

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        check_frame(frame, self._encoding_name)
        if len(frame.data) > size:
            raise ValueError(
                f"a frame of {len(frame.data)} bytes of {self._encoding_name}, "
                f"which has one packet a frame, in {size} bytes"
            )
        return [frame.data]


class WholeDepacketizer:
    """Makes each payload a frame."""

    def __init__(self, encoding_name: str, *, sound: bool = True) -> None:
        self._encoding_name = encoding_name
        self._sound = sound

    def begins(self, payload: bytes) -> bool:
        return bool(payload)

    def ends(self, packet: RtpPacket) -> bool:  # noqa: ARG002 (the name is the seam's)
        return True

    def is_keyframe(self, payload: bytes) -> bool:
        return self._sound and bool(payload)

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        packet = packets[0]
        if len(packets) > 1:
            raise DecodeError(f"{len(packets)} packets for a frame of {self._encoding_name}")
        if not packet.payload:
            raise DecodeError(f"no payload of {self._encoding_name}")
        return EncodedFrame(packet.payload, self._encoding_name, packet.timestamp, self._sound)
