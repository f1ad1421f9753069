"""What a description of ours says, as values that sections are made of."""

from dataclasses import dataclass

from webrtc.ice import Candidate
from webrtc.ice.credentials import Credentials
from webrtc.sdp import Fingerprint, MediaDescription, Setup


@dataclass(frozen=True, slots=True)
class Generation:
    """What is told of one ICE generation of ours."""

    credentials: Credentials
    candidates: tuple[Candidate, ...] = ()
    complete: bool = False
    """Whether no candidate will follow."""


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Our end of one transport."""

    generation: Generation
    lite: bool
    fingerprint: Fingerprint
    setup: Setup


@dataclass(frozen=True, slots=True)
class LocalData:
    """What we say of data channels in one section."""

    sctp_port: int
    max_message_size: int
    sctp_init: bytes | None = None


@dataclass(frozen=True, slots=True)
class LocalLine:
    """One section that is not rejected."""

    transport: LocalTransport
    content: LocalData


def read_generation(media: MediaDescription) -> Generation | None:
    """The ICE generation that a section of ours tells of; None when it is rejected."""
    ufrag, pwd = media.ice_ufrag, media.ice_pwd
    if media.rejected or ufrag is None or pwd is None:
        return None
    return Generation(Credentials(ufrag, pwd), tuple(media.candidates), media.end_of_candidates)
