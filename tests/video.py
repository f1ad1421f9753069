"""Encoded pictures and sound to test with; their folders tell where they come from."""

from functools import cache
from itertools import groupby
from pathlib import Path

from webrtc.rtp.packet import RtpPacket

_VECTORS = Path(__file__).parent / "vectors"


@cache
def frames(name: str) -> list[bytes]:
    """Pictures, or packets of sound, as the encoder gave them."""
    return _parts(name + ".frames", 4)


@cache
def packets(name: str) -> list[list[RtpPacket]]:
    """The packets of each picture as FFmpeg makes them."""
    found = [RtpPacket.decode(part) for part in _parts(name + ".rtp", 2)]
    return [list(each) for _, each in groupby(found, key=lambda packet: packet.timestamp)]


def _parts(name: str, length_size: int) -> list[bytes]:
    [file] = _VECTORS.glob(f"*/{name}")
    data = file.read_bytes()
    parts: list[bytes] = []
    while data:
        end = length_size + int.from_bytes(data[:length_size], "big")
        parts.append(data[length_size:end])
        data = data[end:]
    return parts
