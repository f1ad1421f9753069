"""Answers: line for line what was offered. RFC 9429 §5.3."""

from collections.abc import Mapping, Set

from webrtc.jsep.bundle import answered_groups
from webrtc.jsep.local import LocalLine
from webrtc.jsep.sections import accepted, lip_sync, rejected, session
from webrtc.sdp import MediaDescription, SessionDescription
from webrtc.sdp.fields import Origin


def build_answer(
    origin: Origin,
    offer: SessionDescription,
    lines: Mapping[int, LocalLine],
    standing: Set[str] = frozenset(),
) -> SessionDescription:
    """Accept the sections of `offer` that have a line, and reject every other one.

    `standing` are the mids of those that were accepted before.
    """
    media = [
        _in_kind(offered, lines[index]) if index in lines else rejected(offered)
        for index, offered in enumerate(offer.media)
    ]
    groups = answered_groups(offer, lines, standing)
    if offer.groups("LS"):
        groups += lip_sync(media)
    return session(origin, media, lines.values(), groups)


def _in_kind(offered: MediaDescription, line: LocalLine) -> MediaDescription:
    section = accepted(line, offered.mid)
    section.protocol = offered.protocol
    if offered.protocol == "DTLS/SCTP":  # the form before RFC 8841, with the port as format
        port = section.get("sctp-port")
        section.formats = list(offered.formats)
        section.remove("sctp-port")
        section.remove("sctp-init")
        section.add("sctpmap", f"{port} webrtc-datachannel 65535")
    return section
