"""RTCDataChannelInit, checked as webrtc-pc §6.1.1 and §6.2 say."""

from dataclasses import dataclass

from webrtc.datachannel import Parameters
from webrtc.datachannel.identifiers import MAX_ID
from webrtc.datachannel.text import scalar, to_utf8
from webrtc.util.webidl import one_of, text, unsigned_short

PRIORITIES = {"very-low": 128, "low": 256, "medium": 512, "high": 1024}
"""Levels of RFC 8831 §6.4 by their W3C names."""

_MAX_TEXT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCDataChannelInit:
    """How a data channel is to work."""

    ordered: bool = True
    """Whether messages arrive in the order in which they were sent."""
    max_packet_life_time: int | None = None
    """Milliseconds during which a message is sent again; excludes `max_retransmits`."""
    max_retransmits: int | None = None
    """How often a lost message is sent again; excludes `max_packet_life_time`."""
    protocol: str = ""
    """What both applications speak on it."""
    negotiated: bool = False
    """Both applications open the channel under the same `id`; the peers do not talk about it."""
    id: int | None = None
    """0 to 65534; counts only for a negotiated channel."""
    priority: str = "low"
    """very-low, low, medium or high."""

    def parameters(self, label: str) -> Parameters:
        """What goes over the wire. Raises TypeError for whatever is wrong."""
        for name, value in (("label", label), ("protocol", self.protocol)):
            text(name, value)
            if len(to_utf8(value)) > _MAX_TEXT:
                raise TypeError(f"{name} is longer than {_MAX_TEXT} bytes")
        unsigned_short("max_packet_life_time", self.max_packet_life_time)
        unsigned_short("max_retransmits", self.max_retransmits)
        unsigned_short("id", self.id)
        if self.max_packet_life_time is not None and self.max_retransmits is not None:
            raise TypeError("max_packet_life_time and max_retransmits exclude each other")
        if self.negotiated and (self.id is None or self.id > MAX_ID):
            raise TypeError(f"a negotiated data channel has an id of 0 to {MAX_ID}, not {self.id}")
        one_of("priority", self.priority, tuple(PRIORITIES))
        return Parameters(
            scalar(label),
            scalar(self.protocol),
            ordered=bool(self.ordered),
            max_packet_life_time=self.max_packet_life_time,
            max_retransmits=self.max_retransmits,
            priority=PRIORITIES[self.priority],
        )
