"""Local tracks whose content is encoded already: frames, or RTP packets as another peer made them.

They need no codec: a file, a camera that encodes, or a peer whose media is forwarded feeds them.
"""

from collections.abc import Sequence
from typing import Protocol

from webrtc.aio.loop.emitter import EventHandler
from webrtc.aio.tracks.track import MediaKind, MediaStreamTrack
from webrtc.errors import InvalidStateError, MediaError
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.util.webidl import instance, text

MAX_FRAME = 8 << 20
"""Bytes of a frame."""


Carried = Sequence[tuple[str, bytes]]
"""Header extension elements, each with its URI."""


class Sink(Protocol):
    """A sender, as a track sees it. `rid` names the encoding; None is the only one."""

    def send_frame(self, frame: EncodedFrame, rid: str | None) -> None:
        """Send a frame. Raises ValueError for one that its codec cannot be."""

    def send_packet(self, packet: RtpPacket, rid: str | None, carried: Carried = ()) -> None:
        """Send a packet with numbers of its own."""

    @property
    def ready(self) -> bool:
        """Whether what it is given now is sent."""


class Fed(MediaStreamTrack):
    """What tracks have that the application feeds with encoded media, for any number of senders.

    Events: `keyframerequest` (the name of the encoding, None for the only one): the peer can go on
    only from a key frame. `bitratewanted` (the name, bits a second): what the path, the peer and
    the parameters of the sender take. `error` (a MediaError): a peer does not take the codec, and
    nothing is sent to it.
    """

    onkeyframerequest = EventHandler("keyframerequest")
    onbitratewanted = EventHandler("bitratewanted")
    onerror = EventHandler("error")

    def __init__(
        self, kind: MediaKind, codec: str, parameters: str | None = None, label: str = ""
    ) -> None:
        """`codec` is an encoding name ("VP8", "opus"), `parameters` its fmtp.

        Senders of the track put that codec first into their descriptions.
        """
        super().__init__(kind, label)
        text("codec", codec)
        if parameters is not None:
            text("parameters", parameters)
        self.codec = codec
        self.parameters = parameters
        self._sinks: dict[Sink, None] = {}

    def add_sink(self, sink: Sink) -> None:
        """Called by a sender that sends this track."""
        self._sinks[sink] = None

    def remove_sink(self, sink: Sink) -> None:
        """Called by a sender that sends it no more."""
        self._sinks.pop(sink, None)

    def fail(self, error: MediaError) -> None:
        """Called by a sender that can send nothing of it."""
        if self.listeners("error"):
            self.emit("error", error)

    def _check_live(self) -> None:
        if self.ready_state == "ended":
            raise InvalidStateError("send() on a track that has ended")


class EncodedTrack(Fed):
    """A track of frames."""

    def send(self, frame: EncodedFrame, rid: str | None = None) -> None:
        """Give the next frame to every sender of this track, to its encoding `rid`.

        It is dropped where nothing is connected, nothing wanted or the encoding not active.
        Raises ValueError for a frame that cannot be: of another codec, empty, over 8 MiB, in
        another form, with a timestamp before the last; InvalidStateError once the track has ended.
        """
        instance("frame", frame, EncodedFrame)
        self._check_live()
        if frame.codec.lower() != self.codec.lower():
            raise ValueError(f"a frame of {frame.codec} on a track of {self.codec}")
        if not 0 < len(frame.data) <= MAX_FRAME:
            raise ValueError(f"a frame of {len(frame.data)} bytes: 1 to {MAX_FRAME} can be sent")
        for sink in tuple(self._sinks):
            sink.send_frame(frame, rid)


class RtpTrack(Fed):
    """A track of RTP packets."""

    def send(self, packet: RtpPacket, rid: str | None = None, carried: Carried = ()) -> None:
        """Give the next packet to every sender of this track, to its encoding `rid`.

        SSRC, sequence number, timestamp and payload type become each sender's; gaps stay gaps.
        Header extensions are each sender's own: of the elements in `carried` those go with them
        that its peer has agreed on.
        Raises InvalidStateError once the track has ended.
        """
        instance("packet", packet, RtpPacket)
        self._check_live()
        for sink in tuple(self._sinks):
            sink.send_packet(packet, rid, carried)
