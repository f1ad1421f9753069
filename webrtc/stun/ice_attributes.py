"""Attributes of connectivity checks. RFC 8445 §7.1."""
# ruff: noqa: ARG002, ARG003 (all attributes share two signatures; few need the transaction ID)

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from webrtc.errors import DecodeError
from webrtc.stun.codec import Flag, Unsigned
from webrtc.stun.registry import AttributeType

_TIE_BREAKER = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Priority(Unsigned):
    """Priority that a peer-reflexive candidate found by this check would have."""

    type: ClassVar[int] = AttributeType.PRIORITY


@dataclass(frozen=True, slots=True)
class UseCandidate(Flag):
    """The controlling agent nominates the pair."""

    type: ClassVar[int] = AttributeType.USE_CANDIDATE


@dataclass(frozen=True, slots=True)
class IceControlled:
    """The sender believes to be controlled."""

    type: ClassVar[int] = AttributeType.ICE_CONTROLLED

    tie_breaker: int
    """64 bits; the larger one of a role conflict controls."""

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) != 8:
            raise DecodeError(f"{cls.__name__} of {len(value)} bytes")
        return cls(_TIE_BREAKER.unpack(value)[0])

    def encode(self, transaction_id: bytes) -> bytes:
        return _TIE_BREAKER.pack(self.tie_breaker)


@dataclass(frozen=True, slots=True)
class IceControlling(IceControlled):
    """The sender believes to control."""

    type: ClassVar[int] = AttributeType.ICE_CONTROLLING


@dataclass(frozen=True, slots=True)
class Nomination(Unsigned):
    """Number of a nomination: a higher one replaces it. draft-thatcher-ice-renomination §3."""

    type: ClassVar[int] = AttributeType.NOMINATION
