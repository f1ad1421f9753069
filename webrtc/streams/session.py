"""All RTP streams of one transport. RFC 3550, RFC 8834."""

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import Final

from webrtc.clock import Clock
from webrtc.core import earliest
from webrtc.errors import DecodeError, OperationError
from webrtc.interceptor.chain import Chain
from webrtc.interceptor.guard import Guard
from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Interceptor
from webrtc.rtcp import (
    FullIntraRequest,
    Goodbye,
    ItemType,
    PictureLossIndication,
    ReceiverEstimatedMaximumBitrate,
    ReceiverReport,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    decode,
)
from webrtc.rtp.header_values import TRANSPORT_CC
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import DEFAULT_FORMATS, PayloadFormat
from webrtc.srtp import InboundContext, OutboundContext
from webrtc.streams.built_in import BuiltIn
from webrtc.streams.events import BitrateWanted, Event, KeyFrameWanted, Media, Muted
from webrtc.streams.feedback import AUDIO_INTERVAL, VIDEO_INTERVAL, Feedback
from webrtc.streams.inbound import InboundStream
from webrtc.streams.outbound import OutboundStream
from webrtc.streams.receiver import Receiver
from webrtc.streams.sender import Encoding, Sender
from webrtc.streams.sources import Sources

DATAGRAM: Final = 1200
"""Bytes of a datagram, all that SRTP adds included."""
TAG: Final = 16
"""Bytes of the longest tag."""
MAX_BURST: Final = 64
"""Datagrams of a burst; what is more goes with the next."""
MAX_QUEUE: Final = 4096
"""Packets that may wait to be written; the oldest is dropped."""

KEEP_SEALED: Final = 1024
"""Packets of a stream that are kept to be sent once more as they are."""
LEAST_BITRATE: Final = 30_000
"""Bits a second: no peer can ask for less, since nothing would be left."""

_log = logging.getLogger("webrtc.streams")


class RtpSession:
    """A core: SRTP packets in and out, with senders and receivers bound to it.

    After any call that may change it, `poll_write`, `poll_event` and `poll_media` are to be
    drained, and `poll_timeout` asked. Datagrams come already sorted into RTP and RTCP.
    """

    def __init__(
        self,
        random: Random,
        clock: Clock,
        cname: str,
        *,
        formats: Mapping[str, PayloadFormat] = DEFAULT_FORMATS,
        interceptors: Iterable[Interceptor] = (),
        send_transport_cc: bool = False,
    ) -> None:
        """`cname`: what is the same for all that we send. RFC 7022.

        `send_transport_cc`: number what is sent, for the peer to tell what came. libwebrtc then
        sends no REMB, which is all that is read of its estimate.
        """
        self._ssrc = random.randrange(1, 1 << 32)
        self.info = SessionInfo(self._ssrc)
        self.malformed = 0
        """Packets that were authentic and yet not to be decoded."""
        self.unsent = 0
        """Packets that were dropped because there was no way to send them."""
        built_in = BuiltIn(self.info, random, clock, self._resend)
        self.reports, self.keyframes = built_in.reports, built_in.keyframes
        self.nack, self.rtx = built_in.nack, built_in.rtx
        self._limit = built_in.limit
        self._numbered = send_transport_cc
        self._chain = Chain([*built_in.all, *(Guard(each) for each in interceptors)])
        self._rtcp = self._chain.rtcp
        self._feedback = Feedback(random, self.reports, cname)
        self._reports_out = self._feedback.out
        self._formats = formats
        self._sources = Sources(self._chain, self.info, built_in, formats, self._forget)
        self._table = self._sources.router.sources
        self._outlets = self._sources.outlets
        self.events = self._outlets.events
        """What `poll_event` gives."""
        self.media = self._outlets.media
        """What `poll_media` gives."""
        self._inbound: InboundContext | None = None
        self._outbound: OutboundContext | None = None
        self._senders: dict[int, tuple[Sender, Encoding]] = {}
        self._audio: deque[RtpPacket] = deque()
        self._video: deque[RtpPacket] = deque()
        # Of streams that nothing repairs: what was sealed, since no number is sealed twice.
        self._sealed: dict[int, dict[int, tuple[int, bytes]]] = {}
        self._again: deque[bytes] = deque()
        self._begun = False
        self._octets = 0
        self._wanted: BitrateWanted | None = None
        self._delayed: list[tuple[Sender, OutboundStream]] = []  # key frames to make later

    @property
    def reduced_size(self) -> bool:
        """Whether RTCP packets may go without a report: `a=rtcp-rsize`. RFC 5506."""
        return self._feedback.reduced_size

    @reduced_size.setter
    def reduced_size(self, agreed: bool) -> None:
        self._feedback.reduced_size = agreed

    @property
    def max_receive_bitrate(self) -> int:
        """What a peer that asks for it is told to send at most, in bits a second."""
        return self._limit.bitrate

    @max_receive_bitrate.setter
    def max_receive_bitrate(self, bitrate: int) -> None:
        self._limit.bitrate = bitrate

    @property
    def media_dropped(self) -> int:
        """Frames and packets that were received and not taken in time."""
        return self._outlets.dropped

    def secure(self, inbound: InboundContext, outbound: OutboundContext) -> None:
        """Begin: there are keys. Before, nothing is sent or taken."""
        self._inbound, self._outbound = inbound, outbound

    def bind_receiver(self, receiver: Receiver) -> None:
        """Receive for it; once more when its terms have changed."""
        self._sources.bind(receiver)
        self._set_interval()

    def unbind_receiver(self, receiver: Receiver) -> None:
        """Receive for it no longer. Harmless when it is not bound."""
        self._sources.unbind(receiver)
        self._set_interval()

    def bind_sender(self, sender: Sender) -> None:
        """Send for it; once more when its terms have changed."""
        if sender.codec is None:
            return
        for encoding in sender.encodings:
            self._bind_encoding(sender, encoding)
        sender.prepare(self._formats, DATAGRAM, TAG)
        self._name_session()
        self._set_interval()

    def unbind_sender(self, sender: Sender, now: float, *, goodbye: bool = False) -> None:
        """Send for it no longer; `goodbye` tells the peer that its sources have ended."""
        bound = [each for each in sender.encodings if each.ssrc in self._senders]
        sent = self.reports.sent
        gone = [each.ssrc for each in bound if each.ssrc in sent and sent[each.ssrc].packets]
        if gone and goodbye:
            self._feedback.say_goodbye(gone, now)
        for encoding in bound:
            del self._senders[encoding.ssrc]
            self._chain.unbind(encoding.ssrc)
            self._chain.unbind(encoding.rtx_ssrc)
            self._sealed.pop(encoding.ssrc, None)
            encoding.stream = None
        self._delayed = [each for each in self._delayed if each[0] is not sender]
        self._name_session()
        self._set_interval()

    def close(self, now: float) -> None:
        """Say goodbye for every sender, and forget all. What is left to write may be written."""
        for sender in list(dict.fromkeys(sender for sender, _ in self._senders.values())):
            self.unbind_sender(sender, now, goodbye=True)
        for receiver in self._sources.router.receivers:
            self.unbind_receiver(receiver)
        self._inbound = None
        self._rtcp.clear()
        self._feedback.deadline = None

    def handle_rtp(self, data: bytes, now: float) -> None:
        """Take an SRTP packet."""
        inbound = self._inbound
        if inbound is None:
            return
        opened = inbound.open_rtp(data, now)
        if opened is None:
            return
        try:
            packet = RtpPacket.decode(opened)
        except DecodeError:
            self.malformed += 1
            return
        source = self._table.get(packet.ssrc)
        if source is None or packet.payload_type not in source.payload_types:
            source = self._sources.route(packet, now)
        source.first(packet, now)
        self._octets += len(data)
        if not self._begun:
            self._begin(now)

    def handle_rtcp(self, data: bytes, now: float) -> None:
        """Take an SRTCP packet."""
        if self._inbound is None:
            return
        opened = self._inbound.open_rtcp(data)
        if opened is None:
            return
        try:
            packets = decode(opened)
        except DecodeError as error:
            self.malformed += 1
            _log.debug("RTCP dropped: %s", error)
            return
        for packet in packets:
            self._chain.handle_rtcp(packet, now)
            self._handle(packet, now)

    def handle_timeout(self, now: float) -> None:
        """Act on what is due."""
        self._chain.handle_timeout(now)
        for ssrc, buffer in list(self._outlets.waiting.items()):
            buffer.handle_timeout(now)
            if buffer.deadline is None:
                del self._outlets.waiting[ssrc]
        self._make_keyframes(now)
        self._count()
        self._feedback.handle_timeout(now)

    def poll_write(self) -> bytes | None:
        """The next datagram to send: RTCP, then sound, then pictures."""
        outbound = self._outbound
        if outbound is None:
            return None
        if self._rtcp:
            self._give_feedback()
        if self._reports_out:
            return outbound.seal_rtcp(self._reports_out.pop(0))
        if self._again:
            return self._again.popleft()
        while True:
            if self._audio:
                packet = self._audio.popleft()
            elif self._video:
                packet = self._video.popleft()
            else:
                return None
            try:
                sealed = outbound.seal_rtp(
                    packet.header(), packet.body(), packet.ssrc, packet.sequence_number
                )
            except OperationError:  # a number that was used before, or a key that is used up
                self.unsent += 1
                continue
            self._octets += len(sealed)
            if packet.ssrc in self._sealed:
                number = packet.sequence_number
                self._sealed[packet.ssrc][number % KEEP_SEALED] = number, sealed
            return sealed

    def poll_burst(self) -> list[bytes]:
        """Datagrams to send together, those that `poll_write` would give."""
        burst: list[bytes] = []
        while len(burst) < MAX_BURST and (data := self.poll_write()) is not None:
            burst.append(data)
        return burst

    def poll_event(self) -> Event | None:
        """What has happened, oldest first."""
        return self._outlets.events.popleft() if self._outlets.events else None

    def poll_media(self) -> Media | None:
        """What has been received, oldest first."""
        return self._outlets.media.popleft() if self._outlets.media else None

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout`."""
        soonest = earliest(self._chain.poll_timeout(), self._feedback.deadline)
        for buffer in self._outlets.waiting.values():
            soonest = earliest(soonest, buffer.deadline)
        for _, stream in self._delayed:
            soonest = earliest(soonest, stream.keyframe_due)
        return soonest

    def _bind_encoding(self, sender: Sender, encoding: Encoding) -> None:
        terms = sender.terms
        codecs = {codec.payload_type: codec for codec in terms.codecs}
        extensions = dict(terms.extensions)
        if not self._numbered:
            extensions.pop(TRANSPORT_CC, None)
        rtx = encoding.rtx_ssrc if any(codec.rtx is not None for codec in terms.codecs) else None
        info = StreamInfo(
            encoding.ssrc,
            sender.kind,
            codecs,
            extensions,
            rtx,
            mid=terms.mid,
            rid=encoding.rid,
        )
        if encoding.stream is not None and encoding.stream.info == info:
            return
        end = self._depart_sound if sender.kind == "audio" else self._depart_picture
        forward = self._chain.bind_outbound(info, end)
        encoding.stream = OutboundStream(info, encoding.numbers, forward)
        if rtx is None and info.wants("nack"):
            self._sealed[encoding.ssrc] = {}
        elif rtx is not None:
            self._chain.bind_outbound(
                replace(info, ssrc=rtx, rtx_ssrc=None, repairs=encoding.ssrc), end
            )
        self._senders[encoding.ssrc] = sender, encoding

    def _depart_sound(self, packet: RtpPacket, now: float) -> None:
        self._depart(self._audio, packet, now)

    def _depart_picture(self, packet: RtpPacket, now: float) -> None:
        self._depart(self._video, packet, now)

    def _depart(self, queue: deque[RtpPacket], packet: RtpPacket, now: float) -> None:
        if self._outbound is None:
            self.unsent += 1
            return
        queue.append(packet)
        if len(queue) > MAX_QUEUE:
            queue.popleft()
            self.unsent += 1
        if not self._begun:
            self._begin(now)

    def _resend(self, ssrc: int, number: int) -> bool:
        kept = self._sealed.get(ssrc, {}).get(number % KEEP_SEALED)
        if kept is None or kept[0] != number:
            return False
        self._again.append(kept[1])
        return True

    def _begin(self, now: float) -> None:
        self._begun = True
        self._feedback.begin(now)

    def _give_feedback(self) -> None:
        self._count()
        self._feedback.take(self._rtcp)
        self._rtcp.clear()

    def _count(self) -> None:
        self._feedback.octets += self._octets
        self._octets = 0

    def _handle(self, packet: RtcpPacket, now: float) -> None:
        """What an RTCP packet means to senders and receivers."""
        match packet:
            case PictureLossIndication():
                self._want_keyframe(packet.media_ssrc, now, full=False)
            case FullIntraRequest():
                for ssrc, _ in packet.requests:
                    self._want_keyframe(ssrc, now, full=True)
            case ReceiverEstimatedMaximumBitrate():
                self._want_bitrate(packet)
            case SourceDescription():
                self._describe(packet)
            case Goodbye():
                for ssrc in packet.sources:
                    self._end_source(ssrc)
            case SenderReport() | ReceiverReport():
                for block in packet.reports:
                    self._introduce(block.ssrc)
            case _:
                pass

    def _describe(self, packet: SourceDescription) -> None:
        """RTCP may name the sections of sources: RFC 9143 §9.2."""
        for chunk in packet.chunks:
            mid = chunk.get(ItemType.MID)
            if mid is not None:
                self._sources.router.tell(chunk.ssrc, mid.decode(errors="replace"))

    def _introduce(self, ssrc: int) -> None:
        """The peer knows a source of ours: it needs no more names."""
        found = self._senders.get(ssrc)
        if found is not None and found[1].stream is not None:
            found[1].stream.introduced = True

    def _want_keyframe(self, ssrc: int, now: float, *, full: bool) -> None:
        """The peer asks by PLI, or by FIR when `full`."""
        if ssrc not in self._senders:
            return
        sender, encoding = self._senders[ssrc]
        stream = encoding.stream
        if stream is None:
            return
        if full:
            encoding.firs += 1
        else:
            encoding.plis += 1
        if stream.keyframe_due is not None:
            return
        if stream.wants_keyframe(now):
            self._outlets.events.append(KeyFrameWanted(sender, encoding.rid))
        else:
            self._delayed.append((sender, stream))

    def _want_bitrate(self, packet: ReceiverEstimatedMaximumBitrate) -> None:
        """The peer tells what it can take of the sources that it names."""
        known = self._senders
        named = [known[ssrc][0] for ssrc in packet.ssrcs if ssrc in known]
        senders = tuple(dict.fromkeys(named))
        bitrate = packet.bitrate if packet.bitrate > LEAST_BITRATE else LEAST_BITRATE
        wanted = BitrateWanted(senders, bitrate)
        if senders and wanted != self._wanted:
            self._wanted = wanted
            self._outlets.events.append(wanted)

    def _make_keyframes(self, now: float) -> None:
        for sender, stream in self._delayed[:]:
            if stream.keyframe_due is not None and stream.keyframe_due <= now:
                self._delayed.remove((sender, stream))
                if stream.wants_keyframe(now):
                    self._outlets.events.append(KeyFrameWanted(sender, stream.info.rid))

    def _end_source(self, ssrc: int) -> None:
        """A source has said goodbye: with the last one its receiver is muted."""
        stream = self._sources.router.known(ssrc)
        if not isinstance(stream, InboundStream) or stream.receiver is None:
            return
        stream.gone = True
        receiver = stream.receiver
        streams = receiver.sources.values()
        if not receiver.muted and all(each.gone for each in streams):
            receiver.muted = True
            self._outlets.events.append(Muted(receiver))

    def _name_session(self) -> None:
        """Give feedback in the name of a source that sends, where there is one."""
        self.info.ssrc = next(iter(self._senders), self._ssrc)

    def _set_interval(self) -> None:
        kinds = {receiver.kind for receiver in self._sources.router.receivers}
        kinds |= {sender.kind for sender, _ in self._senders.values()}
        self._feedback.interval = VIDEO_INTERVAL if "video" in kinds else AUDIO_INTERVAL

    def _forget(self, ssrc: int) -> None:
        if self._inbound is not None:
            self._inbound.forget(ssrc)
