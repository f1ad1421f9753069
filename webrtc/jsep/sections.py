"""One m= section of a description of ours, and the session around them. RFC 9429 §5.2, §5.3."""

from base64 import b64encode
from collections.abc import Iterable, Sequence

from webrtc.ice import Candidate, CandidateType
from webrtc.jsep.local import LocalData, LocalLine, LocalTransport
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
    origin: Origin, media: Sequence[MediaDescription], lines: Iterable[LocalLine]
) -> SessionDescription:
    """The description with these sections, `lines` being what the accepted ones were made of."""
    description = SessionDescription.jsep(origin, media)
    bundled = tuple(each.mid for each in media if not each.rejected and each.mid is not None)
    if bundled:
        description.add("group", Group("BUNDLE", bundled))
    lite = [line.transport.lite for line in lines]
    if any(lite):
        description.add("ice-lite")
    if lite:
        description.add("ice-options", "trickle ice2")
    return description


def accepted(line: LocalLine, mid: str | None) -> MediaDescription:
    """A section with content and transport."""
    media = _content(line.content)
    if mid is not None:
        media.add("mid", mid)
    _add_transport(media, line.transport)
    if line.content.sctp_init is not None:
        media.add("sctp-init", b64encode(line.content.sctp_init).decode())
    for candidate in line.transport.generation.candidates:
        media.add_candidate(candidate)
    if line.transport.generation.complete:
        media.add("end-of-candidates")
    return _with_default(media, line.transport.generation.candidates)


def rejected(offered: MediaDescription) -> MediaDescription:
    """The section that refuses `offered`, or keeps its place."""
    connection = Line("c", str(ConnectionInformation()))
    media = MediaDescription(offered.kind, 0, offered.protocol, offered.formats, [connection])
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


def _content(data: LocalData) -> MediaDescription:
    return MediaDescription.data(sctp_port=data.sctp_port, max_message_size=data.max_message_size)


def _add_transport(media: MediaDescription, transport: LocalTransport) -> None:
    credentials = transport.generation.credentials
    media.add("ice-ufrag", credentials.ufrag).add("ice-pwd", credentials.pwd)
    media.add("fingerprint", transport.fingerprint)
    media.add("setup", transport.setup)


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
