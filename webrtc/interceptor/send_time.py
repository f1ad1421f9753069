"""The time at which a packet leaves, in its header."""

from webrtc.clock import Clock
from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtp.header_values import ABS_SEND_TIME
from webrtc.rtp.packet import RtpPacket

_UNIT = 1 << 18


class SendTimes(Interceptor):
    """Stamps the packets of streams that have agreed on abs-send-time.

    Those of our own making have its element first, which is then overwritten in place.
    """

    slot: int = Slot.SEND_TIME

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        id_ = stream.extensions.get(ABS_SEND_TIME)
        if id_ is None:
            return onward
        return _Stamp(id_, self._clock.unix_at_zero, onward).take


class _Stamp:
    __slots__ = ("_element", "_first", "_head", "_id", "_now", "_onward", "_unix_at_zero")

    def __init__(self, id_: int, unix_at_zero: float, onward: Forward) -> None:
        self._id = id_
        self._unix_at_zero = unix_at_zero
        self._onward = onward
        self._first = id_ << 4 | 2 if id_ < 15 else -1  # RFC 8285 §4.2: three bytes of value
        self._head = bytes((self._first,)) if id_ < 15 else b""
        self._now = -1.0
        self._element = b""

    def take(self, packet: RtpPacket, now: float) -> None:
        if now != self._now:  # the packets of a frame leave together
            self._now = now
            # NTP's epoch is a multiple of 64 s before 1970: only what is left of those counts.
            time = int((self._unix_at_zero + now) * _UNIT) & 0xFFFFFF
            self._element = self._head + time.to_bytes(3, "big")
        extension = packet.extension
        if extension and extension[0] == self._first and packet.extension_profile == 0xBEDE:
            packet.extension = self._element + extension[4:]
        else:
            packet.set_extension(self._id, self._element[-3:])
        self._onward(packet, now)
