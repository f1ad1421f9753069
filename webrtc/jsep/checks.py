"""A description of the peer against itself, against the one before it, and against our offer.

RFC 9429 §5.8, RFC 9143 §9.1, RFC 8853 §5.2.
"""

from collections.abc import Collection, Iterable
from typing import Final

from webrtc.errors import InvalidAccessError
from webrtc.jsep.bundle import transport_index
from webrtc.jsep.codecs import repeated
from webrtc.jsep.media import MediaTerms, carries_media
from webrtc.jsep.remote import RemoteLine
from webrtc.sdp import MediaDescription, SessionDescription

MAX_GROUPS: Final = 64
"""Groups of sections in a description; who bundles has one."""

_LIKE_RTCP: Final = range(64, 96)
"""Payload types that look like RTCP beside the marker bit. RFC 5761 §4."""


def compare(
    description: SessionDescription,
    before: SessionDescription | None,
    *,
    answer: bool,
    free: Collection[int] = (),
) -> None:
    """Compare the media sections with those that were there before.

    `before` is what an answer must match line for line, and what a later offer must keep, but for
    the places in `free`, whose sections either side has rejected. Raises InvalidAccessError.
    """
    _check_mids(description)
    for index in range(len(description.media)):
        if _lacks_rtcp_mux(description, index):
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
        # What was rejected is recycled: RFC 9429 §5.2.2.
        if answer or not (old.rejected or index in free):
            _check_section(index, old, new, answer=answer)


def check_media(lines: Iterable[RemoteLine], offer: SessionDescription | None) -> None:
    """Check the lines of media; `offer` is what they answer. Raises InvalidAccessError."""
    codecs: dict[tuple[int, int], object] = {}
    extensions: dict[tuple[int, int], str] = {}
    for line in lines:
        terms = line.content
        if not isinstance(terms, MediaTerms):
            continue
        _check_codecs(line.index, terms)
        _check_encodings(line.index, terms)
        if offer is not None and offer.media[line.index].protocol != terms.protocol:
            raise InvalidAccessError(f"media section {line.index}: protocol {terms.protocol:.80}")
        shared = line.transport.index
        for codec in terms.codecs:
            if codecs.setdefault((shared, codec.payload_type), codec.identity) != codec.identity:
                raise InvalidAccessError(f"payload type {codec.payload_type} of two codecs")
        for each in terms.extensions:
            if extensions.setdefault((shared, each.id), each.uri) != each.uri:
                raise InvalidAccessError(f"id {each.id} of two header extensions")


def _check_codecs(index: int, terms: MediaTerms) -> None:
    numbers = {codec.payload_type for codec in terms.codecs}
    for codec in terms.codecs:
        if codec.payload_type in _LIKE_RTCP:
            raise InvalidAccessError(
                f"media section {index}: payload type {codec.payload_type}, which RTCP has"
            )
        primary = repeated(codec)
        if primary is not None and primary not in numbers:
            raise InvalidAccessError(f"media section {index}: rtx of payload type {primary}")


def _check_encodings(index: int, terms: MediaTerms) -> None:
    told = {(rid.id, rid.direction) for rid in terms.rids}
    for direction, streams in (("send", terms.simulcast.send), ("recv", terms.simulcast.receive)):
        for encoding in (each for stream in streams for each in stream):
            if (encoding.rid, direction) not in told:
                raise InvalidAccessError(
                    f"media section {index}: simulcast of {encoding.rid:.80}, which has no a=rid"
                )


def _lacks_rtcp_mux(description: SessionDescription, index: int) -> bool:
    """Whether RTCP of a section would need a port of its own; in a bundle the tagged one says."""
    media = description.media[index]
    if media.rejected or media.has("rtcp-mux"):
        return False
    if not (media.is_rtp or carries_media(description, index)):
        return False
    return not description.media[transport_index(description, index, answer=True)].has("rtcp-mux")


def _check_mids(description: SessionDescription) -> None:
    mids = [media.mid for media in description.media if media.mid is not None]
    if len(set(mids)) != len(mids):
        raise InvalidAccessError(f"two media sections with one mid: {' '.join(mids)[:80]}")
    groups = len(description.get_all("group"))
    if groups > MAX_GROUPS:
        raise InvalidAccessError(f"{groups} groups, at most {MAX_GROUPS} are accepted")
    bundled = [mid for group in description.groups("BUNDLE") for mid in group.mids]
    for mid in bundled:
        if mid not in mids:
            raise InvalidAccessError(f"BUNDLE group with mid {mid:.80}, which no section has")
        if bundled.count(mid) > 1:
            raise InvalidAccessError(f"mid {mid:.80} is in two BUNDLE groups")


def _check_section(
    index: int, old: MediaDescription, new: MediaDescription, *, answer: bool
) -> None:
    if old.kind != new.kind:
        raise InvalidAccessError(f"media section {index} turned from {old.kind} to {new.kind}")
    if None not in (old.mid, new.mid) and old.mid != new.mid:
        raise InvalidAccessError(f"media section {index}: mid {new.mid} where {old.mid} was")
    if answer and old.rejected and not new.rejected:
        raise InvalidAccessError(f"media section {index} is accepted but was not offered")
