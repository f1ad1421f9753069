"""What was sent of one stream, to be sent again."""

from collections.abc import Callable
from typing import Final

from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward
from webrtc.rtp.header_values import MID, REPAIRED_RID, RID
from webrtc.rtp.packet import RtpPacket

OSN: Final = 2
"""Bytes of the original sequence number in front of the payload."""
MAX_HISTORY: Final = 8192
"""Packets of a stream that are kept."""
KEEP: Final = 1.0
"""Seconds that a packet is kept at least, or three round trips."""
_FIRST_HISTORY: Final = 128
_WINDOW: Final = 1.0
_NEVER: Final = 1e9


class History:
    """The newest packets of one stream in a ring that grows while they are young."""

    __slots__ = (
        "_again_at",
        "_before",
        "_budget",
        "_mask",
        "_number",
        "_onward",
        "_resend",
        "_ring",
        "_sent_at",
        "_session",
        "_since",
        "_spent",
        "_stream",
        "octets",
        "packets",
        "requests",
        "rtx",
        "rtx_onward",
    )

    def __init__(
        self,
        session: SessionInfo,
        stream: StreamInfo,
        number: int,
        onward: Forward,
        resend: Callable[[int, int], bool],
    ) -> None:
        """`number`: the first of the stream that repairs this one."""
        self.packets = 0
        """Those that were sent again."""
        self.octets = 0
        self.requests = 0
        """Messages that asked for some."""
        self.rtx: StreamInfo | None = None
        """The stream that repairs this one, once it is bound."""
        self.rtx_onward = onward
        self._session = session
        self._resend = resend
        self._stream = stream
        self._onward = onward
        self._number = number
        self._mask = _FIRST_HISTORY - 1
        self._ring: list[RtpPacket | None] = [None] * _FIRST_HISTORY
        self._sent_at = [-_NEVER] * _FIRST_HISTORY
        self._again_at = [-_NEVER] * _FIRST_HISTORY
        self._since = 0.0
        self._budget = self._before = self._spent = 0

    def take(self, packet: RtpPacket, now: float) -> None:
        """Keep a packet and hand it on."""
        place = packet.sequence_number & self._mask
        if now - self._sent_at[place] < KEEP and self._mask < MAX_HISTORY - 1:
            self._grow()
            place = packet.sequence_number & self._mask
        self._ring[place] = packet
        self._sent_at[place] = now
        self._again_at[place] = -_NEVER
        if now - self._since > _WINDOW:
            self._turn(now)
        self._budget += len(packet.payload)
        self._onward(packet, now)

    def repair(self, lost: tuple[int, ...], now: float) -> None:
        """Send those again that are kept and were not sent just now."""
        self.requests += 1
        round_trip = self._session.round_trip
        oldest = now - (3 * round_trip if 3 * round_trip > KEEP else KEEP)
        if now - self._since > _WINDOW:
            self._turn(now)
        for sequence in lost:
            place = sequence & self._mask
            packet = self._ring[place]
            if packet is None or packet.sequence_number != sequence:
                continue
            if self._sent_at[place] < oldest or now - self._again_at[place] < round_trip:
                continue
            size = len(packet.payload)
            if self._spent + size > self._budget + self._before:
                return
            self._spent += size
            self._again_at[place] = now
            self._send_again(packet, now)

    def _send_again(self, packet: RtpPacket, now: float) -> None:
        stream, codec = self.rtx, self._stream.codecs.get(packet.payload_type)
        if stream is None or codec is None or codec.rtx is None:
            if self._resend(packet.ssrc, packet.sequence_number):
                self.packets += 1
                self.octets += len(packet.payload)
            return
        self.packets += 1
        self.octets += len(packet.payload)
        payload = packet.sequence_number.to_bytes(OSN, "big") + packet.payload
        rtx = RtpPacket(codec.rtx, self._number, packet.timestamp, stream.ssrc, payload)
        self._number = self._number + 1 & 0xFFFF
        rtx.marker = packet.marker
        rtx.csrcs = packet.csrcs
        rtx.extension_profile, rtx.extension = packet.extension_profile, packet.extension
        self._name(rtx, stream)
        self.rtx_onward(rtx, now)

    def _name(self, rtx: RtpPacket, stream: StreamInfo) -> None:
        """Say whose repair it is: the peer may not have met the source. RFC 8852 §3.2."""
        extensions = stream.extensions
        plain, repaired, mid = (extensions.get(uri) for uri in (RID, REPAIRED_RID, MID))
        if stream.mid is not None and mid is not None:
            rtx.set_extension(mid, stream.mid.encode())
        if stream.rid is not None and repaired is not None:
            if plain is not None:
                rtx.remove_extension(plain)
            rtx.set_extension(repaired, stream.rid.encode())

    def _grow(self) -> None:
        """Double the ring. What was in it stays."""
        size = 2 * (self._mask + 1)
        mask = size - 1
        ring: list[RtpPacket | None] = [None] * size
        sent_at, again_at = [-_NEVER] * size, [-_NEVER] * size
        for old, packet in enumerate(self._ring):
            if packet is not None:
                place = packet.sequence_number & mask
                ring[place] = packet
                sent_at[place], again_at[place] = self._sent_at[old], self._again_at[old]
        self._mask, self._ring, self._sent_at, self._again_at = mask, ring, sent_at, again_at

    def _turn(self, now: float) -> None:
        """Begin a new second of the budget."""
        self._before = self._budget if now - self._since < 2 * _WINDOW else 0
        self._budget = self._spent = 0
        self._since = now
