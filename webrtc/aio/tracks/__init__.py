"""Tracks and streams: what is sent, and what comes. mediacapture-main §4."""

from webrtc.aio.tracks.encoded import EncodedTrack, RtpTrack
from webrtc.aio.tracks.stream import MediaStream
from webrtc.aio.tracks.track import MediaKind, MediaStreamTrack

__all__ = ["EncodedTrack", "MediaKind", "MediaStream", "MediaStreamTrack", "RtpTrack"]
