"""Decoders of moving pictures with their seeds, by name."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from tests import video
from webrtc.errors import DecodeError
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import Depacketizer, PayloadFormat
from webrtc.rtp.payload.av1 import AV1
from webrtc.rtp.payload.h264 import H264
from webrtc.rtp.payload.h265 import H265
from webrtc.rtp.payload.picture_numbers import read_numbers, write_numbers
from webrtc.rtp.payload.vp8 import VP8
from webrtc.rtp.payload.vp9 import VP9


def _payloads(data: bytes) -> list[bytes]:
    """Each behind its length in two bytes; short ones would cost most in what is not tested."""
    found: list[bytes] = []
    position = 0
    while position < len(data):
        begin = position + 2
        position = begin + int.from_bytes(data[position:begin], "big")
        if position > begin + 1:
            found.append(data[begin:position])
    return found or [b""]


def _frame(format_: PayloadFormat, parameters: Mapping[str, str], data: bytes) -> None:
    depacketizer: Depacketizer = format_.depacketizer(parameters)
    packets = [RtpPacket(96, 0, 0, 1, payload) for payload in _payloads(data)]
    try:
        for packet in packets:
            depacketizer.begins(packet.payload)
            depacketizer.is_keyframe(packet.payload)
            depacketizer.ends(packet)
    except DecodeError as error:
        raise AssertionError("a question about a packet never raises") from error
    assert depacketizer.join(packets).data


def _seeds(name: str) -> list[bytes]:
    return [
        b"".join([len(each.payload).to_bytes(2, "big") + each.payload for each in packets])
        for packets in video.packets(name)
    ]


def _numbers(codec: str, data: bytes) -> None:
    for payload in _payloads(data):
        read = read_numbers(codec, payload)
        if read is not None:
            assert len(write_numbers(payload, read, 1, 2, 3)) - len(payload) in {0, 1}


DECODERS: Sequence[tuple[str, Callable[[bytes], None], Callable[[], list[bytes]]]] = [
    ("h264", partial(_frame, H264, {}), partial(_seeds, "h264")),
    ("h265", partial(_frame, H265, {}), partial(_seeds, "h265")),
    ("h265-don", partial(_frame, H265, {"sprop-max-don-diff": "1"}), partial(_seeds, "h265")),
    ("av1", partial(_frame, AV1, {}), partial(_seeds, "av1")),
    ("vp8", partial(_frame, VP8, {}), partial(_seeds, "vp8")),
    ("vp9", partial(_frame, VP9, {}), partial(_seeds, "vp9")),
    ("vp8-numbers", partial(_numbers, "VP8"), partial(_seeds, "vp8")),
    ("vp9-numbers", partial(_numbers, "VP9"), partial(_seeds, "vp9")),
    ("av1-numbers", partial(_numbers, "AV1"), partial(_seeds, "av1")),
]
