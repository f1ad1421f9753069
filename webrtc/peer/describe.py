"""What a datagram of WebRTC is, in a protocol and some words: for captures. RFC 7983."""

import struct
from itertools import groupby

from webrtc.dtls.describe import describe as describe_dtls
from webrtc.peer.demux import Kind, classify
from webrtc.stun.describe import describe as describe_stun

_RTP = struct.Struct("!BBHII")
_RTCP = struct.Struct("!BBHI")
_RTCP_TYPES = {
    200: "sender report",
    201: "receiver report",
    202: "source description",
    203: "goodbye",
    204: "application-defined",
    205: "transport feedback",
    206: "payload feedback",
    207: "extended report",
}


def describe(data: bytes) -> tuple[str, str]:
    """The protocol by the first byte, and what the datagram says in it."""
    kind = classify(data)
    match kind:
        case Kind.STUN:
            return "STUN", describe_stun(data)
        case Kind.DTLS:
            return "DTLS", _records(describe_dtls(data))
        case Kind.SRTP if len(data) >= _RTP.size:
            _, second, sequence, timestamp, source = _RTP.unpack_from(data)
            marker = " marker" if second & 0x80 else ""
            text = f"type {second & 0x7F} sequence {sequence} time {timestamp} source {source}"
            return "RTP", text + marker
        case Kind.SRTCP if len(data) >= _RTCP.size:
            _, type_, _, source = _RTCP.unpack_from(data)
            return "RTCP", f"{_RTCP_TYPES.get(type_, f'type {type_}')} of source {source}"
    return "?", f"begins {data[:8].hex(' ')}" if data else "empty"


def _records(words: list[str]) -> str:
    """Equal neighbours are counted."""
    runs = [(word, len(list(run))) for word, run in groupby(words)]
    return ", ".join(word if count == 1 else f"{count} × {word}" for word, count in runs)
