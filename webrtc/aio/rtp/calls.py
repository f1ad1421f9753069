"""The part of a connection that has audio and video. webrtc-pc §5.1."""

from collections.abc import Sequence

from webrtc.aio.net.driver import Driver
from webrtc.aio.rtp.receiver import RTCRtpReceiver
from webrtc.aio.rtp.sender import RTCRtpSender, codec_of
from webrtc.aio.rtp.transceiver import RTCRtpTransceiver
from webrtc.aio.rtp.transceivers import Transceivers
from webrtc.aio.tracks import MediaStream, MediaStreamTrack
from webrtc.aio.view import View
from webrtc.peer.parameters import RTCRtpEncodingParameters, RTCRtpTransceiverDirection
from webrtc.util.webidl import instance, sequence


class Calls(View):
    """Adds, removes and lists what is sent and received."""

    _driver: Driver
    _transceivers: Transceivers

    def add_track(self, track: MediaStreamTrack, *streams: MediaStream) -> RTCRtpSender:
        """Send a track, and say that it belongs to `streams`. A negotiation follows.

        Raises InvalidStateError when closed, InvalidAccessError for a track that is sent already.
        """
        instance("track", track, MediaStreamTrack)
        for stream in streams:
            instance("streams", stream, MediaStream)
        ids = [stream.id for stream in streams]
        found = self._core.media.add_track(track.kind, track, ids, codec_of(track))
        sender = self._transceivers.wrap(found).sender
        sender.follow()
        self._driver.flush_soon()
        return sender

    def remove_track(self, sender: RTCRtpSender) -> None:
        """Send the track of a sender no longer. A negotiation follows.

        Raises InvalidStateError when closed, InvalidAccessError for another connection's sender.
        """
        instance("sender", sender, RTCRtpSender)
        self._transceivers.remove_track(sender)
        self._driver.flush_soon()

    def add_transceiver(
        self,
        track_or_kind: MediaStreamTrack | str,
        *,
        direction: RTCRtpTransceiverDirection = "sendrecv",
        streams: Sequence[MediaStream] = (),
        send_encodings: Sequence[RTCRtpEncodingParameters] = (),
    ) -> RTCRtpTransceiver:
        """Make a sender and a receiver, of a track or for one to come. A negotiation follows.

        Raises InvalidStateError when closed, TypeError for a kind, direction or rid that cannot be,
        ValueError for a scale below 1 or a negative frame rate, OperationError for a codec that
        cannot be sent.
        """
        sequence("streams", streams, MediaStream)
        track = track_or_kind if isinstance(track_or_kind, MediaStreamTrack) else None
        kind = track_or_kind if track is None else track.kind
        ids = [stream.id for stream in streams]
        made = self._core.media.add_transceiver(
            str(kind), track, codec_of(track), direction, ids, send_encodings
        )
        self._driver.flush_soon()
        return self._transceivers.wrap(made)

    def get_transceivers(self) -> list[RTCRtpTransceiver]:
        """All of them in order of creation, until they are stopped and negotiated away."""
        return list(self._transceivers)

    def get_senders(self) -> list[RTCRtpSender]:
        """Those of transceivers that are not stopped."""
        return [each.sender for each in self._transceivers.live]

    def get_receivers(self) -> list[RTCRtpReceiver]:
        """Those of transceivers that are not stopped."""
        return [each.receiver for each in self._transceivers.live]
