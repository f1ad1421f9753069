"""Session descriptions and candidates as browsers exchange them. webrtc-pc §4.6, §4.8.1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from webrtc.errors import DecodeError, OperationError, UnknownCandidate
from webrtc.ice import Candidate
from webrtc.sdp import SessionDescription, parse_candidate
from webrtc.util.spelling import Hinting
from webrtc.util.webidl import fill_in, text, unsigned_short

RTCSdpType = Literal["offer", "pranswer", "answer", "rollback"]
_COMPONENTS: dict[int, Literal["rtp", "rtcp"]] = {1: "rtp", 2: "rtcp"}
_SDP_TYPES = ("offer", "pranswer", "answer", "rollback")

Json = Mapping[str, Any]
"""What `json.loads` makes of a browser's object."""


@dataclass(frozen=True, slots=True)
class RTCSessionDescription(Hinting):
    """An offer, answer, provisional answer or the request to roll back."""

    type: RTCSdpType
    """What it is for: `offer`, `pranswer`, `answer` or `rollback`."""
    sdp: str = ""
    """The lines of the session description."""

    def __post_init__(self) -> None:
        if self.type not in _SDP_TYPES:
            raise TypeError(f"type of a session description: {self.type!r:.80}")
        fill_in(self)
        text("sdp", self.sdp)

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Take the browser's `{type, sdp}`. Raises TypeError for anything else."""
        members = _members(value, "a session description")
        return cls(members.get("type", ""), members.get("sdp", ""))

    def to_json(self) -> dict[str, str]:
        """What `JSON.stringify` makes of the browser's object."""
        return {"type": self.type, "sdp": self.sdp}


@dataclass(frozen=True, slots=True)
class ReadDescription(RTCSessionDescription):
    """One that was parsed before it is set, as a long one may be: in another thread."""

    parsed: SessionDescription = field(kw_only=True)

    @classmethod
    def read(cls, description: RTCSessionDescription) -> Self:
        """Parse a description. Raises SdpError."""
        parsed = SessionDescription.parse(description.sdp)
        return cls(description.type, description.sdp, parsed=parsed)


@dataclass(frozen=True, slots=True)
class RTCIceCandidate(Hinting):
    """A candidate and the media section it belongs to.

    Raises TypeError when neither `sdp_mid` nor `sdp_m_line_index` is given.
    """

    candidate: str = ""
    """The `candidate:` line; empty says that no more will come."""
    sdp_mid: str | None = None
    """The mid of its media section."""
    sdp_m_line_index: int | None = None
    """The index of that section, which counts where there is no mid."""
    username_fragment: str | None = None
    """Of the ICE generation it belongs to; None is the newest."""

    def __post_init__(self) -> None:
        fill_in(self)
        text("candidate", self.candidate)
        if self.sdp_mid is None and self.sdp_m_line_index is None:
            raise TypeError("an ICE candidate needs sdp_mid or sdp_m_line_index")
        if self.sdp_mid is not None:
            text("sdp_mid", self.sdp_mid)
        if self.username_fragment is not None:
            text("username_fragment", self.username_fragment)
        unsigned_short("sdp_m_line_index", self.sdp_m_line_index)

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Take `candidate.toJSON()` of a browser. Raises TypeError for anything else."""
        members = _members(value, "an ICE candidate")
        return cls(
            members.get("candidate", ""),
            members.get("sdpMid"),
            members.get("sdpMLineIndex"),
            members.get("usernameFragment"),
        )

    def to_json(self) -> dict[str, str | int | None]:
        """What `JSON.stringify` makes of the browser's object."""
        return {
            "candidate": self.candidate,
            "sdpMid": self.sdp_mid,
            "sdpMLineIndex": self.sdp_m_line_index,
            "usernameFragment": self.username_fragment,
        }

    @property
    def parsed(self) -> Candidate:
        """The fields of the line.

        Raises OperationError when it is not a candidate, UnknownCandidate when it is one to ignore.
        """
        try:
            return parse_candidate(self.candidate)
        except UnknownCandidate:
            raise
        except DecodeError as error:
            raise OperationError(str(error)) from error

    @property
    def foundation(self) -> str | None:
        """Equal for candidates that are found alike, so that one check can stand for several."""
        found = self._fields
        return found.foundation if found is not None else None

    @property
    def component(self) -> Literal["rtp", "rtcp"] | None:
        """`rtp` for the one component that is used."""
        found = self._fields
        return _COMPONENTS.get(found.component) if found is not None else None

    @property
    def priority(self) -> int | None:
        """The larger the better, as its author ranks it."""
        found = self._fields
        return found.priority if found is not None else None

    @property
    def address(self) -> str | None:
        """IP address, or a name that ends in `.local`."""
        found = self._fields
        return found.address[0] if found is not None else None

    @property
    def port(self) -> int | None:
        """UDP or TCP port."""
        found = self._fields
        return found.address[1] if found is not None else None

    @property
    def protocol(self) -> Literal["udp", "tcp"] | None:
        """Transport of the candidate."""
        found = self._fields
        return found.protocol if found is not None else None

    @property
    def type(self) -> str | None:
        """`host`, `srflx`, `prflx` or `relay`."""
        found = self._fields
        return found.type.value if found is not None else None

    @property
    def tcp_type(self) -> str | None:
        """`active`, `passive` or `so` of a TCP candidate."""
        found = self._fields
        return found.tcp_type.value if found is not None and found.tcp_type is not None else None

    @property
    def related_address(self) -> str | None:
        """The base of a reflexive or relayed candidate, for diagnosis."""
        found = self._fields
        related = found.related_address if found is not None else None
        return related[0] if related is not None else None

    @property
    def related_port(self) -> int | None:
        """The port of the same."""
        found = self._fields
        related = found.related_address if found is not None else None
        return related[1] if related is not None else None

    @property
    def _fields(self) -> Candidate | None:
        """What the attributes show: nothing when the line is malformed. webrtc-pc §4.8.1."""
        try:
            return parse_candidate(self.candidate)
        except DecodeError:
            return None


def _members(value: object, what: str) -> Json:
    if not isinstance(value, Mapping):
        raise TypeError(f"{what} is an object, not a {type(value).__name__}")
    return value
