"""Attributes of sessions and transports, and what they may hold.

RFC 8859 lists them; each class names the RFC of its own.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, Self

from webrtc.errors import InvalidAccessError, SdpError
from webrtc.ice.credentials import check_pwd, check_ufrag
from webrtc.sdp.grammar import UINT32, UINT64, parse_token, parse_uint, shorten, split_words

DEFAULT_MAX_MESSAGE_SIZE = 65536  # RFC 8841 §6.1
MAX_MID = 255
MAX_SCTP_INIT = 4096

_FINGERPRINT_SIZES = {
    "sha-1": 20,
    "sha-224": 28,
    "sha-256": 32,
    "sha-384": 48,
    "sha-512": 64,
}
_HEX = re.compile(r"[0-9A-Fa-f]+")


class Direction(StrEnum):
    """Who sends media, seen from the description's author. RFC 8866 §6.7."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @classmethod
    def of(cls, *, send: bool, receive: bool) -> "Direction":
        """Direction with these two halves."""
        if send:
            return cls.SENDRECV if receive else cls.SENDONLY
        return cls.RECVONLY if receive else cls.INACTIVE

    @property
    def sends(self) -> bool:
        return self in {Direction.SENDRECV, Direction.SENDONLY}

    @property
    def receives(self) -> bool:
        return self in {Direction.SENDRECV, Direction.RECVONLY}

    def reversed(self) -> "Direction":
        """The same as the other side sees it."""
        return Direction.of(send=self.receives, receive=self.sends)

    def intersect(self, other: "Direction") -> "Direction":
        """What both allow, both seen from the same side."""
        return Direction.of(
            send=self.sends and other.sends, receive=self.receives and other.receives
        )


class Setup(StrEnum):
    """Who starts DTLS: `active` is the client. RFC 4145 §4, RFC 8842 §5."""

    ACTIVE = "active"
    PASSIVE = "passive"
    ACTPASS = "actpass"
    HOLDCONN = "holdconn"

    @classmethod
    def parse(cls, value: str) -> "Setup":
        """Read the value of `a=setup`, in capitals too: RFC 4145 §4 has quoted strings of ABNF."""
        role = value.lower()
        if role not in _SETUPS:
            raise SdpError(f"unknown setup role: {shorten(value)}")
        return cls(role)

    def allows(self, answer: "Setup") -> bool:
        """Whether `answer` is a valid reply to an offer with this role.

        An offer of `active` or `passive` comes in later negotiations. `holdconn` starts no
        association, hence nothing may be answered to it. RFC 5763 §5.
        """
        return answer in _ANSWERS[self]


_SETUPS = frozenset(Setup)
_ANSWERS: dict[Setup, frozenset[Setup]] = {
    Setup.ACTPASS: frozenset({Setup.ACTIVE, Setup.PASSIVE}),
    Setup.ACTIVE: frozenset({Setup.PASSIVE}),
    Setup.PASSIVE: frozenset({Setup.ACTIVE}),
    Setup.HOLDCONN: frozenset(),
}


class Group(NamedTuple):
    """`a=group`: media descriptions that belong together. RFC 5888 §5, RFC 9143 for BUNDLE."""

    semantics: str
    """`BUNDLE`, `LS` …"""
    mids: tuple[str, ...]

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=group`."""
        semantics, *mids = split_words(value) or [""]
        return cls(parse_token(semantics, "group semantics"), tuple(parse_mid(mid) for mid in mids))

    def __str__(self) -> str:
        return " ".join((self.semantics, *self.mids))


class Fingerprint(NamedTuple):
    """`a=fingerprint`: hash of a certificate. RFC 8122 §5."""

    algorithm: str
    """Lower case, not necessarily one we know."""
    value: str
    """Upper-case hexadecimal bytes with colons between."""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=fingerprint`. A known algorithm has its exact length."""
        words = split_words(value)
        if len(words) != 2 or not _is_hex_pairs(words[1]):
            raise SdpError(f"malformed fingerprint: {shorten(value)}")
        algorithm = parse_token(words[0], "hash algorithm").lower()
        size = _FINGERPRINT_SIZES.get(algorithm)
        if size is not None and len(words[1]) != 3 * size - 1:
            raise SdpError(f"{algorithm} fingerprint of the wrong length: {shorten(words[1])}")
        return cls(algorithm, words[1].upper())

    def __str__(self) -> str:
        return f"{self.algorithm} {self.value}"


class ExtMap(NamedTuple):
    """`a=extmap`: number of an RTP header extension. RFC 8285 §5."""

    id: int
    """1 … 14 one-byte, 1 … 255 two-byte, 4096 … 4351 to be renumbered by the answerer."""
    uri: str
    direction: Direction | None = None
    attributes: str | None = None

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=extmap`."""
        head, _, rest = value.partition(" ")
        number, slash, direction = head.partition("/")
        uri, space, attributes = rest.strip(" ").partition(" ")
        identifier = parse_uint(number, 4351, "extension id", minimum=1)
        if not uri or 255 < identifier < 4096:
            raise SdpError(f"malformed extmap: {shorten(value)}")
        return cls(
            identifier,
            uri,
            parse_direction(direction) if slash else None,
            attributes if space else None,
        )

    def __str__(self) -> str:
        head = f"{self.id}/{self.direction}" if self.direction else str(self.id)
        return " ".join(filter(None, (head, self.uri, self.attributes)))


class SctpMap(NamedTuple):
    """`a=sctpmap`: how drafts before RFC 8841 named the SCTP port."""

    port: int
    protocol: str = "webrtc-datachannel"
    streams: int | None = None

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=sctpmap`."""
        words = split_words(value)
        if len(words) not in {2, 3}:
            raise SdpError(f"malformed sctpmap: {shorten(value)}")
        streams = parse_uint(words[2], UINT32, "stream count") if len(words) == 3 else None
        return cls(parse_sctp_port(words[0]), words[1], streams)

    def __str__(self) -> str:
        text = f"{self.port} {self.protocol}"
        return text if self.streams is None else f"{text} {self.streams}"


def parse_direction(value: str) -> Direction:
    """Read a direction, as `a=extmap` carries it, in capitals too."""
    direction = value.lower()
    if direction not in _DIRECTIONS:
        raise SdpError(f"unknown direction: {shorten(value)}")
    return Direction(direction)


_DIRECTIONS = frozenset(Direction)


def parse_mid(value: str) -> str:
    """Read the value of `a=mid`: any token. RFC 5888 §4; a header extension carries 255 bytes."""
    if len(value) > MAX_MID:
        raise SdpError(f"mid of {len(value)} characters, at most {MAX_MID} are accepted")
    return parse_token(value, "mid")


def parse_ice_ufrag(value: str) -> str:
    """Read the value of `a=ice-ufrag`, as `check_ufrag` says."""
    return _parse_credential(value, check_ufrag)


def parse_ice_pwd(value: str) -> str:
    """Read the value of `a=ice-pwd`, as `check_pwd` says."""
    return _parse_credential(value, check_pwd)


def parse_ice_options(value: str) -> tuple[str, ...]:
    """Read the value of `a=ice-options`. RFC 8839 §5.6; libdatachannel 0.24 puts commas between."""
    return tuple(split_words(value.replace(",", " ")))


def parse_sctp_port(value: str) -> int:
    """Read the value of `a=sctp-port`. RFC 8841 §5."""
    return parse_uint(value, 65535, "SCTP port", minimum=1)


def parse_max_message_size(value: str) -> int:
    """Read the value of `a=max-message-size`; 0 stands for no limit. RFC 8841 §6."""
    return parse_uint(value, UINT64, "max-message-size")


def parse_sctp_init(value: str) -> bytes:
    """Read the value of `a=sctp-init`, an INIT chunk in Base64. draft-hancke-tsvwg-snap."""
    if len(value) > MAX_SCTP_INIT:
        raise SdpError(f"sctp-init of {len(value)} characters")
    try:
        return b64decode(value.encode("ascii", "replace"), validate=True)
    except Base64Error:
        raise SdpError(f"sctp-init is not Base64: {shorten(value)}") from None


def _is_hex_pairs(text: str) -> bool:
    colons = text[2::3]
    digits = text[::3] + text[1::3]
    return len(text) % 3 == 2 and colons == ":" * len(colons) and bool(_HEX.fullmatch(digits))


def _parse_credential(value: str, check: Callable[[str], None]) -> str:
    try:
        check(value)
    except InvalidAccessError as error:
        raise SdpError(str(error)) from None
    return value
