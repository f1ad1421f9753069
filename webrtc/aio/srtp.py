"""SRTP over any path for datagrams, for those who have keys and no ICE. RFC 3711."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Final

from webrtc import rtcp
from webrtc.aio.loop.waiters import Waiters
from webrtc.errors import ConnectionFailed, DecodeError, InvalidStateError
from webrtc.rtp.packet import RtpPacket
from webrtc.srtp import InboundContext, OutboundContext, ProtectionProfile, SessionKeys
from webrtc.srtp.context import WINDOW

MAX_PACKETS: Final = 512
"""Packets of a stream that wait to be read: the oldest is dropped."""
MAX_WAITING: Final = 64
"""New streams that wait to be accepted: the oldest is forgotten."""
MAX_STREAMS: Final = 4096

_RTCP_TYPES: Final = range(192, 224)  # RFC 5761 §4


class SrtpStream:
    """The packets of one source: those that come, and those that are written to it."""

    def __init__(self, session: "SrtpSession", ssrc: int) -> None:
        self.ssrc = ssrc
        self.dropped = 0
        """Packets that came and were not read in time."""
        self._session = session
        self._rtp: deque[RtpPacket] = deque(maxlen=MAX_PACKETS)
        self._rtcp: deque[rtcp.RtcpPacket] = deque(maxlen=MAX_PACKETS)
        self._waiters = Waiters()
        self._closed = False

    async def read(self) -> RtpPacket:
        """The next RTP packet. Raises ConnectionFailed once there will be none."""
        while not self._rtp:
            await self._wait()
        return self._rtp.popleft()

    async def read_rtcp(self) -> rtcp.RtcpPacket:
        """The next RTCP packet about the source. Raises ConnectionFailed as `read` does."""
        while not self._rtcp:
            await self._wait()
        return self._rtcp.popleft()

    def write(self, packet: RtpPacket) -> None:
        """Send a packet as one of this source. Raises OperationError for a number used before."""
        if self._closed:
            raise InvalidStateError(f"the stream {self.ssrc:#x} is closed")
        if packet.ssrc != self.ssrc:
            raise InvalidStateError(f"a packet of {packet.ssrc:#x} in the stream {self.ssrc:#x}")
        self._session.write(packet)

    def close(self) -> None:
        """Forget the source: its next packet makes a new stream. Harmless when closed."""
        if not self._closed:
            self._closed = True
            self._session.forget(self)
            self._waiters.wake()

    def put(self, packet: RtpPacket | rtcp.RtcpPacket) -> None:
        """Take what has come."""
        if isinstance(packet, RtpPacket):
            self.dropped += len(self._rtp) == MAX_PACKETS
            self._rtp.append(packet)
        else:
            self.dropped += len(self._rtcp) == MAX_PACKETS
            self._rtcp.append(packet)
        self._waiters.wake()

    async def _wait(self) -> None:
        if self._closed:
            raise ConnectionFailed(f"the stream {self.ssrc:#x} is closed")
        await self._waiters.wait()


class SrtpSession:
    """Both directions of one session: streams by their source.

    It opens no socket. Whoever has one gives `receive` what comes, and gets from `send` what goes.
    """

    def __init__(
        self,
        profile: ProtectionProfile,
        keys: SessionKeys,
        send: Callable[[bytes], None],
        *,
        window: int = WINDOW,
    ) -> None:
        """`window`: packets that may come late, 0 for no protection against replay."""
        self.malformed = 0
        """Packets that were authentic and not to be decoded."""
        self.unread = 0
        """RTCP packets about sources that have no stream."""
        self._inbound = InboundContext(profile, keys.remote, window=window)
        self._outbound = OutboundContext(profile, keys.local)
        self._send = send
        self._streams: dict[int, SrtpStream] = {}
        self._new: OrderedDict[int, SrtpStream] = OrderedDict()
        self._waiters = Waiters()
        self._closed = False

    @property
    def failed(self) -> int:
        """Packets that were not authentic, malformed or came twice."""
        return self._inbound.failed + self._inbound.replayed

    def open(self, ssrc: int) -> SrtpStream:
        """The stream of a source, made if there is none."""
        self._check()
        stream = self._streams.get(ssrc)
        if stream is None:
            stream = self._streams[ssrc] = SrtpStream(self, ssrc)
        self._new.pop(ssrc, None)
        return stream

    async def accept(self) -> SrtpStream:
        """The stream of the next source that the peer sends and nobody has opened.

        Raises ConnectionFailed when the session is closed.
        """
        while not self._new:
            if self._closed:
                raise ConnectionFailed("the SRTP session is closed")
            await self._waiters.wait()
        return self._new.popitem(last=False)[1]

    def receive(self, data: bytes) -> None:
        """Take a datagram. What is not authentic leaves no trace but a count."""
        if self._closed or len(data) < 2:
            return
        try:
            if data[1] in _RTCP_TYPES:
                self._receive_rtcp(data)
            else:
                self._receive_rtp(data)
        except DecodeError:
            self.malformed += 1

    def write(self, packet: RtpPacket) -> None:
        """Send an RTP packet. Raises OperationError for a number that was used before."""
        self._check()
        header, body = packet.header(), packet.body()
        self._send(self._outbound.seal_rtp(header, body, packet.ssrc, packet.sequence_number))

    def write_rtcp(self, packets: Iterable[rtcp.RtcpPacket]) -> None:
        """Send RTCP packets as one datagram."""
        self._check()
        self._send(self._outbound.seal_rtcp(rtcp.encode(packets)))

    def forget(self, stream: SrtpStream) -> None:
        """Drop a stream that is closed."""
        if self._streams.get(stream.ssrc) is stream:
            del self._streams[stream.ssrc]
            self._new.pop(stream.ssrc, None)

    def close(self) -> None:
        """End every stream. Harmless when closed."""
        self._closed = True
        for stream in list(self._streams.values()):
            stream.close()
        self._waiters.wake()

    def _receive_rtp(self, data: bytes) -> None:
        opened = self._inbound.open_rtp(data, asyncio.get_running_loop().time())
        if opened is None:
            return
        packet = RtpPacket.decode(opened)
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            stream = self._add(packet.ssrc)
        stream.put(packet)

    def _receive_rtcp(self, data: bytes) -> None:
        opened = self._inbound.open_rtcp(data)
        if opened is None:
            return
        for packet in rtcp.decode(opened):
            streams = [
                self._streams[ssrc] for ssrc in set(packet.destinations) & set(self._streams)
            ]
            self.unread += not streams
            for stream in streams:
                stream.put(packet)

    def _add(self, ssrc: int) -> SrtpStream:
        """A stream of a source that nobody has opened."""
        stream = self._streams[ssrc] = self._new[ssrc] = SrtpStream(self, ssrc)
        if len(self._new) > MAX_WAITING or len(self._streams) > MAX_STREAMS:
            oldest = next(iter(self._new.values()))
            oldest.close()
            self._inbound.forget(oldest.ssrc)
        self._waiters.wake()
        return stream

    def _check(self) -> None:
        if self._closed:
            raise InvalidStateError("the SRTP session is closed")
