"""What a description of ours says, as values that sections are made of."""

from dataclasses import dataclass

from webrtc.ice import Candidate
from webrtc.ice.credentials import Credentials
from webrtc.jsep.media import MediaTerms
from webrtc.rtp import header_values as uris
from webrtc.sdp import Fingerprint, MediaDescription, Setup


@dataclass(frozen=True, slots=True)
class LocalGeneration:
    """What is told of one ICE generation of ours."""

    credentials: Credentials
    candidates: tuple[Candidate, ...] = ()
    complete: bool = False
    """Whether no candidate will follow."""


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Our end of one transport."""

    generation: LocalGeneration
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
class LocalIdle:
    """An RTP section that carries nothing, and is there because its bundle needs it.

    The numbers of formats, and of the extension for mids, hold in all sections of a bundle and
    must mean the same once it carries something.
    """

    kind: str
    protocol: str
    formats: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LocalLine:
    """One section that is not rejected."""

    transport: LocalTransport
    content: LocalData | LocalIdle | MediaTerms
    bundle_only: bool = False
    """Whether the peer is to reject it where it does not bundle; of an offer. RFC 9143 §6."""


def read_idle(media: MediaDescription) -> LocalIdle:
    """The formats of an RTP section, ours or the peer's."""
    attributes = [(name, value) for name in ("rtpmap", "fmtp") for value in media.get_all(name)]
    mids = (each for each in media.extmaps if each.uri == uris.MID)
    attributes += [("extmap", f"{each.id} {each.uri}") for each in mids]
    return LocalIdle(media.kind, media.protocol, tuple(media.formats), tuple(attributes))


def read_generation(media: MediaDescription) -> LocalGeneration | None:
    """The ICE generation that a section of ours tells of; None when it is rejected."""
    ufrag, pwd = media.ice_ufrag, media.ice_pwd
    if media.rejected or ufrag is None or pwd is None:
        return None
    return LocalGeneration(
        Credentials(ufrag, pwd), tuple(media.candidates), media.end_of_candidates
    )
