"""Whose sound and pictures a receiver has given to its track of late. webrtc-pc §5.3."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from webrtc.errors import DecodeError
from webrtc.rtp import RtpPacket
from webrtc.rtp.extensions import decode_elements
from webrtc.rtp.header_values import (
    ABS_CAPTURE_TIME,
    AUDIO_LEVEL,
    CSRC_AUDIO_LEVEL,
    SILENCE,
    AbsCaptureTime,
    AudioLevel,
    decode_csrc_audio_levels,
)

LATE: Final = 10.0
"""Seconds after which a source is not shown any more."""
MAX_SOURCES: Final = 64
"""Sources that are remembered; the one that was silent for longest makes room."""
_NTP_MILLISECOND: Final = (1 << 32) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCRtpContributingSource:
    """A source that was heard in the last ten seconds. webrtc-pc §5.3.1, webrtc-extensions §9."""

    timestamp: float
    """When the track was last given something of it: milliseconds since 1970."""
    source: int
    """Its SSRC or CSRC."""
    audio_level: float | None = None
    """From 0 for silence to 1; None when the peer does not tell."""
    rtp_timestamp: int
    """Of what was given last."""
    capture_timestamp: float | None = None
    """When that was captured: milliseconds since 1900 by the capturer's clock."""
    sender_capture_time_offset: float | None = None
    """Milliseconds that the sender's clock is ahead of the capturer's."""


class HeardSources:
    """Remembers the last packet of each source; what it says is looked up when it is asked for."""

    def __init__(self) -> None:
        self._synchronization: dict[int, tuple[RtpPacket, float]] = {}
        self._contributing: dict[int, tuple[RtpPacket, float]] = {}

    def note(self, packet: RtpPacket, now: float) -> None:
        """Something that began with this packet was given to the track."""
        self._synchronization[packet.ssrc] = packet, now
        for csrc in packet.csrcs:
            self._contributing[csrc] = packet, now
        if len(self._synchronization) > MAX_SOURCES:
            _forget_one(self._synchronization)
        while len(self._contributing) > MAX_SOURCES:
            _forget_one(self._contributing)

    def synchronization(
        self, ids: Mapping[str, int], unix_at_zero: float, now: float
    ) -> list[RTCRtpContributingSource]:
        """Those that have sent the packets, the newest first.

        `ids`: of header extensions, by URI; `unix_at_zero`: seconds since 1970 when the clock of
        `now` showed 0.
        """
        found = []
        for ssrc, packet, at in _late(self._synchronization, now):
            elements = _elements(packet)
            level = _level(elements.get(ids.get(AUDIO_LEVEL, 0)))
            found.append(_shown(ssrc, packet, unix_at_zero + at, level, elements, ids))
        return found

    def contributing(
        self, ids: Mapping[str, int], unix_at_zero: float, now: float
    ) -> list[RTCRtpContributingSource]:
        """Those that a mixer has put into the packets, the newest first."""
        found = []
        for csrc, packet, at in _late(self._contributing, now):
            elements = _elements(packet)
            levels = _levels(elements.get(ids.get(CSRC_AUDIO_LEVEL, 0)))
            place = packet.csrcs.index(csrc)
            level = levels[place] if place < len(levels) else None
            found.append(_shown(csrc, packet, unix_at_zero + at, level, elements, ids))
        return found


def _late(
    sources: dict[int, tuple[RtpPacket, float]], now: float
) -> Iterator[tuple[int, RtpPacket, float]]:
    newest = sorted(sources.items(), key=lambda each: each[1][1], reverse=True)
    for source, (packet, at) in newest:
        if at >= now - LATE:
            yield source, packet, at


def _forget_one(sources: dict[int, tuple[RtpPacket, float]]) -> None:
    del sources[min(sources, key=lambda source: sources[source][1])]


def _shown(
    source: int,
    packet: RtpPacket,
    unix: float,
    level: int | None,
    elements: Mapping[int, bytes],
    ids: Mapping[str, int],
) -> RTCRtpContributingSource:
    captured = _captured(elements.get(ids.get(ABS_CAPTURE_TIME, 0)))
    offset = captured.clock_offset if captured is not None else None
    return RTCRtpContributingSource(
        timestamp=unix * 1000,
        source=source,
        audio_level=_linear(level),
        rtp_timestamp=packet.timestamp,
        capture_timestamp=captured.ntp / _NTP_MILLISECOND if captured is not None else None,
        sender_capture_time_offset=offset / _NTP_MILLISECOND if offset is not None else None,
    )


def _elements(packet: RtpPacket) -> dict[int, bytes]:
    try:
        return dict(decode_elements(packet.extension_profile, packet.extension))
    except DecodeError:
        return {}


def _level(value: bytes | None) -> int | None:
    try:
        return AudioLevel.decode(value).level if value is not None else None
    except DecodeError:
        return None


def _levels(value: bytes | None) -> tuple[int, ...]:
    try:
        return decode_csrc_audio_levels(value) if value is not None else ()
    except DecodeError:
        return ()


def _captured(value: bytes | None) -> AbsCaptureTime | None:
    try:
        return AbsCaptureTime.decode(value) if value is not None else None
    except DecodeError:
        return None


def _linear(level: int | None) -> float | None:
    """From -dBov. webrtc-pc §5.3.1: 127 is 0."""
    if level is None:
        return None
    return 0.0 if level == SILENCE else 10 ** (-level / 20)
