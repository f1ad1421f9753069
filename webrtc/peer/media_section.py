"""The m= line of one transceiver, and what follows from it for packets.

RFC 9429 §5.2.1, §5.3.1, §5.11; webrtc-pc §4.4.1.4.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random

from webrtc.errors import InvalidAccessError, ProtocolError
from webrtc.jsep.agreed import AgreedMedia, agree
from webrtc.jsep.codecs import is_primary
from webrtc.jsep.media import NO_STREAM, MediaTerms
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.remote import RemoteLine
from webrtc.jsep.simulcast import accepted_rids, proposed_rids
from webrtc.jsep.wishes import Wishes, answered_terms, offered_terms
from webrtc.peer.bitrates import shares
from webrtc.peer.configuration import RTCRtpHeaderEncryptionPolicy
from webrtc.peer.parameters import (
    MAX_ENCODINGS,
    RTCRtpCodec,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    matches,
)
from webrtc.peer.track_events import BitrateWanted, CodecRefused, MediaEvent
from webrtc.peer.transceiver import TrackChange, Transceiver
from webrtc.peer.transport import Transport
from webrtc.rtp.codec import Codec as RtpCodec
from webrtc.sdp import Direction, MediaDescription, SessionDescription
from webrtc.sdp.codecs import Codec
from webrtc.settings import SettingEngine
from webrtc.streams import Receiver, ReceiveTerms, RtpSession, Sender, SendTerms

SessionOf = Callable[[Transport, bool], RtpSession]
"""The streams of a transport, which are made if need be, with encrypted headers or without."""


class MediaSection:
    """Says what a transceiver wants, and lets its sender and receiver do what was agreed on."""

    def __init__(
        self,
        transceiver: Transceiver,
        settings: SettingEngine,
        random: Random,
        numbers: Numbers,
        cname: str,
        session_of: SessionOf,
        encryption: RTCRtpHeaderEncryptionPolicy = "negotiate",
    ) -> None:
        """`encryption` is that of header extensions: "require" rejects a peer that cannot."""
        self.transceiver = transceiver
        self.receiver = Receiver(transceiver.kind)
        self.receiver.frames = False  # until somebody reads them
        self.sender = self._new_sender(random)
        self._next_sender: Sender | None = None
        """Of the encodings that an offer of the peer wants, until it is answered."""
        self.transport: Transport | None = None
        """Under the section, once an answer was set."""
        self.agreed: AgreedMedia | None = None
        self.refused: str | None = None
        """The codec of the track, when it was not agreed on: then nothing is sent."""
        self.budget: int | None = None
        """Bits a second that the peer takes of it, when it has told."""
        self.held = False
        """Whether sound is held back, while a key is told of in its place."""
        self._settings = settings
        self._random = random
        self._numbers = numbers
        self._cname = cname
        self._session_of = session_of
        self._refusal_told = False
        self._bitrates: dict[str | None, int] = {}
        self._encryption = encryption
        self.session: RtpSession | None = None
        """That of the transport."""
        self._described: MediaTerms | None = None
        self._told: MediaTerms | None = None
        self._answer: MediaTerms | None = None
        """The last one, whosever it was."""

    @property
    def kind(self) -> str:
        """`audio` or `video`."""
        return self.transceiver.kind

    @property
    def wanted(self) -> bool:
        """Whether there has to be a line for it."""
        return not self.transceiver.stopping

    @property
    def takes_lines(self) -> bool:
        """Whether a line that the peer adds may be for it. RFC 9429 §5.10."""
        return self.transceiver.added and not self.transceiver.stopping

    @property
    def sends(self) -> bool:
        """Whether it was agreed that we send."""
        return self.agreed is not None and self.agreed.direction.sends

    def news(self) -> Iterator[MediaEvent]:
        """What the track of the sender has to know and was not told yet."""
        if self.refused is None or not self.sends:
            self._refusal_told = False
        elif not self._refusal_told:
            self._refusal_told = True
            yield CodecRefused(self.transceiver, self.refused)
        bounds = [self.budget, self.agreed.max_send_bitrate if self.agreed is not None else None]
        total = min((each for each in bounds if each is not None), default=None)
        for rid, bitrate in shares(self.transceiver.encodings, total):
            if bitrate is not None and self._bitrates.get(rid) != bitrate:
                self._bitrates[rid] = bitrate
                yield BitrateWanted(self.transceiver, rid, bitrate)

    # As a section

    def describe(self, offered: RemoteLine | None) -> MediaTerms | None:
        """What an offer says, or the answer to what is offered; None is a rejected line."""
        terms: MediaTerms | None = None
        if offered is not None:
            refused = self._encryption == "require" and not offered.media.cryptex
            if not self.transceiver.stopped and not refused:
                terms = answered_terms(self._wishes(), offered.media)
        elif not self.transceiver.stopping:
            terms = offered_terms(self._wishes(), self._numbers, self._answer)
            terms = terms if terms.codecs else None
        self._described = terms
        return terms

    def check(self, remote: RemoteLine, *, answer: bool) -> None:
        """Raise InvalidAccessError for an answer without the encryption that is required."""
        if answer and self._encryption == "require" and not remote.media.cryptex:
            raise InvalidAccessError(
                f"media section {remote.index}: header extensions would not be encrypted, "
                'which rtp_header_encryption_policy "require" asks for'
            )

    def handle_local(
        self, told: MediaDescription, *, answer: bool, final: bool
    ) -> TrackChange | None:
        """Our description was set; `told` is the line. `final` unless it is provisional."""
        self._told = self._described
        if not answer:
            self.transceiver.mid = told.mid
        if self._told is None:
            return None
        if answer:
            self._answer = self._told
        return self.transceiver.follow_local(self._told.direction, answer=answer, final=final)

    def handle_remote(
        self, remote: RemoteLine, *, answer: bool, default_stream: str
    ) -> TrackChange:
        """The peer's description was set. `default_stream` is that of tracks without one."""
        theirs = remote.media
        if answer:
            self._answer = theirs
            if len(self.transceiver.encodings) > 1:
                rids = tuple(each.rid or "" for each in self.transceiver.encodings)
                self.transceiver.narrow(accepted_rids(rids, theirs))
        else:
            self.transceiver.mid = remote.mid
            self._take_rids(proposed_rids(theirs))
        streams = theirs.stream_ids
        names = (default_stream,) if streams is None else streams
        return self.transceiver.follow_remote(theirs.direction, names, answer=answer)

    def agree(
        self,
        told: MediaDescription,  # noqa: ARG002
        remote: RemoteLine,
        transport: Transport,
        now: float,
    ) -> None:
        """An answer was set: media go as both lines say."""
        if self._told is None:
            return
        agreed = self.agreed = agree(self._told, remote.media)
        session = self._session_of(transport, agreed.cryptex)
        if self.session is not None and session is not self.session:
            self.session.unbind_sender(self.sender, now)
            self.session.unbind_receiver(self.receiver)
        self.transport, self.session = transport, session
        if self._next_sender is not None:
            session.unbind_sender(self.sender, now, goodbye=True)
            self.sender, self._next_sender = self._next_sender, None
        session.reduced_size = agreed.reduced_size
        self._agree_to_send(session, agreed, now)
        self._agree_to_receive(session, agreed, remote.media)

    def remember(self) -> None:
        """An offer is about to be set."""
        self.transceiver.remember()

    def roll_back(self, *, placed: bool) -> TrackChange:
        """An offer was taken back. A transceiver that was made for it is stopped."""
        change = self.transceiver.roll_back()
        self._next_sender = None
        if placed:
            self.transceiver.mid = None
            if self.transceiver.offered:
                self.transceiver.end()
        return change

    def outdated(self, local: SessionDescription, offered: RemoteLine | None, index: int) -> bool:
        """Whether our line says no longer what is wanted. webrtc-pc §4.7.3."""
        transceiver, told = self.transceiver, local.media[index]
        if transceiver.stopping:
            return True
        direction = local.direction(told)
        if transceiver.direction.sends:
            streams = {each.stream_id for each in told.msids} - {NO_STREAM}
            if not told.msids or streams != set(transceiver.stream_ids):
                return True
        if offered is None:
            agreed = transceiver.current_direction
            return transceiver.direction not in (direction, agreed)
        wanted = transceiver.direction.intersect(offered.media.direction.reversed())
        return direction is not wanted

    def end(self, reason: ProtocolError, now: float) -> TrackChange | None:  # noqa: ARG002
        """The line was rejected: the transceiver is stopped."""
        self.unbind(now, goodbye=True)
        return self.transceiver.end()

    # What commands do

    def unbind(self, now: float, *, goodbye: bool) -> None:
        """Send and receive nothing more."""
        if self.session is not None:
            self.session.unbind_sender(self.sender, now, goodbye=goodbye)
            self.session.unbind_receiver(self.receiver)

    def apply_encodings(self) -> None:
        """Let the encodings be as the transceiver's parameters are."""
        for encoding, told in zip(self.sender.encodings, self.transceiver.encodings, strict=False):
            encoding.active = told.active
        for encoding in self.sender.encodings[len(self.transceiver.encodings) :]:
            encoding.active = False

    def choose_codec(self, now: float) -> None:
        """Send with the codec that the track or the first encoding has, from now on."""
        if self.agreed is not None and self.session is not None:
            self._agree_to_send(self.session, self.agreed, now)

    def _new_sender(self, random: Random) -> Sender:
        rids = [each.rid for each in self.transceiver.encodings if each.rid is not None]
        return Sender(self.transceiver.kind, random, rids)

    def _take_rids(self, rids: Iterable[str]) -> None:
        before = self.transceiver.encodings
        self.transceiver.offer_encodings(rids, MAX_ENCODINGS)
        if self.transceiver.encodings is not before:
            self._next_sender = self._new_sender(self._random)

    def _wishes(self) -> Wishes:
        transceiver, engine = self.transceiver, self._settings.media
        encodings = (self._next_sender or self.sender).encodings
        single = encodings[0] if len(encodings) == 1 else None
        codecs = engine.codecs(transceiver.kind)
        if transceiver.preferences:
            codecs = tuple(preferred(codecs, transceiver.preferences, transceiver.kind))
        elif transceiver.track_codec is not None:
            codecs = tuple(_first(codecs, transceiver.track_codec))
        return Wishes(
            kind=transceiver.kind,
            direction=Direction.INACTIVE if transceiver.stopping else transceiver.direction,
            codecs=codecs,
            preferred=bool(transceiver.preferences or transceiver.track_codec),
            extensions=engine.extensions_of(transceiver.kind),
            stream_ids=transceiver.stream_ids,
            cname=self._cname,
            ssrc=None if single is None else single.ssrc,
            repair_ssrc=None if single is None else single.rtx_ssrc,
            rids=tuple(each.rid for each in encodings if each.rid is not None),
            max_bitrate=self._settings.max_receive_bitrate,
            cryptex=self._encryption != "disable",
        )

    def _agree_to_send(self, session: RtpSession, agreed: AgreedMedia, now: float) -> None:
        transceiver = self.transceiver
        transceiver.send_codecs = tuple(described(each, self.kind) for each in agreed.send_codecs)
        transceiver.header_extensions = tuple(
            RTCRtpHeaderExtensionParameters(uri=each.uri, id=each.id) for each in agreed.extensions
        )
        codecs = [each for each in agreed.send_codecs if each.name.lower() != "rtx"]
        chosen = self._chosen(codecs)
        if chosen is not None:
            codecs.remove(chosen)
            codecs.insert(0, chosen)
        if chosen is None or not agreed.direction.sends:
            session.unbind_sender(self.sender, now)
            return
        repairs = agreed.send_repairs
        extensions = {
            each.uri: each.id
            for each in agreed.extensions
            if each.direction is None or each.direction.sends
        }
        told = tuple(_for_rtp(each, repairs) for each in codecs)
        self.sender.configure(SendTerms(transceiver.mid, told, extensions))
        self.apply_encodings()
        session.bind_sender(self.sender)

    def _chosen(self, codecs: list[Codec]) -> Codec | None:
        """The codec to send: of the track, of the first encoding, or the peer's first."""
        wanted = self.transceiver.track_codec
        self.refused = None
        if wanted is not None:
            found = next((each for each in codecs if _suits(each, wanted)), None)
            if found is None:
                self.refused = wanted.name
            return found
        wanted = self.transceiver.encodings[0].codec
        if wanted is not None:
            for each in codecs:
                if matches(described(each, self.kind), wanted):
                    return each
        return next(filter(is_primary, codecs), None)

    def _agree_to_receive(
        self, session: RtpSession, agreed: AgreedMedia, theirs: MediaTerms
    ) -> None:
        self.transceiver.receive_codecs = ()
        if not agreed.direction.receives:
            session.unbind_receiver(self.receiver)
            return
        codecs = agreed.receive_codecs
        self.transceiver.receive_codecs = tuple(described(each, self.kind) for each in codecs)
        repairs, repaired = agreed.receive_repairs, theirs.repairs
        told = self._told
        rids = () if told is None else [each.id for each in told.rids if each.direction == "recv"]
        self.receiver.configure(
            ReceiveTerms(
                self.transceiver.mid,
                tuple(_for_rtp(each, repairs) for each in codecs if each.name.lower() != "rtx"),
                {each.uri: each.id for each in agreed.extensions},
                tuple(rids),
                {
                    each.ssrc: repaired.get(each.ssrc)
                    for each in theirs.sources
                    if each.ssrc not in repaired.values()
                },
            )
        )
        session.bind_receiver(self.receiver)


def described(codec: Codec, kind: str) -> RTCRtpCodecParameters:
    """A codec of a description in the words of webrtc-pc."""
    return RTCRtpCodecParameters(
        mime_type=f"{kind}/{codec.name}",
        clock_rate=codec.clock_rate,
        channels=codec.channels or (1 if kind == "audio" else None),
        sdp_fmtp_line=codec.fmtp or None,
        payload_type=codec.payload_type,
    )


def capability(codec: Codec, kind: str) -> RTCRtpCodec:
    """The same without a payload type."""
    told = described(codec, kind)
    return RTCRtpCodec(
        mime_type=told.mime_type,
        clock_rate=told.clock_rate,
        channels=told.channels,
        sdp_fmtp_line=told.sdp_fmtp_line,
    )


def preferred(
    codecs: Iterable[Codec], preferences: Iterable[RTCRtpCodec], kind: str
) -> Iterable[Codec]:
    """The codecs in the order of the preferences, and no others."""
    known = list(codecs)
    for wanted in preferences:
        yield from (each for each in known if matches(capability(each, kind), wanted))


def _first(codecs: Iterable[Codec], wanted: RTCRtpCodec) -> Iterable[Codec]:
    """The codecs that a track is encoded with before all others."""
    known = list(codecs)
    yield from (each for each in known if _suits(each, wanted))
    yield from (each for each in known if not _suits(each, wanted))


def _suits(codec: Codec, wanted: RTCRtpCodec) -> bool:
    """Whether a track that is encoded so can be sent as this one. No parameters suit all."""
    if wanted.sdp_fmtp_line is None:
        return codec.name.lower() == wanted.name.lower()
    return codec.matches(replace(codec, name=wanted.name, fmtp=wanted.sdp_fmtp_line))


def _for_rtp(codec: Codec, repairs: Mapping[int, int]) -> RtpCodec:
    return RtpCodec(
        codec.payload_type,
        codec.name,
        codec.clock_rate,
        codec.channels or 1,
        codec.parameters,
        frozenset(codec.feedback),
        repairs.get(codec.payload_type),
    )
