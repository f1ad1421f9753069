"""Media to describe."""

from dataclasses import replace
from typing import Any

from webrtc.engine import Kind, MediaEngine
from webrtc.jsep.media import MediaTerms
from webrtc.jsep.wishes import Wishes
from webrtc.sdp import Direction

ENGINE = MediaEngine()
KINDS: tuple[Kind, Kind] = ("audio", "video")


def wishes(kind: Kind, direction: Direction = Direction.SENDRECV) -> Wishes:
    """A transceiver with a track in one stream."""
    return Wishes(
        kind,
        direction,
        ENGINE.codecs(kind),
        extensions=ENGINE.extensions_of(kind),
        stream_ids=("stream",),
        cname="cname",
        ssrc=1,
        repair_ssrc=2,
    )


def without(terms: MediaTerms, name: str) -> MediaTerms:
    """The same with one member false."""
    change: dict[str, Any] = {name: False}
    return replace(terms, **change)
