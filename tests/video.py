"""Encoded pictures to test with; tests/vectors/video tells where they come from."""

from functools import cache
from itertools import groupby
from pathlib import Path

from webrtc.rtp.packet import RtpPacket

_FOLDER = Path(__file__).parent / "vectors" / "video"


@cache
def frames(name: str) -> list[bytes]:
    """Pictures as the encoder gave them."""
    return _parts(name + ".frames", 4)


@cache
def packets(name: str) -> list[list[RtpPacket]]:
    """The packets of each picture as FFmpeg makes them."""
    found = [RtpPacket.decode(part) for part in _parts(name + ".rtp", 2)]
    return [list(each) for _, each in groupby(found, key=lambda packet: packet.timestamp)]


def _parts(name: str, length_size: int) -> list[bytes]:
    data = (_FOLDER / name).read_bytes()
    parts: list[bytes] = []
    while data:
        end = length_size + int.from_bytes(data[:length_size], "big")
        parts.append(data[length_size:end])
        data = data[end:]
    return parts
