"""What FFmpeg's RTP demuxer makes of our packets. It takes them from a socket alone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from tests.video import frames
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import annexb, obu
from webrtc.rtp.payload.av1 import AV1
from webrtc.rtp.payload.h264 import H264
from webrtc.rtp.payload.h265 import H265
from webrtc.rtp.payload.registry import PayloadFormat

FORMATS = {"h264": H264, "h265": H265, "av1": AV1}
PARAMETERS = {"packetization-mode": "1"}
SECONDS = 20.0
OPTIONS = {"protocol_whitelist": "file,udp,rtp", "analyzeduration": "200000"}


def free_port() -> int:
    """An even one, with the port for RTCP above it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port & ~1


def packets(name: str, format_: PayloadFormat, rounds: int) -> Iterator[RtpPacket]:
    packetizer = format_.packetizer(PARAMETERS)
    sequence_number = timestamp = 0
    for data in frames(name) * rounds:
        payloads = packetizer.split(EncodedFrame(data, format_.encoding_name, timestamp), 400)
        for number, payload in enumerate(payloads, 1):
            marker = number == len(payloads)
            yield RtpPacket(96, sequence_number & 0xFFFF, timestamp, 1, payload, marker=marker)
            sequence_number += 1
        timestamp += 3000


@contextmanager
def sent(packets: Iterator[RtpPacket], port: int) -> Iterator[None]:
    """Send until it is left: when FFmpeg listens cannot be seen."""
    over = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outlet:
            for packet in packets:
                outlet.sendto(packet.encode(), ("127.0.0.1", port))
                if over.wait(0.002):
                    return

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()


def read(name: str, data: bytes) -> list[bytes]:
    """The units of a frame, those aside that nobody sends."""
    if name == "av1":
        return [unit for unit in obu.split(data) if obu.unit_type(unit) != obu.TEMPORAL_DELIMITER]
    return annexb.split(data)


@pytest.mark.parametrize("name", FORMATS)
def test_ffmpeg_reads_what_we_send(name: str, tmp_path: Path) -> None:
    port = free_port()
    description = tmp_path / "session.sdp"
    description.write_text(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {port} RTP/AVP 96\na=rtpmap:96 {FORMATS[name].encoding_name}/90000\n"
        "a=fmtp:96 packetization-mode=1\n"
    )
    wanted = [read(name, data) for data in frames(name)]
    seen: list[int] = []
    with (
        sent(packets(name, FORMATS[name], 100), port),
        av.open(str(description), format="sdp", options=OPTIONS, timeout=SECONDS) as container,
    ):
        for packet in container.demux(video=0):
            units = read(name, bytes(packet))
            if seen or units == wanted[0]:  # it may have begun to listen in the middle of a frame
                seen.append(wanted.index(units))
            if len(seen) == 2 * len(wanted):
                break
    assert seen == [*range(len(wanted))] * 2
