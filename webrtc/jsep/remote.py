"""What a description of the peer says: read and checked before anything is changed.

RFC 9429 §5.8 and §5.10, RFC 8841 §5, RFC 8842 §5.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from webrtc import sdp
from webrtc.dtls import Fingerprint
from webrtc.errors import DecodeError, InvalidAccessError, ProtocolError
from webrtc.ice import Candidate
from webrtc.ice.credentials import Credentials
from webrtc.jsep.bundle import shares_transport, transport_index, ufrag_in_effect
from webrtc.jsep.media import MediaTerms, read_media
from webrtc.sctp import Init, read_init
from webrtc.sdp import MediaDescription, SessionDescription, Setup


@dataclass(frozen=True)
class RemoteTransport:
    """The peer's end of one transport."""

    description: SessionDescription
    index: int
    """Of the section in `description` that its lines are in."""
    credentials: Credentials
    lite: bool
    fingerprints: tuple[Fingerprint, ...]
    tls_id: str | None
    setup: Setup | None

    @property
    def candidates(self) -> list[Candidate]:
        """Those of the section and of the ones that share its transport, trickled ones too."""
        found = (candidate for media in self._sections for candidate in media.candidates)
        return list(dict.fromkeys(each for each in found if each.component == 1))

    @property
    def end_of_candidates(self) -> bool:
        """Whether none will be trickled any more."""
        return any(self.description.end_of_candidates(media) for media in self._sections)

    def covers(self, index: int) -> bool:
        """Whether the section at `index` uses this transport."""
        return shares_transport(self.description, index, self.index)

    @property
    def _sections(self) -> list[MediaDescription]:
        """Those that candidates of this generation are told in."""
        ufrag = self.credentials.ufrag
        return [
            media
            for index, media in enumerate(self.description.media)
            if self.covers(index) and ufrag_in_effect(self.description, index) == ufrag
        ]

    def same_identity(self, other: "RemoteTransport") -> bool:
        """Whether one DTLS association can be with both. RFC 8842 §4, §5.1."""
        if self.tls_id != other.tls_id and None not in (self.tls_id, other.tls_id):
            return False
        return not set(self.fingerprints).isdisjoint(other.fingerprints)


@dataclass(frozen=True)
class RemoteData:
    """What the peer says of data channels in one section."""

    media: MediaDescription
    sctp_port: int
    max_message_size: int | None
    """None when the peer sets no limit."""

    @cached_property
    def sctp_init(self) -> Init | None:
        """Its SCTP association's INIT. Raises InvalidAccessError for what is none."""
        chunk = self.media.sctp_init
        try:
            return None if chunk is None else read_init(chunk)
        except ProtocolError as error:
            raise InvalidAccessError(f"sctp-init: {error}") from error


@dataclass(frozen=True, slots=True)
class RemoteLine:
    """One section of the peer's description that a section of ours stands for."""

    index: int
    transport: RemoteTransport
    content: RemoteData | MediaTerms

    @property
    def mid(self) -> str | None:
        """Its name in the session."""
        return self.transport.description.media[self.index].mid

    @property
    def data(self) -> RemoteData:
        """What it says of data channels. Raises TypeError for a line of media."""
        if not isinstance(self.content, RemoteData):
            raise TypeError(f"section {self.index} is not for data channels")
        return self.content

    @property
    def media(self) -> MediaTerms:
        """What it says of audio or video. Raises TypeError for a line of data channels."""
        if not isinstance(self.content, MediaTerms):
            raise TypeError(f"section {self.index} is for data channels")
        return self.content


def read_line(description: SessionDescription, index: int, *, answer: bool) -> RemoteLine:
    """Read the section at `index`, for data channels or media, and the transport under it.

    Raises InvalidAccessError where something needed is missing or contradicts.
    """
    media = description.media[index]
    source = transport_index(description, index, answer=answer)
    transport = _read_transport(description, source, answer=answer)
    if media.is_data:
        data = RemoteData(media, media.sctp_port or 5000, media.max_message_size)
        return RemoteLine(index, transport, data)
    return RemoteLine(index, transport, read_media(description, media))


def answers_as_client(offered: Setup | None, preference: str) -> bool:
    """Which DTLS role an answer takes: `preference` counts where the offer leaves the choice."""
    if offered in (Setup.ACTIVE, Setup.PASSIVE):
        return offered is Setup.PASSIVE
    return preference != "server"


def _read_transport(
    description: SessionDescription, index: int, *, answer: bool
) -> RemoteTransport:
    media = description.media[index]
    ufrag, pwd = description.ice_ufrag(media), description.ice_pwd(media)
    fingerprints = description.fingerprints(media)
    setup = description.setup(media)
    needed = {"ice-ufrag": ufrag, "ice-pwd": pwd, "fingerprint": fingerprints, "setup": setup}
    for name, value in needed.items():
        if not value:
            raise InvalidAccessError(f"media section {index} has no a={name}")
    if setup is Setup.HOLDCONN or (answer and setup is Setup.ACTPASS):
        raise InvalidAccessError(f"media section {index}: setup {setup}")
    return RemoteTransport(
        description=description,
        index=index,
        credentials=Credentials(ufrag or "", pwd or ""),
        lite=description.ice_lite,
        fingerprints=_fingerprints(fingerprints, index),
        tls_id=description.tls_id(media),
        setup=setup,
    )


def _fingerprints(told: Iterable[sdp.Fingerprint], index: int) -> tuple[Fingerprint, ...]:
    try:
        return tuple(Fingerprint(each.algorithm, each.value) for each in told)
    except DecodeError as error:
        raise InvalidAccessError(f"media section {index}: {error}") from error
