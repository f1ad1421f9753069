"""RTCRtpTransceiver. webrtc-pc §5.4."""

from collections.abc import Sequence

from webrtc.aio.net.driver import Driver
from webrtc.aio.rtp.receiver import RTCRtpReceiver
from webrtc.aio.rtp.sender import RTCRtpSender
from webrtc.peer import PeerConnection
from webrtc.peer.parameters import RTCRtpCodec, RTCRtpTransceiverDirection
from webrtc.peer.transceiver import MediaKind, Transceiver
from webrtc.util.spelling import Hinting


class RTCRtpTransceiver(Hinting):
    """A sender and a receiver that share one section of the descriptions."""

    def __init__(
        self,
        core: PeerConnection,
        driver: Driver,
        transceiver: Transceiver,
        sender: RTCRtpSender,
        receiver: RTCRtpReceiver,
    ) -> None:
        self._core = core
        self._driver = driver
        self._transceiver = transceiver
        self._sender = sender
        self._receiver = receiver

    def __repr__(self) -> str:
        return f"<RTCRtpTransceiver {self.kind} mid={self.mid} {self.direction}>"

    @property
    def kind(self) -> MediaKind:
        """`audio` or `video`."""
        return self._transceiver.kind

    @property
    def mid(self) -> str | None:
        """Of its section; None before a description has it."""
        return self._transceiver.mid

    @property
    def sender(self) -> RTCRtpSender:
        """What sends."""
        return self._sender

    @property
    def receiver(self) -> RTCRtpReceiver:
        """What receives."""
        return self._receiver

    @property
    def direction(self) -> RTCRtpTransceiverDirection:
        """What is wanted; another one needs a negotiation. "stopped" once `stop` was called.

        Setting it raises InvalidStateError when stopped, TypeError for "stopped" and what is none.
        """
        return self._transceiver.shown_direction

    @direction.setter
    def direction(self, value: RTCRtpTransceiverDirection) -> None:
        self._core.media.set_direction(self._transceiver, value)
        self._driver.flush_soon()

    @property
    def current_direction(self) -> RTCRtpTransceiverDirection | None:
        """What was agreed on; None before the first answer."""
        return self._transceiver.shown_current_direction

    def stop(self) -> None:
        """Send and receive nothing more, for good; a negotiation tells the peer.

        Raises InvalidStateError when the connection is closed. Harmless when stopped.
        """
        self._core.media.stop(self._transceiver, self._driver.time())
        self._sender.follow()
        self._receiver.end()
        self._driver.flush_soon()

    def set_codec_preferences(self, codecs: Sequence[RTCRtpCodec]) -> None:
        """Use these codecs alone, in this order, from the next description on; none resets it.

        Raises InvalidModificationError for one that can be neither sent nor received.
        """
        self._core.media.set_codec_preferences(self._transceiver, codecs)
