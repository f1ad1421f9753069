"""Whether what a transceiver wants is not yet what descriptions say. webrtc-pc §4.7.3, step 5."""

from collections.abc import Collection

from webrtc.jsep.media import MediaTerms
from webrtc.sdp import Direction


def needs_offer(
    direction: Direction,
    stream_ids: Collection[str],
    ours: MediaTerms,
    theirs: MediaTerms,
    *,
    offered: bool,
) -> bool:
    """Compare with the section in the descriptions in effect; `offered` says that ours offered.

    Streams are compared as sets, and tracks not at all.
    """
    told = ours.stream_ids
    if direction.sends and (told is None or set(told) != set(stream_ids)):
        return True
    if offered:
        return direction not in (ours.direction, theirs.direction.reversed())
    return ours.direction is not direction.intersect(theirs.direction.reversed())
