"""Frames through a payload format and back."""

from collections.abc import Iterable

from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.rtp.payload import Depacketizer, Packetizer

HEADS = {"H264": "000000014188", "H265": "00000001020188", "AV1": "3204"}
"""What the frames of a codec begin with, before 4 bytes of anything."""


def frame_data(codec: str, number: int) -> bytes:
    """A frame in the form of the codec, that has a number in it."""
    return bytes.fromhex(HEADS.get(codec, "")) + bytes([number + 1] * 4)


def packets_of(payloads: Iterable[bytes], timestamp: int = 0, first: int = 0) -> list[RtpPacket]:
    """One packet for each payload, the marker on the last."""
    made = [
        RtpPacket(96, (first + number) & 0xFFFF, timestamp, 1, payload)
        for number, payload in enumerate(payloads)
    ]
    if made:
        made[-1].marker = True
    return made


def carried(
    frame: EncodedFrame, packetizer: Packetizer, depacketizer: Depacketizer, size: int = 1200
) -> EncodedFrame:
    """What arrives of a frame."""
    payloads = packetizer.split(frame, size)
    assert max(map(len, payloads)) <= size
    packets = packets_of(payloads, frame.timestamp)
    assert depacketizer.begins(payloads[0])
    assert depacketizer.ends(packets[-1])
    return depacketizer.join(packets)
