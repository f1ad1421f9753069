"""Audio and video of a connection: its transceivers, and what the application does with them.

webrtc-pc §5.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple, get_args

from webrtc import streams
from webrtc.clock import Clock
from webrtc.engine import MediaEngine
from webrtc.errors import InvalidAccessError, InvalidModificationError, InvalidStateError
from webrtc.jsep.codecs import is_primary
from webrtc.jsep.numbers import Numbers
from webrtc.peer.configuration import RTCRtpHeaderEncryptionPolicy
from webrtc.peer.heard_sources import HeardSources, RTCRtpContributingSource
from webrtc.peer.media_section import MediaSection, capability
from webrtc.peer.parameters import (
    RTCRtcpParameters,
    RTCRtpCapabilities,
    RTCRtpCodec,
    RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
    changed_encodings,
    initial_encodings,
    matches,
)
from webrtc.peer.tones import Tone, event_codec
from webrtc.peer.track_events import KeyFrameWanted, MediaEvent, TrackMuted
from webrtc.peer.transceiver import DIRECTIONS, MediaKind, Transceiver
from webrtc.peer.transport import Transport
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.sdp import Direction
from webrtc.sdp.codecs import Codec
from webrtc.settings import SettingEngine
from webrtc.srtp import CryptexPolicy
from webrtc.streams import Receiver, RtpSession, Sender
from webrtc.util.webidl import one_of, sequence


class Heard(NamedTuple):
    """A frame, or a packet as it came, of a remote track."""

    transceiver: Transceiver
    item: EncodedFrame | RtpPacket
    packet: RtpPacket
    """It, or the first one of the frame."""


class Media:
    """The transceivers in order of creation, each with its section."""

    def __init__(
        self,
        settings: SettingEngine,
        random: Random,
        numbers: Numbers,
        epoch: float,
        changed: Callable[[], None],
        encryption: RTCRtpHeaderEncryptionPolicy = "negotiate",
    ) -> None:
        """`epoch`: seconds since 1970 when the clock of `now` shows 0.

        `changed` is called when an offer may be needed for what was done.
        """
        self.cname = _name(random)
        """What ties together all that is sent. RFC 7022 §4.2."""
        self.default_stream = _name(random)
        """Id of the stream of remote tracks that are in none."""
        self._settings = settings
        self._random = random
        self._numbers = numbers
        self.epoch = epoch
        self._clock = Clock(epoch)
        self._changed = changed
        self._encryption: RTCRtpHeaderEncryptionPolicy = encryption
        self._sections: dict[Transceiver, MediaSection] = {}
        self._receiving: dict[Receiver, MediaSection] = {}
        self._closed = False

    def __iter__(self) -> Iterator[MediaSection]:
        return iter(tuple(self._sections.values()))

    @property
    def transceivers(self) -> tuple[Transceiver, ...]:
        """All of them."""
        return tuple(self._sections)

    # As what has lines

    def make(self, kind: str) -> MediaSection:
        """A section for a line that the peer offers and that no other stands for."""
        media: MediaKind = "audio" if kind == "audio" else "video"
        made = Transceiver(media, Direction.RECVONLY, initial_encodings(media, (), ()))
        made.offered = True
        return self._section(made)

    def adopt(self, section: object) -> None:
        """A line of one that was made was set."""
        if isinstance(section, MediaSection):
            self._add(section)

    def drop(self, section: object) -> None:
        """It was stopped and has lost its line, or its offer was taken back."""
        if isinstance(section, MediaSection):
            self._sections.pop(section.transceiver, None)
            self._receiving.pop(section.receiver, None)

    # What the application does

    def add_track(
        self, kind: MediaKind, track: object, streams: Iterable[str], codec: RTCRtpCodec | None
    ) -> Transceiver:
        """Send a track: with a transceiver that never sent, or a new one. §5.1.2, addTrack.

        `codec` is what the track is encoded with. Raises InvalidStateError when closed,
        InvalidAccessError for a track that is sent already.
        """
        self._check_open("add_track")
        if any(each.track is track for each in self._sections if not each.stopped):
            raise InvalidAccessError("a sender of this connection has the track already")
        found = next((each for each in self._sections if each.reusable_for(kind)), None)
        if found is None:
            encodings = initial_encodings(kind, (), ())
            found = Transceiver(kind, Direction.SENDRECV, encodings, streams, track, added=True)
            self._add(self._section(found))
        else:
            found.add_track(track, streams)
        found.track_codec = codec
        self._changed()
        return found

    def add_transceiver(
        self,
        kind: str,
        track: object | None,
        codec: RTCRtpCodec | None,
        direction: str,
        streams: Iterable[str],
        encodings: Sequence[RTCRtpEncodingParameters],
    ) -> Transceiver:
        """Make one. §5.1.2, addTransceiver.

        Raises TypeError, InvalidStateError when closed, and what `initial_encodings` does.
        """
        one_of("kind", kind, get_args(MediaKind))
        one_of("direction", direction, DIRECTIONS)
        self._check_open("add_transceiver")
        media: MediaKind = "audio" if kind == "audio" else "video"
        kept = initial_encodings(
            media, encodings, capabilities_of(self._settings.media, media).codecs
        )
        made = Transceiver(media, Direction(direction), kept, streams, track)
        made.track_codec = codec
        self._add(self._section(made))
        self._changed()
        return made

    def remove_track(self, transceiver: Transceiver | None) -> None:
        """Send no track any more. §5.1.2, removeTrack.

        Raises InvalidStateError when closed, InvalidAccessError for None: not one of ours.
        """
        self._check_open("remove_track")
        if transceiver is None:
            raise InvalidAccessError("the sender is of another connection")
        if transceiver in self._sections and transceiver.remove_track():
            self._changed()

    def set_direction(self, transceiver: Transceiver, direction: str) -> None:
        """Say what is wanted. Raises what `Transceiver.set_direction` does."""
        if transceiver.set_direction(direction):
            self._changed()

    def set_streams(self, transceiver: Transceiver, streams: Iterable[str]) -> None:
        """Say which streams the track that is sent belongs to. Raises InvalidStateError."""
        self._check_open("set_streams")
        transceiver.stream_ids = tuple(dict.fromkeys(streams))
        self._changed()

    def replace_track(
        self, transceiver: Transceiver, track: object | None, codec: RTCRtpCodec | None, now: float
    ) -> None:
        """Send another track, without a negotiation. §5.2.2.

        Raises InvalidModificationError for a track that needs a codec which was not negotiated.
        """
        section = self._sections.get(transceiver)
        before, transceiver.track_codec = transceiver.track_codec, codec
        if section is not None and section.sends:
            section.choose_codec(now)
            if section.refused is not None:
                refused, transceiver.track_codec = section.refused, before
                section.choose_codec(now)
                raise InvalidModificationError(f"{refused} was not negotiated")
        transceiver.track = track
        if section is not None:
            section.sender.begin_anew()

    def stop(self, transceiver: Transceiver, now: float) -> None:
        """Send and receive nothing more; the next offer tells the peer. §5.4.

        Raises InvalidStateError when closed.
        """
        self._check_open("stop")
        section = self._sections.get(transceiver)
        if not transceiver.stop() or section is None:
            return
        section.unbind(now, goodbye=True)
        if transceiver.mid is None:  # no description has it: it will never be told of
            transceiver.end()
            self.drop(section)
        self._changed()

    def set_codec_preferences(
        self, transceiver: Transceiver, codecs: Sequence[RTCRtpCodec]
    ) -> None:
        """Use these codecs alone, in this order; none resets it. §5.4.2.

        Raises InvalidModificationError for one that can be neither sent nor received.
        """
        sequence("codecs", codecs, RTCRtpCodec)
        wanted = tuple(dict.fromkeys(codecs))
        known = capabilities_of(self._settings.media, transceiver.kind).codecs
        for each in wanted:
            if not any(matches(each, one) for one in known):
                raise InvalidModificationError(f"{each.mime_type} can be neither sent nor received")
        if wanted and not any(is_primary(_codec(each)) for each in wanted):
            raise InvalidModificationError("none of the codecs carries media by itself")
        transceiver.preferences = wanted

    # Parameters

    def get_parameters(self, transceiver: Transceiver) -> RTCRtpSendParameters:
        """What `set_parameters` has to begin from. §5.2.2."""
        if transceiver.returned is None:
            transceiver.returned = RTCRtpSendParameters(
                transaction_id=_name(self._random),
                encodings=transceiver.encodings,
                header_extensions=transceiver.header_extensions,
                rtcp=RTCRtcpParameters(cname=self.cname, reduced_size=self._reduced(transceiver)),
                codecs=transceiver.send_codecs,
                degradation_preference=transceiver.degradation_preference,
            )
        return transceiver.returned

    def forget_parameters(self, transceiver: Transceiver) -> None:
        """End the transaction that `get_parameters` has begun."""
        transceiver.returned = None

    def set_parameters(
        self, transceiver: Transceiver, parameters: RTCRtpSendParameters, now: float
    ) -> list[MediaEvent]:
        """Change how it is sent; what its track has to know of that is given.

        Raises InvalidStateError, and what `changed_encodings` does.
        """
        if transceiver.stopping:
            raise InvalidStateError("set_parameters() of a transceiver that is stopped")
        if transceiver.returned is None:
            raise InvalidStateError("set_parameters() without get_parameters() just before")
        kept = changed_encodings(transceiver.kind, transceiver.returned, parameters)
        transceiver.encodings = kept
        transceiver.degradation_preference = parameters.degradation_preference
        transceiver.returned = None
        section = self._sections.get(transceiver)
        if section is None:
            return []
        section.apply_encodings()
        section.choose_codec(now)
        return list(section.news())

    def receive_parameters(self, transceiver: Transceiver) -> RTCRtpReceiveParameters:
        """What may come. §5.3."""
        return RTCRtpReceiveParameters(
            header_extensions=transceiver.header_extensions,
            rtcp=RTCRtcpParameters(reduced_size=self._reduced(transceiver)),
            codecs=transceiver.receive_codecs,
        )

    # Frames and packets

    def send_frame(
        self, transceiver: Transceiver, frame: EncodedFrame, rid: str | None, now: float
    ) -> None:
        """Send a frame; it is dropped where nothing is connected or wanted. Raises ValueError."""
        section = self._sections.get(transceiver)
        if section is not None and not section.held:
            section.sender.send(frame if rid is None else replace(frame, rid=rid), now)

    def send_packet(
        self,
        transceiver: Transceiver,
        packet: RtpPacket,
        rid: str | None,
        now: float,
        carried: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Send a packet that another has made; it is dropped as frames are.

        `carried`: header extension elements by URI, of which those go that were agreed on.
        """
        section = self._sections.get(transceiver)
        if section is None or section.held:
            return
        extra = None
        if carried:
            ids = section.sender.terms.extensions
            extra = {ids[uri]: value for uri, value in carried if uri in ids}
        section.sender.forward(packet, now, rid=rid, extra=extra)

    def receiver(self, transceiver: Transceiver) -> Receiver | None:
        """Who receives for a transceiver."""
        section = self._sections.get(transceiver)
        return None if section is None else section.receiver

    def can_press_keys(self, transceiver: Transceiver) -> bool:
        """Whether sound is sent that the peer takes telephone events beside. §7.2."""
        section, agreed = self._sections.get(transceiver), transceiver.current_direction
        if section is None or transceiver.stopping or transceiver.track is None:
            return False
        sends = agreed is not None and agreed.sends and transceiver.encodings[0].active
        return sends and event_codec(section) is not None

    def press_key(self, transceiver: Transceiver, key: str, duration: float, now: float) -> Tone:
        """Begin to tell of a key that is pressed for so many seconds."""
        return Tone(self._sections[transceiver], key, duration, now)

    def request_keyframe(
        self, transceiver: Transceiver, now: float, rid: str | None = None
    ) -> None:
        """Ask the peer for a key frame of one encoding, or of every one."""
        section = self._sections.get(transceiver)
        if section is not None:
            section.receiver.request_keyframe(now, rid)

    def read(self, transceiver: Transceiver, *, frames: bool, packets: bool) -> None:
        """Say what is to come out of `poll_media`."""
        section = self._sections.get(transceiver)
        if section is not None:
            section.receiver.frames, section.receiver.packets = frames, packets

    def wait_at_most(self, transceiver: Transceiver, seconds: float | None) -> None:
        """Bound the wait for a missing packet; None leaves it to the library."""
        section = self._sections.get(transceiver)
        if section is not None:
            section.receiver.patience = seconds

    def heard_of(
        self, transceiver: Transceiver, sources: HeardSources, now: float, *, contributing: bool
    ) -> list[RTCRtpContributingSource]:
        """What `sources` has to show: those of a mixer, or those that send. §5.3."""
        ids = {each.uri: each.id for each in transceiver.header_extensions}
        show = sources.contributing if contributing else sources.synchronization
        return show(ids, self._clock.unix_at_zero, now)

    def poll(self, session: RtpSession) -> Heard | None:
        """Next frame or packet of a remote track, or None."""
        while (media := session.poll_media()) is not None:
            section = self._receiving.get(media.receiver)
            if section is not None:
                return Heard(section.transceiver, media.item, media.packet)
        return None

    def handle_events(self, session: RtpSession) -> Iterator[MediaEvent]:
        """What the streams of a transport tell, in the words of webrtc-pc."""
        while (event := session.poll_event()) is not None:
            match event:
                case streams.Unmuted(receiver) | streams.Muted(receiver):
                    section = self._receiving.get(receiver)
                    muted = isinstance(event, streams.Muted)
                    if section is not None and section.transceiver.hear(muted=muted):
                        yield TrackMuted(section.transceiver, muted=muted)
                case streams.KeyFrameWanted(sender, rid):
                    section = self._sending(sender)
                    if section is not None:
                        yield KeyFrameWanted(section.transceiver, rid)
                case streams.BitrateWanted(senders, bitrate):
                    for section in filter(None, map(self._sending, senders)):
                        section.budget = bitrate // len(senders)
                        yield from section.news()

    def news(self) -> Iterator[MediaEvent]:
        """What follows from an answer for the tracks that are sent."""
        for section in self:
            yield from section.news()

    def close(self, now: float) -> None:
        """Say goodbye; every transceiver is stopped."""
        self._closed = True
        self._changed = _nothing  # its owner has us: without the cycle memory is free at once
        for section in self:
            section.unbind(now, goodbye=True)
            section.transceiver.end()

    def _check_open(self, call: str) -> None:
        if self._closed:
            raise InvalidStateError(f"{call}() on a closed peer connection")

    def _add(self, section: MediaSection) -> None:
        self._sections[section.transceiver] = section
        self._receiving[section.receiver] = section

    def _sending(self, sender: Sender) -> MediaSection | None:
        """Whose sender it is; no packet asks for it."""
        return next((each for each in self._sections.values() if each.sender is sender), None)

    def _section(self, transceiver: Transceiver) -> MediaSection:
        return MediaSection(
            transceiver,
            self._settings,
            self._random,
            self._numbers,
            self.cname,
            self._session_of,
            self._encryption,
        )

    def _session_of(self, transport: Transport, cryptex: bool) -> RtpSession:  # noqa: FBT001
        session = transport.rtp
        if session is None:
            settings = self._settings
            session = RtpSession(
                self._random,
                self._clock,
                self.cname,
                formats=settings.media.formats,
                interceptors=[make(self._random) for make in settings.interceptors],
                send_transport_cc=settings.send_transport_cc,
            )
            if settings.max_receive_bitrate is not None:
                session.max_receive_bitrate = settings.max_receive_bitrate
            required = self._encryption == "require"
            policy = CryptexPolicy.REQUIRE if required else CryptexPolicy.NEGOTIATED
            transport.attach_rtp(session, policy if cryptex else CryptexPolicy.DISABLE)
        return session

    def _reduced(self, transceiver: Transceiver) -> bool:
        agreed = self._sections[transceiver].agreed if transceiver in self._sections else None
        return agreed is not None and agreed.reduced_size


def capabilities(kind: str) -> RTCRtpCapabilities | None:
    """What can be sent and received without settings; None for what is no kind of media. §5.2.9."""
    if kind not in get_args(MediaKind):
        return None
    return capabilities_of(MediaEngine(), "audio" if kind == "audio" else "video")


def capabilities_of(engine: MediaEngine, kind: MediaKind) -> RTCRtpCapabilities:
    """The codecs and header extensions of an engine."""
    found = (capability(each, kind) for each in engine.codecs(kind))
    extensions = (each.uri for each in engine.extensions_of(kind))
    return RTCRtpCapabilities(
        codecs=tuple(dict.fromkeys(found)),
        header_extensions=tuple(RTCRtpHeaderExtensionCapability(uri=uri) for uri in extensions),
    )


def _name(random: Random) -> str:
    """As long as a UUID, so that two are never the same."""
    return f"{random.getrandbits(128):032x}"


def _codec(codec: RTCRtpCodec) -> Codec:
    return Codec(0, codec.name, codec.clock_rate, codec.channels)


def _nothing() -> None:
    """Asks for no offer any more."""
