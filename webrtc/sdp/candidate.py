"""The candidate line. RFC 8839 §5.1, RFC 6544 §4.5 for TCP."""

import re
from typing import Literal

from webrtc.core import Address
from webrtc.errors import SdpError
from webrtc.ice.address import normalize
from webrtc.ice.candidate import Candidate, CandidateType, TcpType
from webrtc.sdp.grammar import UINT32, is_safe, parse_uint, shorten

MAX_CANDIDATE = 1024
"""Characters of one line."""

_FOUNDATION = re.compile(r"[!-~]{1,64}")
_HOST = re.compile(r"[0-9A-Za-z_.:%-]{1,255}")
_NUMERIC_HOST = re.compile(r"[0-9.]+")
_TYPES = {kind.value: kind for kind in CandidateType}
_TCP_TYPES = {kind.value: kind for kind in TcpType}


def parse_candidate(text: str) -> Candidate:
    """Read `a=candidate:…`, `candidate:…` or what follows it; white space around it is dropped.

    The transport may be in capitals. Raises SdpError when the line is malformed, and when it is of
    a transport or type that is not known, which RFC 8839 §5.1 wants to be ignored.
    """
    if len(text) > MAX_CANDIDATE:
        raise SdpError(f"candidate of {len(text)} characters, at most {MAX_CANDIDATE} are accepted")
    line = text.strip(" \t\r\n").removeprefix("a=").removeprefix("candidate:")
    words = line.split(" ")
    if len(words) < 8 or words[6] != "typ" or not is_safe(line):
        raise SdpError(f"malformed candidate: {shorten(text)}")
    if not _FOUNDATION.fullmatch(words[0]):
        raise SdpError(f"malformed foundation: {shorten(words[0])}")
    kind = _TYPES.get(words[7])
    if kind is None:
        raise SdpError(f"unknown candidate type: {shorten(words[7])}")
    related_address, words_left = _take_related_address(words[8:])
    tcp_type, words_left = _take_tcp_type(words_left)
    return Candidate(
        foundation=words[0],
        component=parse_uint(words[1], 256, "component", minimum=1),
        protocol=_parse_protocol(words[2]),
        priority=parse_uint(words[3], UINT32, "priority", minimum=1),
        address=_parse_address(words[4], words[5]),
        type=kind,
        related_address=related_address,
        tcp_type=tcp_type,
        extensions=tuple(zip(words_left[::2], [*words_left[1::2], ""], strict=False)),
    )


def format_candidate(candidate: Candidate) -> str:
    """`candidate:` and the fields in the order of RFC 8839, as browsers put it into their JSON.

    Raises ValueError when a field would break out of its place.
    """
    words = [
        f"candidate:{candidate.foundation}",
        str(candidate.component),
        candidate.protocol,
        str(candidate.priority),
        candidate.address[0],
        str(candidate.address[1]),
        "typ",
        candidate.type.value,
    ]
    if candidate.related_address is not None:
        host, port = candidate.related_address
        words += ["raddr", host, "rport", str(port)]
    if candidate.tcp_type is not None:
        words += ["tcptype", candidate.tcp_type.value]
    for pair in candidate.extensions:
        words += pair
    line = " ".join(words)
    if line.count(" ") != len(words) - 1 or not is_safe(line):
        raise ValueError(f"candidate with forbidden characters in a field: {shorten(line)}")
    return line.rstrip(" ")


def _parse_protocol(text: str) -> Literal["udp", "tcp"]:
    match text.lower():
        case "udp":
            return "udp"
        case "tcp":
            return "tcp"
    raise SdpError(f"unknown candidate transport: {shorten(text)}")


def _parse_address(host: str, port: str) -> Address:
    if not _HOST.fullmatch(host):
        raise SdpError(f"malformed address: {shorten(host)}")
    if (":" in host or _NUMERIC_HOST.fullmatch(host)) and normalize(host) is None:
        raise SdpError(f"malformed address: {shorten(host)}")
    return host, parse_uint(port, 65535, "port")


def _take_related_address(words: list[str]) -> tuple[Address | None, list[str]]:
    if len(words) < 4 or words[0] != "raddr" or words[2] != "rport":
        return None, words
    return _parse_address(words[1], words[3]), words[4:]


def _take_tcp_type(words: list[str]) -> tuple[TcpType | None, list[str]]:
    for index in range(0, len(words) - 1, 2):
        if words[index] == "tcptype":
            tcp_type = _TCP_TYPES.get(words[index + 1])
            if tcp_type is None:
                raise SdpError(f"unknown TCP type: {shorten(words[index + 1])}")
            return tcp_type, words[:index] + words[index + 2 :]
    return None, words
