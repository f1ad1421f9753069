"""The 48-bit index of a packet from its 16-bit sequence number. RFC 3711 §3.3.1, Appendix A."""

from webrtc.util.replay import ReplayWindow

ROLLOVER = 0x10000
LAST_INDEX = (1 << 48) - 1
"""One key protects no more packets: RFC 3711 §9.2."""


def estimate(newest: int, sequence: int) -> int:
    """Index of `sequence`, next to the `newest` one accepted so far; -1 for none."""
    if newest < 0:
        return sequence
    index = newest & ~0xFFFF | sequence
    ahead = index - newest
    if ahead > 0x8000 and index >= ROLLOVER:
        return index - ROLLOVER
    if ahead < -0x8000:
        return index + ROLLOVER
    return index


class Source:
    """What is kept of one SSRC: its indexes so far. Nothing is kept before authentication."""

    __slots__ = ("heard", "packets")

    def __init__(self, window: int) -> None:
        self.packets = ReplayWindow(window)
        self.heard = 0.0
        """When the newest authenticated packet came."""
