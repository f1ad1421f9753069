"""Error causes of ABORT and ERROR. RFC 9260 §3.3.10."""

import struct
from collections.abc import Iterable
from enum import IntEnum
from itertools import islice

from webrtc.errors import ProtocolError
from webrtc.sctp.parameters import Parameter, walk_parameters

MAX_CAUSES = 16
"""Causes read from one chunk; those after it are not looked at."""

_STREAM = struct.Struct("!HH")


class CauseCode(IntEnum):
    """Why an ABORT or ERROR was sent."""

    INVALID_STREAM = 1
    MISSING_MANDATORY_PARAMETER = 2
    STALE_COOKIE = 3
    OUT_OF_RESOURCE = 4
    UNRESOLVABLE_ADDRESS = 5
    UNRECOGNIZED_CHUNK = 6
    INVALID_MANDATORY_PARAMETER = 7
    UNRECOGNIZED_PARAMETERS = 8
    NO_USER_DATA = 9
    COOKIE_WHILE_SHUTTING_DOWN = 10
    RESTART_WITH_NEW_ADDRESSES = 11
    USER_INITIATED_ABORT = 12
    PROTOCOL_VIOLATION = 13


_CODES = frozenset(int(code) for code in CauseCode)

Cause = Parameter
"""A cause has the form of a parameter: 16-bit code, 16-bit length, value."""


class Violation(ProtocolError):
    """The peer did what ends the association; `cause` goes into the ABORT."""

    def __init__(self, message: str, cause: Cause) -> None:
        super().__init__(message, cause.type)
        self.cause = cause


def violation(message: str) -> Violation:
    """A rule of the protocol was broken in a way that cannot be passed over."""
    return Violation(message, Cause(CauseCode.PROTOCOL_VIOLATION, message.encode()))


def out_of_resource(message: str) -> Violation:
    """The peer wants more memory than it was promised."""
    return Violation(message, Cause(CauseCode.OUT_OF_RESOURCE, b""))


def no_user_data(tsn: int) -> Violation:
    """A DATA chunk was empty. RFC 9260 §6.2."""
    return Violation(
        "DATA chunk without user data", Cause(CauseCode.NO_USER_DATA, tsn.to_bytes(4, "big"))
    )


def invalid_stream(stream_id: int) -> Cause:
    """DATA came for a stream that was not negotiated."""
    return Cause(CauseCode.INVALID_STREAM, _STREAM.pack(stream_id, 0))


def decode_causes(data: bytes) -> tuple[Cause, ...]:
    """The first causes of an ABORT or ERROR; what follows them is of no interest."""
    return tuple(islice(walk_parameters(data), MAX_CAUSES))


def describe(causes: Iterable[Cause]) -> str:
    """One line for an error message; a peer's text is escaped and cut."""
    return ", ".join(_describe(*cause) for cause in causes) or "no cause given"


def _describe(code: int, value: bytes) -> str:
    if code not in _CODES:
        return f"cause {code}"
    name = CauseCode(code).name.lower().replace("_", " ")
    if value and code in (CauseCode.USER_INITIATED_ABORT, CauseCode.PROTOCOL_VIOLATION):
        return f"{name}: {value[:200].decode(errors='replace')!r}"
    return name
