"""Whoever uses the records of a transport is told of them, and told alike."""

from collections.abc import Sequence

from tests.peer.hands import Hands
from webrtc.errors import ProtocolError
from webrtc.peer.records import Records


class Noting:
    """Uses records without SCTP: notes what it is told, and sends what the test has queued."""

    dont_fragment = False

    def __init__(self) -> None:
        self.told: list[object] = []
        self.queue: list[bytes] = []

    def handle_connected(self, now: float) -> None:
        self.told.append("connected")

    def handle_read(self, record: bytes, now: float) -> None:
        self.told.append(record)

    def handle_reads(self, records: Sequence[bytes], now: float) -> None:
        self.told += records

    def handle_timeout(self, now: float) -> None:
        """No timer runs."""

    def handle_path_change(self) -> None:
        self.told.append("path")

    def handle_too_large(self, size: int, now: float) -> None:
        self.told.append(size)

    def handle_replaced(self, reason: ProtocolError) -> None:
        self.told.append("replaced")

    def handle_closed(self, reason: ProtocolError | None) -> None:
        self.told.append("closed")

    def poll_write(self) -> bytes | None:
        return self.queue.pop(0) if self.queue else None

    @property
    def more(self) -> bool:
        return bool(self.queue)

    def poll_burst(self) -> Sequence[bytes]:
        queue, self.queue = self.queue, []
        return queue

    def poll_timeout(self) -> float | None:
        return None

    def close(self, now: float) -> None:
        self.queue.append(b"farewell")


def both(hands: Hands) -> tuple[Noting, Noting]:
    """Both ends use the records of a connection that is there."""
    users = Noting(), Noting()
    for hand, user in zip((hands.left, hands.right), users, strict=True):
        transport = hand.core.transports.one
        assert transport is not None
        records: Records = user
        transport.attach(records, hands.network.now)
    return users


def test_records_go_from_one_to_the_other_whole_and_in_order() -> None:
    hands = Hands()
    hands.connect()
    hands.network.run(1.0)  # the association rests
    left, right = both(hands)
    left.queue += [b"one", b"two", b"three"]
    hands.network.flush()
    hands.network.run(1.0)
    assert right.told == ["connected", b"one", b"two", b"three"]
    assert left.told == ["connected"]


def test_the_farewell_is_the_last_that_is_sent() -> None:
    hands = Hands()
    hands.connect()
    _, right = both(hands)
    hands.left.core.close(hands.network.now)
    hands.network.flush()
    hands.network.run(1.0)
    assert right.told[:2] == ["connected", b"farewell"]
    assert right.told[-1] == "closed"
