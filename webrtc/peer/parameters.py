"""What senders, receivers and transceivers are told and tell: the dictionaries of webrtc-pc §5.2.

Each is checked here, once, in the order that the text has.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from webrtc.errors import InvalidModificationError, OperationError
from webrtc.util.webidl import one_of, sequence, text

RTCRtpTransceiverDirection = Literal["sendrecv", "sendonly", "recvonly", "inactive", "stopped"]
"""webrtc-pc §5.4."""
RTCDegradationPreference = Literal[
    "balanced", "maintain-framerate", "maintain-resolution", "maintain-framerate-and-resolution"
]
"""What gives way when not all can be sent. mst-content-hint §4."""
MAX_ENCODINGS: Final = 8
"""Encodings of one sender; more are cut off, as webrtc-pc §5.1.2 lets."""

_RID = re.compile(r"[A-Za-z0-9]{1,16}")
_PRIORITIES = ("very-low", "low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpCodec:
    """A codec and how it is configured. webrtc-pc §5.2.7."""

    mime_type: str
    """`video/VP8`; letter case does not matter."""
    clock_rate: int
    """Of RTP timestamps, in Hz."""
    channels: int | None = None
    """Of audio."""
    sdp_fmtp_line: str | None = None
    """`a=fmtp` without the payload type."""

    @property
    def name(self) -> str:
        """The encoding name of `a=rtpmap`."""
        return self.mime_type.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpCodecParameters(RTCRtpCodec):
    """A codec as a description has it."""

    payload_type: int
    """What stands for it in packets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpHeaderExtensionParameters:
    """A header extension that is in use."""

    uri: str
    """What it means."""
    id: int
    """What stands for it in packets."""
    encrypted: bool = False
    """Whether it is encrypted by itself, which it never is: RFC 6904 is not spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtcpParameters:
    """How RTCP is used."""

    cname: str | None = None
    """What ties the streams of one sender together; a receiver's parameters have none."""
    reduced_size: bool = False
    """Whether single packets are sent without a report. RFC 5506."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCResolutionRestriction:
    """A box that pictures are scaled down to fit in, in pixels. webrtc-extensions §6."""

    max_width: int
    """Of the picture."""
    max_height: int
    """Of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpEncodingParameters:
    """One stream of a sender. webrtc-pc §5.2.5, webrtc-extensions §6."""

    rid: str | None = None
    """Its name where there are several."""
    active: bool = True
    """Whether it is sent."""
    codec: RTCRtpCodec | None = None
    """Which codec to use; None leaves it to the description."""
    max_bitrate: int | None = None
    """Bits a second."""
    max_framerate: float | None = None
    """Pictures a second; 0 sends none but the first."""
    scale_resolution_down_by: float | None = None
    """Of video: by how much both sides of a picture are divided."""
    scale_resolution_down_to: RTCResolutionRestriction | None = None
    """Of video: the box to fit in; it beats `scale_resolution_down_by`."""
    priority: str = "low"
    """Which encoding is served first when not all can be: "very-low" to "high"."""
    network_priority: str = "low"
    """How its packets are marked."""
    adaptive_ptime: bool = False
    """Of audio: whether packets may become longer."""
    ptime: int | None = None
    """Of audio: milliseconds in a packet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpSendParameters:
    """How a sender sends. webrtc-pc §5.2.4."""

    transaction_id: str
    """Of the `get_parameters` that they come from."""
    encodings: tuple[RTCRtpEncodingParameters, ...]
    """The streams, one or those of simulcast."""
    header_extensions: tuple[RTCRtpHeaderExtensionParameters, ...] = ()
    """Those that were agreed on."""
    rtcp: RTCRtcpParameters = RTCRtcpParameters()
    """How RTCP is used."""
    codecs: tuple[RTCRtpCodecParameters, ...] = ()
    """Those that were agreed on, as the peer prefers them."""
    degradation_preference: RTCDegradationPreference | None = None
    """What gives way when not all can be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpReceiveParameters:
    """What a receiver takes. webrtc-pc §5.2.3."""

    header_extensions: tuple[RTCRtpHeaderExtensionParameters, ...] = ()
    """Those that were agreed on."""
    rtcp: RTCRtcpParameters = RTCRtcpParameters()
    """How RTCP is used."""
    codecs: tuple[RTCRtpCodecParameters, ...] = ()
    """Those that may come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpHeaderExtensionCapability:
    """A header extension and how it is offered. webrtc-extensions §5."""

    uri: str
    """What it means."""
    direction: RTCRtpTransceiverDirection = "sendrecv"
    """How it is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpCapabilities:
    """What can be sent or received of one kind. webrtc-pc §5.2.9."""

    codecs: tuple[RTCRtpCodec, ...]
    """The preferred ones first."""
    header_extensions: tuple[RTCRtpHeaderExtensionCapability, ...] = ()
    """All that are known."""


def initial_encodings(
    kind: str,
    encodings: Sequence[RTCRtpEncodingParameters],
    capable: Collection[RTCRtpCodec],
) -> tuple[RTCRtpEncodingParameters, ...]:
    """The encodings that a transceiver begins with. webrtc-pc §5.1.2, addTransceiver, step 9.

    `capable` is what can be sent. Raises TypeError for rids that cannot be, OperationError for a
    codec that cannot be sent, RangeError's counterpart ValueError for a scale or rate.
    """
    sequence("send_encodings", encodings, RTCRtpEncodingParameters)
    if not encodings:
        scale = 1.0 if kind == "video" else None
        return (RTCRtpEncodingParameters(scale_resolution_down_by=scale),)
    _check_rids(encodings)
    for each in encodings:
        one_of("priority", each.priority, _PRIORITIES)
        one_of("network_priority", each.network_priority, _PRIORITIES)
        if each.codec is not None and not any(matches(each.codec, one) for one in capable):
            raise OperationError(f"{each.codec.mime_type} cannot be sent")
    _check_boxes(encodings, OperationError)
    kept = [_of_kind(kind, each) for each in encodings]
    _check_ranges(kept)
    if any(each.scale_resolution_down_by is not None for each in kept):
        kept = [_with_scale(each) for each in kept]
    del kept[MAX_ENCODINGS:]
    count = len(kept)
    if kind == "video" and kept[0].scale_resolution_down_by is None:
        kept = [
            replace(each, scale_resolution_down_by=float(2 ** (count - 1 - index)))
            for index, each in enumerate(kept)
        ]
    if count == 1:
        kept = [replace(kept[0], rid=None)]
    elif kept[0].rid is None:
        kept = [replace(each, rid=str(index)) for index, each in enumerate(kept)]
    return tuple(kept)


def changed_encodings(
    kind: str, told: RTCRtpSendParameters, wanted: RTCRtpSendParameters
) -> tuple[RTCRtpEncodingParameters, ...]:
    """The encodings that `wanted` asks for, where `told` is what was got. webrtc-pc §5.2.2.

    Raises InvalidModificationError where something was changed that only can be read, ValueError
    for a scale or rate, TypeError for a member of another type.
    """
    text("transaction_id", wanted.transaction_id)
    sequence("encodings", wanted.encodings, RTCRtpEncodingParameters)
    if [each.rid for each in told.encodings] != [each.rid for each in wanted.encodings]:
        raise InvalidModificationError("encodings were added, removed, renamed or put in order")
    for name in ("transaction_id", "codecs", "header_extensions", "rtcp"):
        if getattr(told, name) != getattr(wanted, name):
            raise InvalidModificationError(f"{name} can only be read")
    if wanted.degradation_preference is not None:
        one_of(
            "degradation_preference",
            wanted.degradation_preference,
            get_args(RTCDegradationPreference),
        )
    for each in wanted.encodings:
        one_of("priority", each.priority, _PRIORITIES)
        one_of("network_priority", each.network_priority, _PRIORITIES)
        codec = each.codec
        if codec is not None and not any(matches(codec, one) for one in told.codecs):
            raise InvalidModificationError(f"{codec.mime_type} was not negotiated")
    _check_boxes(wanted.encodings, InvalidModificationError)
    kept = [_of_kind(kind, each) for each in wanted.encodings]
    if kind == "video":
        kept = [_with_scale(each) for each in kept]
    _check_ranges(kept)
    return tuple(kept)


def matches(one: RTCRtpCodec, other: RTCRtpCodec) -> bool:
    """Whether two codecs are the same. webrtc-pc §5.2.8; `sdp_fmtp_line` in any order."""
    return (
        one.mime_type.lower() == other.mime_type.lower()
        and one.clock_rate == other.clock_rate
        and one.channels == other.channels
        and _parameters(one.sdp_fmtp_line) == _parameters(other.sdp_fmtp_line)
    )


def _parameters(line: str | None) -> frozenset[str] | None:
    if line is None:
        return None
    return frozenset(part.strip().lower() for part in line.split(";") if part.strip())


def _check_rids(encodings: Sequence[RTCRtpEncodingParameters]) -> None:
    rids = [each.rid for each in encodings if each.rid is not None]
    for rid in rids:
        text("rid", rid)
        if not _RID.fullmatch(rid):
            raise TypeError(f"rid {rid!r:.80} is not 1 to 16 letters and digits")
    if rids and len(rids) < len(encodings):
        raise TypeError("some encodings have a rid and some have none")
    if len(set(rids)) < len(rids):
        raise TypeError("two encodings have one rid")


def _check_boxes(
    encodings: Sequence[RTCRtpEncodingParameters],
    error: type[OperationError] | type[InvalidModificationError],
) -> None:
    """All active encodings have a box, or none has. webrtc-extensions §6."""
    boxes = [each.scale_resolution_down_to for each in encodings if each.active]
    given = [box for box in boxes if box is not None]
    if given and len(given) < len(boxes):
        raise error("scale_resolution_down_to is for all active encodings or for none")
    if any(box.max_width < 1 or box.max_height < 1 for box in given):
        raise error("scale_resolution_down_to has a side of less than a pixel")


def _check_ranges(encodings: Sequence[RTCRtpEncodingParameters]) -> None:
    for each in encodings:
        scale, rate = each.scale_resolution_down_by, each.max_framerate
        if scale is not None and not scale >= 1.0:
            raise ValueError(f"scale_resolution_down_by {scale} is below 1")
        if rate is not None and not rate >= 0.0:
            raise ValueError(f"max_framerate {rate} is below 0")


def _of_kind(kind: str, encoding: RTCRtpEncodingParameters) -> RTCRtpEncodingParameters:
    """Without what means nothing for audio."""
    if kind == "video":
        return encoding
    return replace(
        encoding, scale_resolution_down_by=None, scale_resolution_down_to=None, max_framerate=None
    )


def _with_scale(encoding: RTCRtpEncodingParameters) -> RTCRtpEncodingParameters:
    if encoding.scale_resolution_down_by is not None:
        return encoding
    return replace(encoding, scale_resolution_down_by=1.0)
