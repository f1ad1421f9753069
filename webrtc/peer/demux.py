"""Which protocol a datagram belongs to, by its first byte. RFC 7983 §7 as updated by RFC 9443."""

from enum import Enum, auto
from typing import Final


class Kind(Enum):
    """Protocols that share one transport address."""

    STUN = auto()
    DTLS = auto()
    SRTP = auto()
    SRTCP = auto()
    UNKNOWN = auto()


def _kind(first: int) -> Kind:
    if first <= 3:
        return Kind.STUN
    if 20 <= first <= 63:
        return Kind.DTLS
    if 128 <= first <= 191:
        return Kind.SRTP
    return Kind.UNKNOWN


_SRTP: Final = Kind.SRTP
_KINDS: Final = tuple(_kind(first) for first in range(256))


def classify(data: bytes) -> Kind:
    """Protocol of a datagram. `UNKNOWN` ones, the empty one among them, are to be dropped."""
    if len(data) < 2:
        return Kind.UNKNOWN
    kind = _KINDS[data[0]]
    if kind is _SRTP and 192 <= data[1] <= 223:
        # RTCP packet types stand where RTP has its marker bit and payload type: RFC 5761 §4.
        return Kind.SRTCP
    return kind
