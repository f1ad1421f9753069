"""Picture loss indication: a receiver needs a key frame. RFC 4585 §6.3.1."""

from typing import ClassVar

from webrtc.rtcp.feedback import Request
from webrtc.rtcp.header import PacketType


class PictureLossIndication(Request):
    """A receiver cannot decode any more."""

    __slots__ = ()

    packet_type: ClassVar[int] = PacketType.PAYLOAD_FEEDBACK
    fmt: ClassVar[int] = 1
    name: ClassVar[str] = "picture loss indication"
