"""What a remote description says about data: read and checked before anything is changed.

RFC 9429 §5.8 and §5.10, RFC 8841 §5, RFC 8842 §5.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from webrtc import sdp
from webrtc.dtls import Fingerprint
from webrtc.errors import DecodeError, InvalidAccessError, OperationError, ProtocolError
from webrtc.ice import Candidate
from webrtc.ice.credentials import Credentials
from webrtc.peer.descriptions import RTCIceCandidate
from webrtc.sctp import Init, read_init
from webrtc.sdp import MediaDescription, SessionDescription, Setup


@dataclass(frozen=True)
class RemoteData:
    """The peer's end of the transport for data channels."""

    description: SessionDescription
    index: int
    """Of the data section in `description`."""
    credentials: Credentials
    lite: bool
    fingerprints: tuple[Fingerprint, ...]
    tls_id: str | None
    setup: Setup | None
    sctp_port: int
    max_message_size: int | None
    """None when the peer sets no limit."""

    @property
    def candidates(self) -> list[Candidate]:
        """Those of the section and of the ones that share its transport, trickled ones too."""
        description, index = self.description, self.index
        sections = [
            media
            for other, media in enumerate(description.media)
            if shares_transport(description, other, index)
            and description.ice_ufrag(media) == self.credentials.ufrag
        ]
        found = (candidate for media in sections for candidate in media.candidates)
        return list(dict.fromkeys(each for each in found if each.component == 1))

    @property
    def end_of_candidates(self) -> bool:
        """Whether none will be trickled any more."""
        return self.description.end_of_candidates(self.description.media[self.index])

    @cached_property
    def sctp_init(self) -> Init | None:
        """Its SCTP association's INIT. Raises SdpError or InvalidAccessError for what is none."""
        chunk = self.description.media[self.index].sctp_init
        try:
            return None if chunk is None else read_init(chunk)
        except ProtocolError as error:
            raise InvalidAccessError(f"media section {self.index}: sctp-init: {error}") from error

    def same_identity(self, other: "RemoteData") -> bool:
        """Whether one DTLS association can be with both. RFC 8842 §4, §5.1."""
        if self.tls_id != other.tls_id and None not in (self.tls_id, other.tls_id):
            return False
        return not set(self.fingerprints).isdisjoint(other.fingerprints)


def check_sections(
    description: SessionDescription, before: SessionDescription | None, *, answer: bool
) -> None:
    """Compare the media sections with those that were there before.

    `before` is what an answer must match line for line, and what a later offer must keep.
    Raises InvalidAccessError.
    """
    _check_mids(description)
    for index, media in enumerate(description.media):
        if media.is_rtp and not media.rejected and not media.has("rtcp-mux"):
            raise InvalidAccessError(
                f"media section {index} has no a=rtcp-mux: set the peer, which wrote it, to "
                'multiplex RTP and RTCP (rtcpMuxPolicy "require", here the only one)'
            )
    if before is None:
        return
    old_count, count = len(before.media), len(description.media)
    if count < old_count or (answer and count > old_count):
        raise InvalidAccessError(f"{count} media sections where there were {old_count}")
    for index, (old, new) in enumerate(zip(before.media, description.media, strict=False)):
        _check_section(index, old, new, answer=answer)


def _check_mids(description: SessionDescription) -> None:
    mids = [media.mid for media in description.media if media.mid is not None]
    if len(set(mids)) != len(mids):
        raise InvalidAccessError(f"two media sections with one mid: {' '.join(mids)[:80]}")
    bundled = [mid for group in description.groups("BUNDLE") for mid in group.mids]
    for mid in bundled:
        if mid not in mids:
            raise InvalidAccessError(f"BUNDLE group with mid {mid:.80}, which no section has")
        if bundled.count(mid) > 1:
            raise InvalidAccessError(f"mid {mid:.80} is in two BUNDLE groups")


def _check_section(
    index: int, old: MediaDescription, new: MediaDescription, *, answer: bool
) -> None:
    if not answer and old.rejected:
        return  # recycled: RFC 9429 §5.2.2
    if old.kind != new.kind:
        raise InvalidAccessError(f"media section {index} turned from {old.kind} to {new.kind}")
    if None not in (old.mid, new.mid) and old.mid != new.mid:
        raise InvalidAccessError(f"media section {index}: mid {new.mid} where {old.mid} was")
    if answer and old.rejected and not new.rejected:
        raise InvalidAccessError(f"media section {index} is accepted but was not offered")


def data_section(description: SessionDescription) -> tuple[int, MediaDescription] | None:
    """The first section for data channels that is not rejected, with its index."""
    for index, media in enumerate(description.media):
        if media.is_data and not media.rejected:
            return index, media
    return None


def read_data(description: SessionDescription, *, answer: bool) -> RemoteData | None:
    """The peer's parameters, or None when it offers or accepts no data channels.

    Raises InvalidAccessError where something needed is missing or contradicts.
    """
    found = data_section(description)
    if found is None:
        return None
    index, media = found
    ufrag, pwd = description.ice_ufrag(media), description.ice_pwd(media)
    fingerprints = description.fingerprints(media)
    setup = description.setup(media)
    needed = {"ice-ufrag": ufrag, "ice-pwd": pwd, "fingerprint": fingerprints, "setup": setup}
    for name, value in needed.items():
        if not value:
            raise InvalidAccessError(f"media section {index} has no a={name}")
    if setup is Setup.HOLDCONN or (answer and setup is Setup.ACTPASS):
        raise InvalidAccessError(f"media section {index}: setup {setup}")
    return RemoteData(
        description=description,
        index=index,
        credentials=Credentials(ufrag or "", pwd or ""),
        lite=description.ice_lite,
        fingerprints=_fingerprints(fingerprints, index),
        tls_id=description.tls_id(media),
        setup=setup,
        sctp_port=media.sctp_port or 5000,
        max_message_size=media.max_message_size,
    )


def _fingerprints(told: Iterable[sdp.Fingerprint], index: int) -> tuple[Fingerprint, ...]:
    try:
        return tuple(Fingerprint(each.algorithm, each.value) for each in told)
    except DecodeError as error:
        raise InvalidAccessError(f"media section {index}: {error}") from error


def answers_as_client(offered: Setup | None, preference: str) -> bool:
    """Which DTLS role an answer takes: `preference` counts where the offer leaves the choice."""
    if offered in (Setup.ACTIVE, Setup.PASSIVE):
        return offered is Setup.PASSIVE
    return preference != "server"


def section_of(candidate: RTCIceCandidate, description: SessionDescription) -> int:
    """Index of the media section that a candidate belongs to. Raises OperationError."""
    # Some peers send an empty sdpMid with a good sdpMLineIndex (pion, 2026).
    if candidate.sdp_mid or candidate.sdp_m_line_index is None:
        for index, media in enumerate(description.media):
            if (media.mid or str(index)) == candidate.sdp_mid:
                return index
        raise OperationError(f"no media section with mid {candidate.sdp_mid!r:.80}")
    if candidate.sdp_m_line_index >= len(description.media):
        raise OperationError(
            f"sdp_m_line_index {candidate.sdp_m_line_index} of {len(description.media)} sections"
        )
    return candidate.sdp_m_line_index


def shares_transport(description: SessionDescription, index: int, data_index: int) -> bool:
    """Whether two sections use one transport: the same one, or both in one BUNDLE group."""
    if index == data_index:
        return True
    mids = {description.media[index].mid, description.media[data_index].mid}
    return any(mids <= set(group.mids) for group in description.groups("BUNDLE"))
