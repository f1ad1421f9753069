"""The sources that a peer sends: made, looked at again, replaced, closed."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from webrtc.interceptor.chain import Chain
from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import PayloadFormat
from webrtc.streams.built_in import BuiltIn
from webrtc.streams.inbound import InboundSource, InboundStream, Outlets, RepairStream
from webrtc.streams.receiver import Receiver
from webrtc.streams.router import Destination, Router

MAX_UNSIGNALLED: Final = 64
MAX_SIGNALLED: Final = 4096
"""Sources that the peer's descriptions name."""
_NEW_PER_SECOND: Final = 10.0


class Sources:
    """Makes a stream for each source that somebody wants, and bounds how many there are.

    It sees authenticated packets only. Of sources that no description has named there are 64 at
    most; one more replaces that which was silent for longest. After so many at once only ten more
    a second are made.
    """

    def __init__(
        self,
        chain: Chain,
        session: SessionInfo,
        built_in: BuiltIn,
        formats: Mapping[str, PayloadFormat],
        forget: Callable[[int], None],
    ) -> None:
        """`forget`: called with a source whose cryptographic context is of no more use."""
        self.router = Router()
        self.outlets = Outlets()
        self.refused = 0
        """Packets that belong to no section."""
        self._chain = chain
        self._session = session
        self._reports = built_in.reports
        self._keyframes = built_in.keyframes
        self._recorder = built_in.recorder
        self._formats = formats
        self._forget = forget
        self._stray = InboundSource(0, {}, None, signalled=False)
        self._strays: OrderedDict[int, None] = OrderedDict()
        self._unsignalled: dict[int, InboundSource] = {}
        self._signalled = 0
        self._allowed = float(MAX_UNSIGNALLED)
        self._allowed_at = 0.0

    def bind(self, receiver: Receiver) -> None:
        """Know a receiver, or its new terms."""
        self.router.add(receiver)
        # The feedback of a transport is about all that comes, be it nobody's.
        info = self._info(receiver, None, 0)
        record = self._recorder.bind_inbound(info, _nobody)
        if record is not _nobody:
            self._stray.first = record
        for source in list(receiver.sources.values()):
            if isinstance(source, InboundStream):
                self._renew(source, receiver)

    def unbind(self, receiver: Receiver) -> None:
        """Forget a receiver with all its sources."""
        self.router.remove(receiver)
        for source in list(receiver.sources.values()):
            if isinstance(source, InboundStream):
                self.close(source)

    def route(self, packet: RtpPacket, now: float) -> InboundSource:
        """Whose packet it is, where the table alone does not tell."""
        known = self.router.known(packet.ssrc)
        if known is not None and not self.router.may_check(known, now):
            return known if packet.payload_type in known.payload_types else self._refuse(packet)
        destination = self.router.find(packet, known)
        if destination is None:
            return self._refuse(packet)
        if known is not None:
            if _fits(known, destination) and packet.payload_type in known.payload_types:
                self.router.confirm(known)
                return known
            self.close(known)
        return self._make(destination, packet.ssrc, now) or self._refuse(packet)

    def close(self, source: InboundSource) -> None:
        """Forget a source. It comes back with its next packet."""
        ssrc = source.ssrc
        if isinstance(source, InboundStream):
            if source.rtx is not None:
                self.close(source.rtx)
            source.close()
        elif isinstance(source, RepairStream) and source.repairs.rtx is source:
            source.repairs.rtx = None
        self._chain.unbind(ssrc)
        self.router.forget(ssrc)
        if self._unsignalled.pop(ssrc, None) is None:
            self._signalled -= 1
        else:
            self._remember_stray(ssrc)

    def _make(self, destination: Destination, ssrc: int, now: float) -> InboundSource | None:
        repaired = self._repaired(destination, ssrc) if destination.repair else None
        if destination.repair and repaired is None:
            return None  # what it repairs has not come yet
        if not self._allow(destination, ssrc, now):
            return None
        source: InboundSource
        if repaired is not None:
            if self.router.known(repaired.ssrc) is not repaired:
                return None  # room was made where it was
            source = self._make_repair(repaired, ssrc)
        else:
            source = self._make_stream(destination.receiver, destination.rid, ssrc)
        self._strays.pop(ssrc, None)
        if source.signalled:
            self._signalled += 1
        else:
            self._unsignalled[ssrc] = source
        self.router.confirm(source)
        return source

    def _make_stream(self, receiver: Receiver, rid: str | None, ssrc: int) -> InboundStream:
        info = self._info(receiver, rid, ssrc)
        stream = InboundStream(
            info, receiver, self.outlets, self._session, self._keyframes, self._formats
        )
        if not stream.signalled:
            for other in list(receiver.sources.values()):
                if isinstance(other, InboundStream) and not other.signalled and other.rid == rid:
                    self.close(other)  # the peer has changed the source of an encoding
        stream.bind(self._chain.bind_inbound(info, stream.take), self._reports.received.get(ssrc))
        receiver.sources[ssrc] = stream
        return stream

    def _make_repair(self, stream: InboundStream, ssrc: int) -> RepairStream:
        if stream.rtx is not None:
            self.close(stream.rtx)
        codecs = {
            codec.rtx: codec for codec in stream.info.codecs.values() if codec.rtx is not None
        }
        info = replace(stream.info, ssrc=ssrc, codecs=codecs, rtx_ssrc=None, repairs=stream.ssrc)
        rtx = RepairStream(info, stream, codecs)
        rtx.first = self._chain.bind_inbound(info, rtx.take).first
        stream.rtx = rtx
        return rtx

    def _repaired(self, destination: Destination, ssrc: int) -> InboundStream | None:
        """The stream that a source repairs: as signalled, of its rid, or the only one."""
        signalled = self.router.repaired_by(ssrc)
        found = [
            source
            for source in destination.receiver.sources.values()
            if isinstance(source, InboundStream)
            and (signalled is None or source.ssrc == signalled)
            and (destination.rid is None or source.rid == destination.rid)
        ]
        return found[0] if len(found) == 1 else None

    def _info(self, receiver: Receiver, rid: str | None, ssrc: int) -> StreamInfo:
        terms = receiver.terms
        codecs = {codec.payload_type: codec for codec in terms.codecs}
        rtx = terms.sources.get(ssrc)
        return StreamInfo(
            ssrc, receiver.kind, codecs, terms.extensions, rtx, mid=terms.mid, rid=rid
        )

    def _renew(self, stream: InboundStream, receiver: Receiver) -> None:
        """Let a stream go on under new terms, where it can."""
        info = self._info(receiver, stream.rid, stream.ssrc)
        feedback = [codec.feedback for codec in info.codecs.values()]
        before = [codec.feedback for codec in stream.info.codecs.values()]
        if replace(info, codecs=stream.info.codecs) == stream.info and feedback == before:
            stream.update(info)
        else:
            self.close(stream)

    def _allow(self, destination: Destination, ssrc: int, now: float) -> bool:
        """Whether one more source may be made; room is made for it."""
        sources = destination.receiver.terms.sources
        if ssrc in sources or ssrc in sources.values():
            return self._signalled < MAX_SIGNALLED
        self._allowed += (now - self._allowed_at) * _NEW_PER_SECOND
        if self._allowed > MAX_UNSIGNALLED:
            self._allowed = float(MAX_UNSIGNALLED)
        self._allowed_at = now
        if self._allowed < 1.0:
            return False
        self._allowed -= 1.0
        if len(self._unsignalled) >= MAX_UNSIGNALLED:
            self.close(min(self._unsignalled.values(), key=self._heard))
        return True

    def _heard(self, source: InboundSource) -> float:
        reception = self._reports.received.get(source.ssrc)
        return reception.last_at if reception is not None else 0.0

    def _refuse(self, packet: RtpPacket) -> InboundSource:
        self.refused += 1
        if self.router.known(packet.ssrc) is None:
            self._remember_stray(packet.ssrc)
        return self._stray

    def _remember_stray(self, ssrc: int) -> None:
        """Keep the contexts of the newest sources that have no stream, and of no others."""
        self._strays[ssrc] = None
        self._strays.move_to_end(ssrc)
        if len(self._strays) > MAX_UNSIGNALLED:
            self._forget(self._strays.popitem(last=False)[0])


def _fits(source: InboundSource, destination: Destination) -> bool:
    if source.receiver is not destination.receiver:
        return False
    if isinstance(source, RepairStream) is not destination.repair:
        return False
    if destination.rid is None:
        return True
    stream = source.repairs if isinstance(source, RepairStream) else source
    return isinstance(stream, InboundStream) and stream.rid == destination.rid


def _nobody(packet: RtpPacket, now: float) -> None:
    """The end of the way of packets that belong to no section."""
