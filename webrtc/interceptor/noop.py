"""An interceptor that does nothing: what all others begin with."""

from collections.abc import Callable
from enum import IntEnum

from webrtc.interceptor.info import StreamInfo
from webrtc.rtcp import RtcpPacket
from webrtc.rtp.packet import RtpPacket

Forward = Callable[[RtpPacket, float], None]
"""Takes a packet, and the time, and hands the packet on, later, or never."""


class Slot(IntEnum):
    """Distance from the wire: one order for both directions."""

    SEND_TIME = 0
    """Stamps what leaves."""
    ARRIVAL = 10
    """Records when packets came: what is repaired has not come then."""
    REPAIR = 20
    """Asks for what is missing, and sends it again. Repaired packets enter the chain here."""
    REPORTS = 30
    KEY_FRAMES = 40
    APPLICATION = 50
    """Where interceptors of applications are if they do not say otherwise."""


class Interceptor:
    """Stands in the way of those streams that it asks for, and does nothing to them.

    A session reads `rtcp` and `deadline` after every packet, which is why they are no methods.
    """

    slot: int = Slot.APPLICATION
    reads: frozenset[type] = frozenset()
    """Kinds of RTCP packets that it is given."""
    rtcp: list[RtcpPacket]
    """Packets to send, to be appended to. `attach` sets it; the session takes them away."""
    deadline: float | None = None
    """When to call `handle_timeout`, or None."""

    def attach(self, rtcp: list[RtcpPacket]) -> None:
        """Become part of a session, which sends what is put into `rtcp`."""
        self.rtcp = rtcp

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:  # noqa: ARG002
        """What takes the packets of a received stream; `onward` itself: not in the way."""
        return onward

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:  # noqa: ARG002
        """What takes the packets of a sent stream."""
        return onward

    def unbind(self, ssrc: int) -> None:
        """Forget a stream. Harmless when unknown."""

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        """Take a packet of one of the kinds in `reads`."""

    def handle_timeout(self, now: float) -> None:
        """Act on the deadline. Harmless when it has not come."""
