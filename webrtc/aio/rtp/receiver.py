"""RTCRtpReceiver. webrtc-pc §5.3."""

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.net.driver import Driver
from webrtc.aio.rtp.transform import Transform, Transformer
from webrtc.aio.tracks.mailbox import Mailbox
from webrtc.aio.tracks.track import MediaStreamTrack
from webrtc.aio.transports import RTCDtlsTransport
from webrtc.errors import DecodeError, InvalidStateError
from webrtc.peer import PeerConnection
from webrtc.peer.heard_sources import HeardSources, RTCRtpContributingSource
from webrtc.peer.media import capabilities
from webrtc.peer.parameters import RTCRtpCapabilities, RTCRtpReceiveParameters
from webrtc.peer.transceiver import Transceiver
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.rtp.payload.events import TONES, Listener
from webrtc.streams import Receiver
from webrtc.util.webidl import instance, number

MAX_FRAMES: Final = 64
"""Frames that wait for a reader; the oldest are dropped."""
MAX_PACKETS: Final = 1024
"""Packets that wait for a reader; the oldest are dropped."""
MAX_TARGET: Final = 4000
"""Milliseconds of `jitter_buffer_target`. webrtc-pc §5.3."""

TELEPHONE_EVENT: Final = "telephone-event"

ItemT = TypeVar("ItemT")
TakenT_contra = TypeVar("TakenT_contra", contravariant=True)


class Reader(Protocol[TakenT_contra]):
    """Takes what a receiver has, as it comes."""

    def put(self, item: TakenT_contra) -> None:
        """Take the next one."""

    def close(self) -> None:
        """Nothing more comes."""


class RTCRtpReceiver(Emitter):
    """Receives one track, of which there may be several encodings.

    Events: `dtmf` (a key of a telephone, "0" to "9", "A" to "D", "#" or "*"): the peer has pressed
    it.
    """

    ondtmf = EventHandler("dtmf")

    def __init__(
        self,
        core: PeerConnection,
        driver: Driver,
        transceiver: Transceiver,
        transport: Callable[[Transceiver], RTCDtlsTransport | None],
    ) -> None:
        super().__init__(Tasks())
        self._core = core
        self._driver = driver
        self._transceiver = transceiver
        self._transport = transport
        self._track = MediaStreamTrack(transceiver.kind, f"remote {transceiver.kind}")
        self._track.set_muted(True)
        transceiver.track_id = self._track.id
        self._frames: list[Reader[EncodedFrame]] = []
        self._packets: list[Reader[RtpPacket]] = []
        self._sources = HeardSources()
        self._keys = Listener()
        self._target: float | None = None
        self._paused = False
        self._transform: Transform | None = None
        self._transformer: Transformer | None = None

    @staticmethod
    def get_capabilities(kind: str) -> RTCRtpCapabilities | None:
        """What can be received of `audio` or `video`; None for another kind."""
        return capabilities(kind)

    @property
    def track(self) -> MediaStreamTrack:
        """What comes: the same object from the beginning to the end."""
        return self._track

    @property
    def transport(self) -> RTCDtlsTransport | None:
        """Over which it comes; None until a description says so."""
        return self._transport(self._transceiver)

    def get_parameters(self) -> RTCRtpReceiveParameters:
        """What may come."""
        return self._core.media.receive_parameters(self._transceiver)

    @property
    def jitter_buffer_target(self) -> float | None:
        """Milliseconds that a missing packet is waited for at most; None leaves it to the library.

        Setting it raises ValueError below 0 and above 4000.
        """
        return self._target

    @jitter_buffer_target.setter
    def jitter_buffer_target(self, milliseconds: float | None) -> None:
        if milliseconds is not None:
            number("jitter_buffer_target", milliseconds)
            if not 0 <= milliseconds <= MAX_TARGET:
                raise ValueError(
                    f"jitter_buffer_target of {milliseconds} ms, not 0 to {MAX_TARGET}"
                )
        self._target = milliseconds
        seconds = None if milliseconds is None else milliseconds / 1000
        self._core.media.wait_at_most(self._transceiver, seconds)

    def get_contributing_sources(self) -> list[RTCRtpContributingSource]:
        """Those that a mixer has put into what the track was given in the last ten seconds."""
        return self._heard(contributing=True)

    def get_synchronization_sources(self) -> list[RTCRtpContributingSource]:
        """Those that have sent what the track was given in the last ten seconds."""
        return self._heard(contributing=False)

    @property
    def transform(self) -> Transform | None:
        """What is done with frames before they are read. Setting it replaces the one before.

        Raises InvalidStateError for one that another has.
        """
        return self._transform

    @transform.setter
    def transform(self, transform: Transform | None) -> None:
        made = None
        if transform is not None:
            instance("transform", transform, Transform)
            made = Transformer(
                transform,
                self._give,
                lambda _: self.request_keyframe(),
                sender=False,
                kind=self._transceiver.kind,
            )
        if self._transformer is not None:
            self._transformer.end()
        self._transform, self._transformer = transform, made

    def pause(self) -> None:
        """Give nothing to those who read, until `resume`. The peer goes on and hears of nothing."""
        self._paused = True
        self._follow_readers()

    def resume(self) -> None:
        """End `pause`: those who read go on with a key frame."""
        if self._paused:
            self._paused = False
            self._follow_readers()
            if self._transceiver.kind == "video" and (self._frames or self._packets):
                self.request_keyframe()

    async def encoded_frames(self) -> AsyncGenerator[EncodedFrame, None]:
        """Frames as the peer has encoded them, whole and in order, from a key frame on.

        Ends with the track. Whoever reads too slowly loses the oldest ones.
        """
        mailbox = Mailbox[EncodedFrame](MAX_FRAMES)
        self._begin(self._frames, mailbox)
        try:
            while (frame := await mailbox.get()) is not None:
                yield frame
        finally:
            self._frames.remove(mailbox)
            self._follow_readers()

    async def rtp(self) -> AsyncGenerator[RtpPacket, None]:
        """Packets as they arrive, without repetitions, those that were repaired in between.

        Ends with the track. Whoever reads too slowly loses the oldest ones.
        """
        mailbox = Mailbox[RtpPacket](MAX_PACKETS)
        self._begin(self._packets, mailbox)
        try:
            while (packet := await mailbox.get()) is not None:
                yield packet
        finally:
            self._packets.remove(mailbox)
            self._follow_readers()

    def request_keyframe(self) -> None:
        """Ask the peer for a key frame, at most once a round trip.

        Raises InvalidStateError for audio.
        """
        if self._transceiver.kind != "video":
            raise InvalidStateError("request_keyframe() of audio")
        self._core.media.request_keyframe(self._transceiver, self._driver.time())
        self._driver.flush_soon()

    # For a forwarder

    def attach(self, reader: Reader[RtpPacket]) -> None:
        """Give a reader every packet at once, without a queue."""
        self._begin(self._packets, reader)

    def detach(self, reader: Reader[RtpPacket]) -> None:
        """Give it no more. Harmless when it is not attached."""
        if reader in self._packets:
            self._packets.remove(reader)
            self._follow_readers()

    @property
    def streams(self) -> Receiver:
        """What is received. Raises InvalidStateError when the transceiver is stopped."""
        found = self._core.media.receiver(self._transceiver)
        if found is None:
            raise InvalidStateError("the receiver of a transceiver that is stopped")
        return found

    def flush_soon(self) -> None:
        """Write what was asked for."""
        self._driver.flush_soon()

    # From the connection

    def take(self, item: EncodedFrame | RtpPacket, packet: RtpPacket, now: float) -> None:
        """Give a frame, of which `packet` is the first, or a packet to whoever reads those."""
        self._sources.note(packet, now)
        if isinstance(item, RtpPacket):
            for packets in self._packets:
                packets.put(item)
        elif item.codec == TELEPHONE_EVENT:
            self._hear_key(item)
        elif self._transformer is not None:
            self._transformer.take(item, item.rid)
        else:
            self._give(item)

    def end(self) -> None:
        """Nothing more comes."""
        self._track.end()
        if self._transformer is not None:
            self._transformer.end()
        for frames in self._frames:
            frames.close()
        for packets in self._packets:
            packets.close()

    def _begin(self, readers: list[Reader[ItemT]], reader: Reader[ItemT]) -> None:
        """A new reader can do nothing before a key frame."""
        if self._track.ready_state == "ended":
            reader.close()
        readers.append(reader)
        self._follow_readers()
        if self._transceiver.kind == "video":
            self.request_keyframe()

    def _follow_readers(self) -> None:
        frames = bool(self._frames or self.listeners("dtmf")) and not self._paused
        packets = bool(self._packets) and not self._paused
        self._core.media.read(self._transceiver, frames=frames, packets=packets)

    def _add_event_handler(self, event: str, k: Callable[..., Any], v: Callable[..., Any]) -> None:
        super()._add_event_handler(event, k, v)
        self._follow_readers()

    def _give(self, frame: EncodedFrame) -> None:
        for frames in self._frames:
            frames.put(frame)

    def _hear_key(self, frame: EncodedFrame) -> None:
        with suppress(DecodeError):
            event = self._keys.heard(frame.timestamp, frame.data)
            if event is not None and event.code < len(TONES):
                self._emit_soon("dtmf", TONES[event.code])

    def _heard(self, *, contributing: bool) -> list[RTCRtpContributingSource]:
        media, now = self._core.media, self._driver.time()
        return media.heard_of(self._transceiver, self._sources, now, contributing=contributing)
