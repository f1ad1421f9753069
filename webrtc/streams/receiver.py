"""Who receives: one section's media, of one or more encodings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from webrtc.rtp.codec import Codec


@dataclass(frozen=True, slots=True)
class ReceiveTerms:
    """What two peers have agreed on for what one of them receives."""

    mid: str | None = None
    codecs: tuple[Codec, ...] = ()
    extensions: Mapping[str, int] = field(default_factory=dict)
    """Ids of header extensions by their URI."""
    rids: tuple[str, ...] = ()
    """Encodings that the peer may send. RFC 8853."""
    sources: Mapping[int, int | None] = field(default_factory=dict)
    """Sources that the peer has named, each with the one that repairs it. RFC 5576."""


class Source(Protocol):
    """A stream of a receiver."""

    ssrc: int
    rid: str | None
    gone: bool

    def request_keyframe(self, now: float) -> None:
        """Ask the peer for a key frame."""

    def wait_at_most(self, seconds: float | None) -> None:
        """Bound what it waits for a missing packet."""


class Receiver:
    """Takes part in a session while it is bound to it, and outlives it.

    What it receives comes out of the session: frames, packets, or both, as `frames` and `packets`
    ask for. Packets come as they arrive, frames whole and in order.
    """

    def __init__(self, kind: str) -> None:
        """`kind`: audio or video."""
        self.kind = kind
        self.terms = ReceiveTerms()
        self.frames = True
        self.packets = False
        self.muted = True
        """Whether nothing has come yet, or the last source has said goodbye."""
        self._patience: float | None = None
        self.sources: dict[int, Source] = {}
        """What is being received, by SSRC."""

    @property
    def patience(self) -> float | None:
        """Seconds that a missing packet is waited for at most; None leaves it to the library."""
        return self._patience

    @patience.setter
    def patience(self, seconds: float | None) -> None:
        self._patience = seconds
        for source in self.sources.values():
            source.wait_at_most(seconds)

    def configure(self, terms: ReceiveTerms) -> None:
        """Set what was agreed on. A session that it is bound to has to bind it anew."""
        self.terms = terms

    def request_keyframe(self, now: float, rid: str | None = None) -> None:
        """Ask for a key frame of every encoding, or of one."""
        for source in self.sources.values():
            if rid is None or source.rid == rid:
                source.request_keyframe(now)
