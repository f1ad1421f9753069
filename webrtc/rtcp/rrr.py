"""Rapid resynchronisation request: a receiver wants a sender report now. RFC 6051 §3.2."""

from typing import ClassVar

from webrtc.rtcp.feedback import Request
from webrtc.rtcp.header import PacketType


class RapidResynchronizationRequest(Request):
    """Without a sender report the clock of this source is not known."""

    __slots__ = ()

    packet_type: ClassVar[int] = PacketType.TRANSPORT_FEEDBACK
    fmt: ClassVar[int] = 5
    name: ClassVar[str] = "rapid resynchronisation request"
