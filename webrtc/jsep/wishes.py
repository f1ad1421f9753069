"""What we want of the media in one section, and the offer or answer that follows from it.

RFC 9429 §5.2 and §5.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from webrtc.engine import HeaderExtension, Kind
from webrtc.jsep.codecs import (
    answered_codecs,
    is_primary,
    offered_codecs,
    ordered_as,
    repeated,
)
from webrtc.jsep.extensions import answered_extensions, offered_extensions
from webrtc.jsep.media import NO_STREAM, PROFILES, MediaSource, MediaTerms
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.simulcast import answered_layers, offered_layers
from webrtc.rtp import header_values as uris
from webrtc.sdp import Direction
from webrtc.sdp.attributes import ExtMap
from webrtc.sdp.codecs import Codec
from webrtc.sdp.sources import Msid, SsrcGroup

_MAX_PACKET_TIME: Final = 120
"""Milliseconds: nothing here minds how long a packet of audio is, and Opus has no longer ones."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a transceiver would have in its section if the peer agreed to all of it."""

    kind: Kind
    direction: Direction
    codecs: tuple[Codec, ...]
    """Those of the engine, or what of them is preferred, the preferred one first."""
    preferred: bool = False
    """Whether answers keep that order; else they have that of the offer."""
    extensions: tuple[HeaderExtension, ...] = ()
    stream_ids: tuple[str, ...] = ()
    """Of the track that is sent."""
    cname: str = ""
    ssrc: int | None = None
    """Source of the track, as long as that has one encoding."""
    repair_ssrc: int | None = None
    """Source of its retransmissions."""
    rids: tuple[str, ...] = ()
    """The encodings of the track; more than one make simulcast."""
    receive_rids: tuple[str, ...] = ()
    """The encodings that an offer asks the peer for."""
    receive_simulcast: bool = True
    """Whether an answer takes all encodings that the peer offers."""
    max_bitrate: int | None = None
    """The most to receive, in bits per second."""
    cryptex: bool = True
    """Whether header extensions may be encrypted."""


def offered_terms(wishes: Wishes, numbers: Numbers, last: MediaTerms | None = None) -> MediaTerms:
    """The section of an offer; `last` is what the last answer said in it, whosever that was."""
    direction = wishes.direction
    mixed = last is not None and last.mixed
    wanted = wishes.codecs
    if last is not None and not wishes.preferred:
        wanted = ordered_as(last.codecs, wanted)
    extensions = offered_extensions(wishes.extensions, numbers, mixed=mixed)
    named = _names_encodings(extensions)
    layers = offered_layers(
        wishes.rids if direction.sends and named else (),
        wishes.receive_rids if direction.receives and named else (),
    )
    terms = MediaTerms(
        kind=wishes.kind,
        direction=direction,
        codecs=offered_codecs(wanted, numbers),
        extensions=extensions,
        rids=layers.rids,
        simulcast=layers.simulcast,
        bandwidth=wishes.max_bitrate,
        max_packet_time=_max_packet_time(wishes),
        mux_only=True,
        reduced_size=True,
        receiver_times=True,
        mixed=True,
        cryptex=wishes.cryptex,
    )
    return _with_track(terms, wishes)


def answered_terms(wishes: Wishes, offered: MediaTerms) -> MediaTerms | None:
    """The section of the answer; None rejects it, for want of a codec that both sides have."""
    codecs = answered_codecs(wishes.codecs, offered.codecs, reorder=wishes.preferred)
    if offered.protocol not in PROFILES or not any(map(is_primary, codecs)):
        return None
    direction = wishes.direction.intersect(offered.direction.reversed())
    extensions = answered_extensions(wishes.extensions, offered.extensions, mixed=offered.mixed)
    named = _names_encodings(extensions)
    layers = answered_layers(
        offered,
        wishes.rids if direction.sends and named else (),
        {codec.payload_type for codec in codecs},
        receive=wishes.receive_simulcast and direction.receives and named,
    )
    terms = MediaTerms(
        kind=wishes.kind,
        direction=direction,
        codecs=codecs,
        protocol=offered.protocol,
        extensions=extensions,
        rids=layers.rids,
        simulcast=layers.simulcast,
        bandwidth=wishes.max_bitrate,
        max_packet_time=_max_packet_time(wishes),
        reduced_size=offered.reduced_size,
        receiver_times=offered.receiver_times,
        mixed=offered.mixed,
        cryptex=offered.cryptex and wishes.cryptex,
    )
    return _with_track(terms, wishes)


def _names_encodings(extensions: Iterable[ExtMap]) -> bool:
    """Whether packets can tell their encoding: without that there is no simulcast."""
    return any(each.uri == uris.RID for each in extensions)


def _max_packet_time(wishes: Wishes) -> int | None:
    return _MAX_PACKET_TIME if wishes.kind == "audio" else None


def _with_track(terms: MediaTerms, wishes: Wishes) -> MediaTerms:
    """The same with the streams and sources of what is sent.

    The streams are told even where the peer does not want to receive, or it would seem for ever
    that they have yet to be told: webrtc-pc §4.7.3.
    """
    if not wishes.direction.sends:
        return terms
    terms = replace(terms, msids=tuple(map(Msid, wishes.stream_ids or (NO_STREAM,))))
    if wishes.ssrc is None or terms.simulcast.send or not terms.direction.sends:
        return terms
    ssrcs = [wishes.ssrc]
    if wishes.repair_ssrc is not None and any(repeated(each) is not None for each in terms.codecs):
        ssrcs.append(wishes.repair_ssrc)
    return replace(
        terms,
        sources=tuple(MediaSource(each, wishes.cname) for each in ssrcs),
        groups=(SsrcGroup("FID", tuple(ssrcs)),) if len(ssrcs) > 1 else (),
    )
