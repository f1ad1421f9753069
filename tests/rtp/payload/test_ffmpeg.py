"""What we make of FFmpeg's packets, and its RTP demuxer of ours. It reads from a socket alone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from tests.video import frames
from tests.video import packets as packets_of_ffmpeg
from webrtc.rtp import EncodedFrame, Packetizer, RtpPacket, Sequencer
from webrtc.rtp.payload import DEFAULT_FORMATS, annexb, obu

RTPMAPS = {
    "h264": "H264/90000",
    "h265": "H265/90000",
    "av1": "AV1/90000",
    "vp8": "VP8/90000",
    "vp9": "VP9/90000",
    "opus": "opus/48000/2",
    "pcmu": "PCMU/8000",
    "pcma": "PCMA/8000",
    "g722": "G722/8000",
    "l16": "L16/44100/2",
}
TICKS = {"opus": 960, "l16": 441, "pcmu": 160, "pcma": 160, "g722": 160}
PARAMETERS = {"packetization-mode": "1", "channels": "2"}
SIZES = {"l16": 1800, "opus": 600}
SECONDS = 20.0
OPTIONS = {"protocol_whitelist": "file,udp,rtp", "analyzeduration": "200000"}
each_codec = pytest.mark.parametrize("name", RTPMAPS)


def free_port() -> int:
    """An even one, with the port for RTCP above it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port & ~1


def packets(name: str, rounds: int) -> Iterator[RtpPacket]:
    format_ = DEFAULT_FORMATS[name]
    packetizer = Packetizer(format_, 96, 1, Sequencer(0xFFF0), PARAMETERS, SIZES.get(name, 412))
    for number, data in enumerate(frames(name) * rounds):
        timestamp = number * TICKS.get(name, 3000)
        yield from packetizer.packetize(EncodedFrame(data, format_.encoding_name, timestamp))


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
    return annexb.split(data) if name in {"h264", "h265"} else [data]


@each_codec
def test_ffmpeg_reads_what_we_send(name: str, tmp_path: Path) -> None:
    port = free_port()
    kind = DEFAULT_FORMATS[name].kind
    description = tmp_path / "session.sdp"
    description.write_text(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m={kind} {port} RTP/AVP 96\na=rtpmap:96 {RTPMAPS[name]}\n"
        "a=fmtp:96 packetization-mode=1\n"
    )
    wanted = [read(name, data) for data in frames(name)]
    seen: list[int] = []
    with (
        sent(packets(name, 200), port),
        av.open(str(description), format="sdp", options=OPTIONS, timeout=SECONDS) as container,
    ):
        for packet in container.demux():
            units = read(name, bytes(packet))
            if seen or units == wanted[0]:  # it may have begun to listen in the middle of a frame
                seen.append(wanted.index(units))
            if len(seen) == 2 * len(wanted):
                break
    assert seen == [*range(len(wanted))] * 2


@each_codec
def test_we_read_what_ffmpeg_sends(name: str) -> None:
    depacketizer = DEFAULT_FORMATS[name].depacketizer({})
    found = []
    for packets in packets_of_ffmpeg(name):
        assert depacketizer.begins(packets[0].payload)
        assert [depacketizer.ends(packet) for packet in packets].index(True) == len(packets) - 1
        found.append(depacketizer.join(packets))
    if name == "l16":  # which it cuts as it likes
        assert b"".join(frame.data for frame in found) == b"".join(frames(name))
        return
    wanted = [read(name, data) for data in frames(name)]
    assert [read(name, frame.data) for frame in found] == wanted
    every = 6 if DEFAULT_FORMATS[name].kind == "video" else 1
    keyframes = [number % every == 0 for number in range(len(found))]
    assert [frame.keyframe for frame in found] == keyframes
    if every > 1:
        sizes = [(frame.width, frame.height) for frame in found if frame.keyframe]
        assert sizes == [(150, 90)] * 2
