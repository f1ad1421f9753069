"""The descriptions we make: offers, answers, and the data section of both. RFC 9429 §5.2, §5.3."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from webrtc.ice import Candidate, CandidateType
from webrtc.sdp import Fingerprint, Group, MediaDescription, SessionDescription, Setup
from webrtc.sdp.fields import ConnectionInformation, Origin
from webrtc.sdp.grammar import Line

_DEFAULT_ORDER = {
    CandidateType.RELAYED: 0,
    CandidateType.SERVER_REFLEXIVE: 1,
    CandidateType.HOST: 2,
}
_ORDER_OF_TYPE = {type_.value: order for type_, order in _DEFAULT_ORDER.items()}
_LAST = 3


@dataclass(frozen=True, slots=True)
class LocalData:
    """Our end of the transport for data channels."""

    ufrag: str
    pwd: str
    lite: bool
    fingerprint: Fingerprint
    setup: Setup
    sctp_port: int
    max_message_size: int
    candidates: tuple[Candidate, ...]
    end_of_candidates: bool
    sctp_init: bytes | None = None


def build_offer(
    origin: Origin, previous: SessionDescription | None, data: LocalData | None, new_mid: str
) -> SessionDescription:
    """Keep the sections of `previous` in their places; data goes into its old one or a new one.

    The place of a rejected data section is used again, under another mid. RFC 9429 §5.2.2.
    """
    media = [_rejected(old) for old in previous.media] if previous is not None else []
    if data is not None:
        old = [] if previous is None else previous.media
        kept = next((i for i, each in enumerate(old) if each.is_data and not each.rejected), None)
        free = next((i for i, each in enumerate(old) if each.is_data and each.rejected), len(old))
        index, mid = (free, new_mid) if kept is None else (kept, old[kept].mid)
        media[index : index + 1] = [_data_section(data, mid)]
    return _session(origin, media, data)


def build_answer(
    origin: Origin, offer: SessionDescription, data: LocalData | None, data_index: int | None
) -> SessionDescription:
    """Accept the data section at `data_index` of `offer` and reject every other section."""
    media = []
    for index, offered in enumerate(offer.media):
        if data is None or index != data_index:
            media.append(_rejected(offered))
            continue
        section = _data_section(data, offered.mid)
        section.protocol = offered.protocol
        if offered.protocol == "DTLS/SCTP":  # the form before RFC 8841, with the port as format
            section.formats = list(offered.formats)
            section.remove("sctp-port")
            section.remove("sctp-init")
            section.add("sctpmap", f"{data.sctp_port} webrtc-datachannel 65535")
        media.append(section)
    return _session(origin, media, data)


def with_candidate(media: MediaDescription, candidate: Candidate) -> MediaDescription:
    """A local section with one trickled candidate more, and the best one as its default."""
    ranks = [_rank_of_line(line) for line in media.get_all("candidate")]
    media.add_candidate(candidate)
    if ranks and min(ranks) < _default_rank(candidate):
        return media
    return _with_default(media, [candidate])


def _session(
    origin: Origin, media: list[MediaDescription], data: LocalData | None
) -> SessionDescription:
    description = SessionDescription.jsep(origin, media)
    bundled = tuple(each.mid for each in media if not each.rejected and each.mid is not None)
    if bundled:
        description.add("group", Group("BUNDLE", bundled))
    if data is not None:
        if data.lite:
            description.add("ice-lite")
        description.add("ice-options", "trickle ice2")
    return description


def _data_section(data: LocalData, mid: str | None) -> MediaDescription:
    media = MediaDescription.data(sctp_port=data.sctp_port, max_message_size=data.max_message_size)
    if mid is not None:
        media.add("mid", mid)
    media.add("ice-ufrag", data.ufrag).add("ice-pwd", data.pwd)
    media.add("fingerprint", data.fingerprint)
    media.add("setup", data.setup)
    if data.sctp_init is not None:
        media.add("sctp-init", b64encode(data.sctp_init).decode())
    for candidate in data.candidates:
        media.add_candidate(candidate)
    if data.end_of_candidates:
        media.add("end-of-candidates")
    return _with_default(media, data.candidates)


def _rejected(offered: MediaDescription) -> MediaDescription:
    connection = Line("c", str(ConnectionInformation()))
    media = MediaDescription(offered.kind, 0, offered.protocol, offered.formats, [connection])
    if offered.mid is not None:
        media.add("mid", offered.mid)
    if offered.kind != "application":
        media.add("inactive")
    return media


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
