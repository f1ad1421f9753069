"""Who uses the DTLS records of a transport."""

from collections.abc import Sequence
from typing import Protocol

from webrtc.errors import ProtocolError


class Records(Protocol):
    """Who sends and receives records of DTLS: a core with the five verbs, one packet each."""

    @property
    def dont_fragment(self) -> bool:
        """Whether what `poll_write` or `poll_burst` gave must not be fragmented."""

    def handle_connected(self, now: float) -> None:
        """Records can be sent, and will come."""

    def handle_read(self, record: bytes, now: float) -> None:
        """Take the content of one record."""

    def handle_reads(self, records: Sequence[bytes], now: float) -> None:
        """Take the content of records that came together."""

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""

    def handle_path_change(self) -> None:
        """Packets take another path."""

    def handle_too_large(self, size: int, now: float) -> None:
        """An interface refused a packet of `size` bytes that must not be fragmented."""

    def handle_replaced(self, reason: ProtocolError) -> None:
        """Another takes the peer's place: all that was said to the one before is void."""

    def handle_closed(self, reason: ProtocolError | None) -> None:
        """No record comes or goes any more."""

    def poll_write(self) -> bytes | None:
        """Next packet, or None."""

    @property
    def more(self) -> bool:
        """Whether `poll_burst` has not given everything."""

    def poll_burst(self) -> Sequence[bytes]:
        """Packets that leave together, perhaps none."""

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next, or None."""

    def close(self, now: float) -> None:
        """Stop; what `poll_write` still gives is the farewell."""
