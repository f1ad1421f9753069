"""The signalling messages: JSON objects as a browser writes them. RFC 8829 §3.2, RFC 8838."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from webrtc import RTCIceCandidate, RTCSessionDescription
from webrtc.errors import DecodeError


@dataclass(frozen=True, slots=True)
class Trickle:
    """One candidate, `event.candidate` in a browser; None says that there are no more."""

    candidate: RTCIceCandidate | None

    def to_json(self) -> Mapping[str, object]:
        candidate = None if self.candidate is None else self.candidate.to_json()
        return {"type": "candidate", "candidate": candidate}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the sender is about to close the WebSocket."""

    reason: str

    def to_json(self) -> Mapping[str, object]:
        return {"type": "error", "error": self.reason}


Message: TypeAlias = RTCSessionDescription | Trickle | Failure


def decode(text: str) -> Message:
    """Read one message. Raises DecodeError, which says what was expected."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DecodeError("message is not JSON") from error
    match value:
        case {"type": "offer" | "answer" as kind, "sdp": str(sdp)}:
            return RTCSessionDescription(kind, sdp)
        case {"type": "candidate", "candidate": None}:
            return Trickle(None)
        case {"type": "candidate", "candidate": dict(candidate)}:
            return Trickle(_candidate(candidate))
        case {"type": "error", "error": str(reason)}:
            return Failure(reason)
    raise DecodeError('expected {"type": "offer" | "answer" | "candidate" | "error", …}')


def _candidate(value: Mapping[str, object]) -> RTCIceCandidate:
    try:
        return RTCIceCandidate.from_json(value)
    except TypeError as error:
        raise DecodeError(str(error)) from error
