"""The candidate line. RFC 8839 §5.1, RFC 6544 §4.5 for TCP."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeVar

from webrtc.core import Address
from webrtc.errors import SdpError, UnknownCandidate
from webrtc.ice.address import normalize
from webrtc.ice.candidate import Candidate, CandidateType, TcpType
from webrtc.sdp.grammar import UINT32, is_safe, parse_token, parse_uint, shorten, split_words

MAX_CANDIDATE = 1024
"""Characters of one line."""

_FOUNDATION = re.compile(r"[!-~]{0,64}")
_HOST = re.compile(r"[0-9A-Za-z_.:%-]{1,255}")
_NUMERIC_HOST = re.compile(r"[0-9.]+")
_PROTOCOLS: dict[str, Literal["udp", "tcp"]] = {"udp": "udp", "tcp": "tcp"}
_TYPES = {kind.value: kind for kind in CandidateType}
_TCP_TYPES = {kind.value: kind for kind in TcpType}

T = TypeVar("T")


@lru_cache(maxsize=64)
def parse_candidate(text: str) -> Candidate:
    """Read `a=candidate:…`, `candidate:…` or what follows it; white space around it is dropped.

    The place of `typ` says whether there is a foundation: some cameras leave it out. Raises
    SdpError when the line is malformed, and UnknownCandidate when it is one to be ignored.

    The last ones are remembered: most come in a description and trickled, and to several objects.
    """
    if len(text) > MAX_CANDIDATE:
        raise SdpError(f"candidate of {len(text)} characters, at most {MAX_CANDIDATE} are accepted")
    line = text.strip(" \t\r\n").removeprefix("a=").removeprefix("candidate:")
    head, _, tail = line.partition(" typ ")
    words = split_words(head)
    if len(words) not in {5, 6} or not is_safe(line):
        raise SdpError(f"malformed candidate: {shorten(text)}")
    foundation, (component, transport, priority, host, port) = "".join(words[:-5]), words[-5:]
    if not _FOUNDATION.fullmatch(foundation):
        raise SdpError(f"malformed foundation: {shorten(foundation)}")
    kind, _, rest = tail.lstrip(" ").partition(" ")
    pairs = _split_pairs(rest)
    return Candidate(
        foundation=foundation,
        component=parse_uint(component, 256, "component", minimum=1),
        priority=parse_uint(priority, UINT32, "priority", minimum=1),
        address=_parse_address(host, port),
        related_address=_take_related_address(pairs),
        protocol=_known(_PROTOCOLS, transport, "candidate transport"),
        type=_known(_TYPES, kind, "candidate type"),
        tcp_type=_take_tcp_type(pairs),
        extensions=tuple(pairs),
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


def _known(values: Mapping[str, T], text: str, what: str) -> T:
    """What a word stands for that may be in capitals. Raises UnknownCandidate for another token."""
    value = values.get(parse_token(text, what).lower())
    if value is None:
        raise UnknownCandidate(f"unknown {what}: {shorten(text)}")
    return value


def _parse_address(host: str, port: str) -> Address:
    if not _HOST.fullmatch(host):
        raise SdpError(f"malformed address: {shorten(host)}")
    if (":" in host or _NUMERIC_HOST.fullmatch(host)) and normalize(host) is None:
        raise SdpError(f"malformed address: {shorten(host)}")
    return host, parse_uint(port, 65535, "port")


def _split_pairs(text: str) -> list[tuple[str, str]]:
    """Names and values. Two spaces stand for an empty value only where one word has no partner."""
    words = split_words(text)
    each = iter(words if len(words) % 2 == 0 else text.split(" "))
    return [(name, next(each, "")) for name in each if name]


def _take_related_address(pairs: list[tuple[str, str]]) -> Address | None:
    if [name for name, _ in pairs[:2]] != ["raddr", "rport"]:
        return None
    (_, host), (_, port) = pairs[:2]
    del pairs[:2]
    return _parse_address(host, port)


def _take_tcp_type(pairs: list[tuple[str, str]]) -> TcpType | None:
    for index, (name, value) in enumerate(pairs):
        if name == "tcptype":
            del pairs[index]
            return _known(_TCP_TYPES, value, "TCP type")
    return None
