"""What a statistics report says of audio and video: dictionaries of webrtc-stats §8.

Members that need a decoder or an encoder are not here: nothing decodes or encodes.
"""

from dataclasses import dataclass
from typing import Literal

from webrtc.peer.report import RTCStats

Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCCodecStats(RTCStats):
    """webrtc-stats, `codec`: one that a stream of the report uses."""

    type: Literal["codec"] = "codec"
    payload_type: int
    transport_id: str
    mime_type: str
    clock_rate: int
    channels: int | None
    sdp_fmtp_line: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpStreamStats(RTCStats):
    """What all streams have. webrtc-stats, `RTCRtpStreamStats`."""

    ssrc: int
    kind: Kind
    transport_id: str
    codec_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCInboundRtpStreamStats(RTCRtpStreamStats):
    """webrtc-stats, `inbound-rtp`: one encoding as it comes."""

    type: Literal["inbound-rtp"] = "inbound-rtp"
    track_identifier: str
    mid: str | None
    rid: str | None
    """Browsers have none, since no server sends them several encodings."""
    remote_id: str | None
    packets_received: int
    packets_lost: int
    """Those that were repaired are not among them; below 0 after duplicates."""
    jitter: float
    bytes_received: int
    header_bytes_received: int
    retransmitted_packets_received: int
    retransmitted_bytes_received: int
    rtx_ssrc: int | None
    last_packet_received_timestamp: float | None
    frames_received: int | None
    """Whole ones; those that somebody reads, or records, are put together and counted."""
    key_frames_received: int | None
    """Not in the specification, which counts those that were decoded."""
    frames_dropped: int | None
    """Those that could not be used: not whole, or without the ones they refer to."""
    frame_width: int | None
    """In pixels, of the last key frame."""
    frame_height: int | None
    nack_count: int
    pli_count: int | None
    fir_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRemoteOutboundRtpStreamStats(RTCRtpStreamStats):
    """webrtc-stats, `remote-outbound-rtp`: what the peer says of a stream that it sends."""

    type: Literal["remote-outbound-rtp"] = "remote-outbound-rtp"
    local_id: str
    remote_timestamp: float
    packets_sent: int
    bytes_sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCOutboundRtpStreamStats(RTCRtpStreamStats):
    """webrtc-stats, `outbound-rtp`: one encoding as it is sent."""

    type: Literal["outbound-rtp"] = "outbound-rtp"
    mid: str | None
    rid: str | None
    media_source_id: str | None
    remote_id: str | None
    rtx_ssrc: int | None
    packets_sent: int
    bytes_sent: int
    header_bytes_sent: int
    retransmitted_packets_sent: int
    retransmitted_bytes_sent: int
    frames_sent: int | None
    frame_width: int | None
    """In pixels, of the last key frame."""
    frame_height: int | None
    nack_count: int
    pli_count: int | None
    fir_count: int | None
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRemoteInboundRtpStreamStats(RTCRtpStreamStats):
    """webrtc-stats, `remote-inbound-rtp`: what the peer says of a stream that it receives."""

    type: Literal["remote-inbound-rtp"] = "remote-inbound-rtp"
    local_id: str
    packets_lost: int
    fraction_lost: float
    """Since the report before, 0 to 1."""
    jitter: float
    round_trip_time: float | None
    total_round_trip_time: float
    round_trip_time_measurements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCMediaSourceStats(RTCStats):
    """webrtc-stats, `media-source`: the track that a sender sends."""

    type: Literal["media-source"] = "media-source"
    track_identifier: str
    kind: Kind
    width: int | None
    """In pixels, of the last key frame."""
    height: int | None
    frames: int | None
