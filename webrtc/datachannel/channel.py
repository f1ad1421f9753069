"""One data channel: its parameters, state and counters. RFC 8831 §6."""

from enum import StrEnum

from webrtc.datachannel.dcep import Parameters


class ChannelState(StrEnum):
    """W3C RTCDataChannelState."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Channel:
    """State of a data channel. The rules that change it are those of `DataChannels`."""

    __slots__ = (
        "acknowledged",
        "bytes_received",
        "bytes_sent",
        "half_closed",
        "id",
        "incoming_reset",
        "label_size",
        "lifetime",
        "low_threshold",
        "messages_received",
        "messages_sent",
        "negotiated",
        "outgoing_reset",
        "parameters",
        "state",
        "unsent",
    )

    def __init__(self, parameters: Parameters, id_: int | None, *, negotiated: bool) -> None:
        self.parameters = parameters
        self.negotiated = negotiated
        self.id = id_
        """SCTP stream identifier; None until the DTLS role tells even from odd."""
        self.state = ChannelState.CONNECTING
        self.acknowledged = negotiated
        """Until the peer has acknowledged the channel, messages go ordered. RFC 8832 §6."""
        self.lifetime = (
            None
            if parameters.max_packet_life_time is None
            else parameters.max_packet_life_time / 1000
        )
        self.label_size = 0
        """Bytes of label and protocol that the peer has made us keep."""
        self.low_threshold: int | None = None
        """Falling to this buffered amount is worth a BufferedAmountLow."""
        self.unsent = 0
        """Bytes that were still buffered when the channel was closed."""
        self.half_closed = False
        """We send no more, but still take what the peer sends until its stream is reset."""
        self.outgoing_reset = self.incoming_reset = False
        self.messages_sent = self.messages_received = 0
        self.bytes_sent = self.bytes_received = 0

    def __repr__(self) -> str:
        return f"<Channel {self.id} {self.parameters.label[:40]!r} {self.state}>"
