"""One m= section of a description of ours, and the session around them. RFC 9429 §5.2, §5.3."""

from base64 import b64encode
from collections.abc import Iterable, Sequence

from webrtc.ice import Candidate, CandidateType
from webrtc.jsep.local import LocalData, LocalIdle, LocalLine, LocalTransport
from webrtc.jsep.media import NO_STREAM, MediaTerms, write_media
from webrtc.sdp import Group, MediaDescription, SessionDescription
from webrtc.sdp.fields import ConnectionInformation, Origin
from webrtc.sdp.grammar import Line

_DEFAULT_ORDER = {
    CandidateType.RELAYED: 0,
    CandidateType.SERVER_REFLEXIVE: 1,
    CandidateType.HOST: 2,
}
_ORDER_OF_TYPE = {type_.value: order for type_, order in _DEFAULT_ORDER.items()}
_LAST = 3


def session(
    origin: Origin,
    media: Sequence[MediaDescription],
    lines: Iterable[LocalLine],
    groups: Iterable[Group],
) -> SessionDescription:
    """The description with these sections, `lines` being what the accepted ones were made of.

    Of `groups` it tells what is not rejected.
    """
    description = SessionDescription.jsep(origin, media)
    standing = {each.mid for each in media if not each.rejected}
    for group in groups:
        mids = tuple(mid for mid in group.mids if mid in standing)
        if mids:
            description.add("group", Group(group.semantics.upper(), mids))
    lines = list(lines)
    if any(line.transport.lite for line in lines):
        description.add("ice-lite")
    if lines:
        description.add("ice-options", "trickle ice2")
    contents = [line.content for line in lines if isinstance(line.content, MediaTerms)]
    if contents and all(each.mixed for each in contents):
        description.add("extmap-allow-mixed")
    return description


def lip_sync(media: Iterable[MediaDescription]) -> list[Group]:
    """A group for every stream with several tracks that we send. RFC 9429 §5.2.1."""
    streams: dict[str, dict[str, None]] = {}
    for section in media:
        for msid in section.msids:
            if section.mid is not None and msid.stream_id != NO_STREAM:
                streams.setdefault(msid.stream_id, {})[section.mid] = None
    return [Group("LS", tuple(mids)) for mids in streams.values() if len(mids) > 1]


def accepted(line: LocalLine, mid: str | None) -> MediaDescription:
    """A section with content and transport."""
    media = _content(line.content)
    if mid is not None:
        media.add("mid", mid)
    if line.bundle_only:
        media.port = 0
        return media.add("bundle-only")
    _add_transport(media, line.transport)
    return media


def rejected(offered: MediaDescription) -> MediaDescription:
    """The section that refuses `offered`, or keeps its place."""
    connection = Line("c", str(ConnectionInformation()))
    formats = offered.formats or ["0"]  # RFC 8866 §5.14 has at least one
    media = MediaDescription(offered.kind, 0, offered.protocol, formats, [connection])
    if offered.mid is not None:
        media.add("mid", offered.mid)
    if offered.kind != "application":
        media.add("inactive")
    return media


def with_candidate(media: MediaDescription, candidate: Candidate) -> MediaDescription:
    """A local section with one trickled candidate more, and the best one as its default."""
    ranks = [_rank_of_line(line) for line in media.get_all("candidate")]
    media.add_candidate(candidate)
    if ranks and min(ranks) < _default_rank(candidate):
        return media
    return _with_default(media, [candidate])


def _content(content: LocalData | LocalIdle | MediaTerms) -> MediaDescription:
    match content:
        case LocalData():
            return _data(content)
        case LocalIdle():
            return _idle(content)
        case MediaTerms():
            return write_media(content)


def _data(content: LocalData) -> MediaDescription:
    size = content.max_message_size
    media = MediaDescription.data(sctp_port=content.sctp_port, max_message_size=size)
    if content.sctp_init is not None:
        media.add("sctp-init", b64encode(content.sctp_init).decode())
    return media


def _idle(content: LocalIdle) -> MediaDescription:
    connection = Line("c", str(ConnectionInformation()))
    media = MediaDescription(content.kind, 9, content.protocol, content.formats, [connection])
    media.add("inactive").add("rtcp-mux")
    for name, value in content.attributes:
        media.add(name, value)
    return media


def _add_transport(media: MediaDescription, transport: LocalTransport) -> None:
    credentials = transport.generation.credentials
    media.add("ice-ufrag", credentials.ufrag).add("ice-pwd", credentials.pwd)
    media.add("fingerprint", transport.fingerprint)
    media.add("setup", transport.setup)
    for candidate in transport.generation.candidates:
        media.add_candidate(candidate)
    if transport.generation.complete:
        media.add("end-of-candidates")
    _with_default(media, transport.generation.candidates)


def _with_default(media: MediaDescription, candidates: Iterable[Candidate]) -> MediaDescription:
    """Put the candidate that is likeliest to work for anybody into m= and c=. RFC 8839 §4.2.1.2."""
    usable = [each for each in candidates if each.protocol == "udp"]
    best = min(usable, key=_default_rank, default=None)
    if best is None:
        return media
    host, media.port = best.address
    connection = ConnectionInformation("IN", "IP6" if ":" in host else "IP4", host)
    return media.set_field("c", str(connection))


def _default_rank(candidate: Candidate) -> tuple[int, bool, int]:
    order = _DEFAULT_ORDER.get(candidate.type, _LAST)
    return order, ":" in candidate.address[0], -candidate.priority


def _rank_of_line(line: str) -> tuple[int, bool, int]:
    """The same for a candidate that we have written into a description."""
    _, _, _, priority, host, _, _, type_, *_ = line.split(" ")
    return _ORDER_OF_TYPE.get(type_, _LAST), ":" in host, -int(priority)
