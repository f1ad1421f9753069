"""What a remote description says about data: read and checked before anything is changed.

RFC 9429 §5.8 and §5.10, RFC 8841 §5, RFC 8842 §5.
"""

from dataclasses import dataclass

from webrtc.dtls import Fingerprint
from webrtc.errors import InvalidAccessError, OperationError
from webrtc.ice import Candidate
from webrtc.peer.descriptions import RTCIceCandidate
from webrtc.sdp import MediaDescription, SessionDescription, Setup


@dataclass(frozen=True, slots=True)
class RemoteData:
    """The peer's end of the transport for data channels."""

    index: int
    mid: str
    ufrag: str
    pwd: str
    lite: bool
    fingerprints: tuple[Fingerprint, ...]
    setup: Setup | None
    sctp_port: int
    max_message_size: int | None
    """None when the peer sets no limit."""
    candidates: tuple[Candidate, ...]
    end_of_candidates: bool


def check_sections(
    description: SessionDescription, offer: SessionDescription | None, *, answer: bool
) -> None:
    """Compare the media sections with those of the last description.

    `offer` is what an answer must match line for line, and what a later offer must keep.
    Raises InvalidAccessError.
    """
    mids = [media.mid for media in description.media if media.mid is not None]
    if len(set(mids)) != len(mids):
        raise InvalidAccessError(f"two media sections with one mid: {' '.join(mids)[:80]}")
    if offer is None:
        return
    before, after = len(offer.media), len(description.media)
    if after < before or (answer and after > before):
        raise InvalidAccessError(f"{after} media sections where there were {before}")
    for index, (old, new) in enumerate(zip(offer.media, description.media, strict=False)):
        recycled = not answer and old.rejected
        if old.kind != new.kind and not recycled:
            raise InvalidAccessError(f"media section {index} turned from {old.kind} to {new.kind}")
        if answer and new.mid is not None and old.mid is not None and new.mid != old.mid:
            raise InvalidAccessError(f"media section {index}: mid {new.mid} answers {old.mid}")


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
    for name, value in (("ice-ufrag", ufrag), ("ice-pwd", pwd), ("fingerprint", fingerprints)):
        if not value:
            raise InvalidAccessError(f"media section {index} has no a={name}")
    if setup is Setup.HOLDCONN or (answer and setup is Setup.ACTPASS):
        raise InvalidAccessError(f"media section {index}: setup {setup}")
    return RemoteData(
        index=index,
        mid=media.mid or str(index),
        ufrag=ufrag or "",
        pwd=pwd or "",
        lite=description.ice_lite,
        fingerprints=tuple(Fingerprint(each.algorithm, each.value) for each in fingerprints),
        setup=setup,
        sctp_port=media.sctp_port or 5000,
        max_message_size=media.max_message_size,
        candidates=tuple(media.candidates),
        end_of_candidates=description.end_of_candidates(media),
    )


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
