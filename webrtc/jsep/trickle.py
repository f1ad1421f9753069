"""Candidates on their way into descriptions and between the peers. webrtc-pc §4.4.2, §5.6."""

from collections.abc import Iterator
from typing import NamedTuple

from webrtc import ice
from webrtc.errors import InvalidStateError, OperationError, UnknownCandidate
from webrtc.jsep.bundle import ufrag_in_effect
from webrtc.jsep.descriptions import RTCIceCandidate
from webrtc.jsep.negotiation import Applied, Negotiation
from webrtc.jsep.sections import with_candidate
from webrtc.sdp import MediaDescription, SessionDescription, format_candidate
from webrtc.sdp.media import MAX_CANDIDATES


class Trickled(NamedTuple):
    """A candidate of the peer for the transport of one section."""

    line: int
    """Index of the section."""
    candidate: ice.Candidate | None
    """None when there are no more."""
    ufrag: str | None
    """Of its ICE generation."""


class Trickle:
    """Adds every candidate to the descriptions of its ICE generation, and to no other."""

    def __init__(self, negotiation: Negotiation) -> None:
        self._negotiation = negotiation

    def add_local(self, candidate: ice.Candidate, ufrag: str) -> RTCIceCandidate | None:
        """A candidate was gathered. Gives what to tell, if a description of ours is set for it.

        Of bundled sections it tells the first, which is the tagged one.
        """
        told = None
        for applied, index, media in self._local_sections(ufrag):
            applied.parsed.media[index] = with_candidate(media, candidate)
            line = format_candidate(candidate)
            told = told or RTCIceCandidate(line, media.mid, index, ufrag)
        return told

    def end_local(self, ufrag: str) -> RTCIceCandidate | None:
        """All candidates of the generation were gathered: an empty one tells so. RFC 8838 §8.2."""
        told = None
        for _, index, media in self._local_sections(ufrag):
            media.replace("end-of-candidates")
            told = told or RTCIceCandidate("", media.mid, index, ufrag)
        return told

    def add_remote(self, candidate: RTCIceCandidate | None) -> list[Trickled]:
        """Take a candidate of the peer; None ends those of every section.

        Gives what is for the transports. One of an unknown transport or type is ignored, as it is
        in a description (RFC 8839 §5.1). Raises InvalidStateError before the remote description,
        OperationError for a candidate that is malformed or belongs to no section of it.
        """
        remote = self._negotiation.remote
        if remote is None:
            raise InvalidStateError("add_ice_candidate() before set_remote_description()")
        if candidate is None:
            for media in remote.parsed.media:
                media.replace("end-of-candidates")
            return [
                Trickled(index, None, ufrag_in_effect(remote.parsed, index))
                for index, media in enumerate(remote.parsed.media)
                if not media.rejected
            ]
        index = section_of(candidate, remote.parsed)
        ufrag = candidate.username_fragment or ufrag_in_effect(remote.parsed, index)
        sections = list(self._remote_sections(index, ufrag))
        if not sections:
            raise OperationError(f"candidate of another ICE generation: ufrag {ufrag!r:.80}")
        try:
            parsed = candidate.parsed if candidate.candidate else None
        except UnknownCandidate:
            return []
        for media in sections:
            if parsed is None:
                media.replace("end-of-candidates")
            else:
                _note(media, parsed)
        return [Trickled(index, parsed, ufrag)]

    def _local_sections(self, ufrag: str) -> Iterator[tuple[Applied, int, MediaDescription]]:
        for applied in (self._negotiation.current_local, self._negotiation.pending_local):
            for index, media in enumerate(applied.parsed.media if applied is not None else ()):
                if applied is not None and media.ice_ufrag == ufrag:
                    yield applied, index, media

    def _remote_sections(self, index: int, ufrag: str | None) -> Iterator[MediaDescription]:
        for applied in (self._negotiation.current_remote, self._negotiation.pending_remote):
            parsed = applied.parsed if applied is not None else None
            if parsed is None or index >= len(parsed.media):
                continue
            if ufrag_in_effect(parsed, index) == ufrag:
                yield parsed.media[index]


def _note(media: MediaDescription, candidate: ice.Candidate) -> None:
    """Add it to a section of the peer, unless it is there or as many as are ever used."""
    known = media.get_all("candidate")
    line = format_candidate(candidate).removeprefix("candidate:")
    if line not in known and len(known) < MAX_CANDIDATES:
        media.add("candidate", line)


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
