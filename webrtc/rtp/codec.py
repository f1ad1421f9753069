"""What a payload type means in one session. RFC 4855, RFC 4585 §4.2."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec as two peers have agreed on it."""

    payload_type: int
    name: str
    """The encoding name of `a=rtpmap`: "VP8", "opus"."""
    clock_rate: int
    """In Hz."""
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Those of `a=fmtp`."""
    feedback: frozenset[str] = frozenset()
    """Values of `a=rtcp-fb`: "nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"."""
    rtx: int | None = None
    """Payload type of its retransmissions. RFC 4588 §8.6."""
