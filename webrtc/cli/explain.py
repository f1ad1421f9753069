"""A session description, section by section, in words."""

from collections import Counter
from collections.abc import Iterator

from webrtc.sdp import MediaDescription, SessionDescription


def explain(sdp: str, type_: str = "") -> Iterator[str]:
    """The lines. Raises SdpError."""
    description = SessionDescription.parse(sdp)
    origin = description.origin
    what = type_ if type_.isidentifier() else "description"
    yield f"{what}: session {origin.session_id}, version {origin.session_version}"
    for group in description.groups():
        yield f"  {group.semantics.lower()}: {' '.join(group.mids)}"
    if description.ice_lite:
        yield "  ICE lite: answers checks and sends none"
    for number, media in enumerate(description.media):
        yield f"section {number}: {media.media_name}"
        for line in _section(description, media):
            yield f"  {line}"


def _section(description: SessionDescription, media: MediaDescription) -> Iterator[str]:
    if media.rejected:
        yield "rejected"
        return
    yield f"mid {media.mid}" if media.mid is not None else "no mid"
    yield from _ice(description, media)
    setup = description.setup(media)
    for fingerprint in description.fingerprints(media):
        role = f"setup {setup.value}, " if setup is not None else ""
        yield f"DTLS: {role}certificate {fingerprint}"
    if media.is_data:
        size = media.max_message_size
        most = "no limit" if size == 0 else f"{65536 if size is None else size} bytes"
        yield f"data channels: SCTP port {media.sctp_port}, largest message {most}"
    else:
        yield f"direction {description.direction(media).value}"
        for codec in media.codecs:
            channels = f"/{codec.channels}" if codec.channels else ""
            parameters = f" {codec.fmtp}" if codec.fmtp else ""
            name = f"{codec.name}/{codec.clock_rate}{channels}"
            yield f"codec {codec.payload_type}: {name}{parameters}"


def _ice(description: SessionDescription, media: MediaDescription) -> Iterator[str]:
    ufrag = description.ice_ufrag(media)
    options = " ".join(description.ice_options(media))
    if ufrag is not None:
        yield f"ICE: ufrag {ufrag}" + (f", options {options}" if options else "")
    kinds = Counter(f"{each.type.value} {each.protocol}" for each in media.candidates)
    if kinds:
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        yield f"candidates: {counted}"
        for candidate in media.candidates:
            host, port = candidate.address
            yield f"  {candidate.type.value} {candidate.protocol} {host} port {port}"
    more = description.end_of_candidates(media)
    yield "no more candidates" if more else "candidates may follow"
