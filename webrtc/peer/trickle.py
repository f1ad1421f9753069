"""Candidates on their way into descriptions and between the peers. webrtc-pc §4.4.2, §5.6."""

from collections.abc import Iterator

from webrtc import ice
from webrtc.errors import InvalidStateError, OperationError, UnknownCandidate
from webrtc.peer.descriptions import RTCIceCandidate
from webrtc.peer.events import IceCandidateFound
from webrtc.peer.negotiation import Applied, Negotiation
from webrtc.peer.remote import data_section, section_of, shares_transport
from webrtc.peer.sections import with_candidate
from webrtc.sdp import MediaDescription, format_candidate


class Trickle:
    """Adds every candidate to the descriptions of its ICE generation, and to no other."""

    def __init__(self, negotiation: Negotiation) -> None:
        self._negotiation = negotiation

    def add_local(self, candidate: ice.Candidate, ufrag: str) -> list[IceCandidateFound]:
        """A candidate was gathered. Gives what to tell, if a description of ours is set for it."""
        told = None
        for applied, index, media in self._local_sections(ufrag):
            applied.parsed.media[index] = with_candidate(media, candidate)
            told = RTCIceCandidate(format_candidate(candidate), media.mid, index, ufrag)
        return [IceCandidateFound(told)] if told is not None else []

    def end_local(self, ufrag: str) -> list[IceCandidateFound]:
        """All candidates of the generation were gathered: an empty one tells so. RFC 8838 §8.2."""
        told = None
        for _, index, media in self._local_sections(ufrag):
            media.replace("end-of-candidates")
            told = RTCIceCandidate("", media.mid, index, ufrag)
        return [IceCandidateFound(told)] if told is not None else []

    def add_remote(
        self, candidate: RTCIceCandidate | None
    ) -> list[tuple[ice.Candidate | None, str | None]]:
        """Take a candidate of the peer; None ends those of every section.

        Gives what is for the transport of the data channels: the candidate, or None at the end,
        with the ufrag of its generation. One of an unknown transport or type is ignored, as it is
        in a description (RFC 8839 §5.1). Raises InvalidStateError before the remote description,
        OperationError for a candidate that is malformed or belongs to no section of it.
        """
        remote = self._negotiation.remote
        if remote is None:
            raise InvalidStateError("add_ice_candidate() before set_remote_description()")
        found = data_section(remote.parsed)
        if candidate is None:
            for media in remote.parsed.media:
                media.replace("end-of-candidates")
            return [(None, remote.parsed.ice_ufrag(found[1]))] if found is not None else []
        index = section_of(candidate, remote.parsed)
        ufrag = candidate.username_fragment or remote.parsed.ice_ufrag(remote.parsed.media[index])
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
                media.add_candidate(parsed)
        shared = found is not None and shares_transport(remote.parsed, index, found[0])
        return [(parsed, ufrag)] if shared else []

    def _local_sections(self, ufrag: str) -> Iterator[tuple[Applied, int, MediaDescription]]:
        for applied in (self._negotiation.current_local, self._negotiation.pending_local):
            found = data_section(applied.parsed) if applied is not None else None
            if applied is not None and found is not None and found[1].ice_ufrag == ufrag:
                yield applied, *found

    def _remote_sections(self, index: int, ufrag: str | None) -> Iterator[MediaDescription]:
        for applied in (self._negotiation.current_remote, self._negotiation.pending_remote):
            if applied is not None and index < len(applied.parsed.media):
                media = applied.parsed.media[index]
                if applied.parsed.ice_ufrag(media) == ufrag:
                    yield media
