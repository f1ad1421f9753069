"""A stream, and the end of a way."""

from webrtc.interceptor import Chain, Interceptor, SessionInfo, StreamInfo
from webrtc.rtp import RtpPacket
from webrtc.rtp.codec import Codec

VIDEO = Codec(96, "VP8", 90000, feedback=frozenset({"nack", "nack pli", "ccm fir"}), rtx=97)
AUDIO = Codec(111, "opus", 48000)
STREAM = StreamInfo(0x1111, "video", {96: VIDEO}, rtx_ssrc=0x2222)
RTX = StreamInfo(0x2222, "video", {97: VIDEO}, repairs=0x1111)
SOUND = StreamInfo(0x3333, "audio", {111: AUDIO})
SESSION_SSRC = 0x9999


def packet(sequence: int, timestamp: int = 0, payload: bytes = b"payload") -> RtpPacket:
    return RtpPacket(96, sequence & 0xFFFF, timestamp, STREAM.ssrc, payload)


class End:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.packets: list[RtpPacket] = []

    def take(self, packet: RtpPacket, now: float) -> None:
        self.packets.append(packet)

    @property
    def numbers(self) -> list[int]:
        return [packet.sequence_number for packet in self.packets]


def info() -> SessionInfo:
    return SessionInfo(SESSION_SSRC)


def chain(*interceptors: Interceptor) -> Chain:
    return Chain(interceptors)
