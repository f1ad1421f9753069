"""What is given up on, and what has to wait: partial reliability, flow control, fairness."""

import pytest

from tests.sctp.link import Link, Pair, both_formats, numbered
from webrtc.errors import OperationError
from webrtc.sctp import (
    MESSAGE_OVERHEAD,
    Config,
)


def partial(
    seed: int, max_retransmits: int, *, ordered: bool, interleaving: bool
) -> tuple[Pair, list[int]]:
    """1000 small messages on stream 1 beside a reliable stream 2, 10 % loss; what arrived on 1."""
    pair = Pair(seed, Link(delay=0.03), interleaving=interleaving).connect()
    pair.lossy(loss=0.1)
    for n in range(1000):
        pair.a.association.send(
            1, 53, numbered(n, 400), pair.now, ordered=ordered, max_retransmits=max_retransmits
        )
        if n % 10 == 0:
            pair.a.association.send(2, 53, numbered(n, 400), pair.now)
        pair.run(limit=0.016)
    pair.run(limit=30.0)
    reliable = [m.data for m in pair.b.received if m.stream_id == 2]
    assert reliable == [numbered(n, 400) for n in range(0, 1000, 10)]
    assert pair.a.association.bytes_in_flight == 0
    return pair, [int.from_bytes(m.data[:4], "big") for m in pair.b.received if m.stream_id == 1]


@both_formats
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_without_retransmissions_most_messages_arrive(
    seed: int, *, ordered: bool, interleaving: bool
) -> None:
    """F-43, SCTP-17: max_retransmits 0; the reliable stream beside it is whole."""
    pair, arrived = partial(seed, 0, ordered=ordered, interleaving=interleaving)
    assert 860 <= len(arrived) < 1000
    assert len(set(arrived)) == len(arrived)
    if ordered:
        assert arrived == sorted(arrived)
    abandoned = pair.a.association.counters.messages_abandoned
    assert len(arrived) + abandoned >= 1000


@both_formats
def test_with_a_few_retransmissions_nearly_all_arrive(*, interleaving: bool) -> None:
    """SCTP-17: rexmit."""
    _, arrived = partial(1, 3, ordered=True, interleaving=interleaving)
    assert len(arrived) >= 998
    assert arrived == sorted(arrived)


def delays(
    pair: Pair, count: int, size: int, *, ordered: bool = True, lifetime: float | None = None
) -> list[float]:
    """Send a message each 16 ms; how long each took that arrived by the end of the last one."""
    sent, found = [], []
    for n in range(count):
        sent.append(pair.now)
        pair.a.association.send(
            1, 53, numbered(n, size), pair.now, ordered=ordered, lifetime=lifetime
        )
        end = pair.now + 0.016
        while pair.now < end:
            pair.run(lambda: bool(pair.b.received), end - pair.now)
            numbers = [int.from_bytes(message.data[:4], "big") for message in pair.b.received]
            found += [pair.now - sent[number] for number in numbers]
            pair.b.received.clear()
    return found


@both_formats
def test_with_a_lifetime_stale_messages_never_arrive(*, interleaving: bool) -> None:
    """F-43: lifetime 100 ms; nothing later than lifetime and a round trip."""
    pair = Pair(3, Link(delay=0.03), interleaving=interleaving).connect()
    pair.lossy(loss=0.1)
    found = delays(pair, 600, 400, ordered=False, lifetime=0.1)
    assert len(found) >= 0.89 * 600
    assert max(found) <= 0.1 + 0.06


@pytest.mark.parametrize(
    ("loss", "limit"), [(0.0, 0.099), (0.02, 0.124), (0.05, 0.156), (0.1, 0.231)]
)
def test_mean_latency_of_small_ordered_messages(loss: float, limit: float) -> None:
    """Reliability §3: 64 bytes each 16 ms, 50 ms one way, against the published SCTP figures."""
    pair = Pair(1, Link(delay=0.05)).connect()
    pair.lossy(loss=loss)
    found = delays(pair, 1000, 64)
    assert sum(found) / len(found) <= limit


@both_formats
@pytest.mark.parametrize("dropped", range(12))
def test_reader_that_stops_and_resumes_with_any_packet_lost(
    dropped: int, *, interleaving: bool
) -> None:
    """C-25, DC-05, F-41: the last chunk before the window closed, and the update itself."""
    config = Config(receive_window=20000, max_message_size=10000)
    pair = Pair(1, Link(delay=0.02), config, interleaving=interleaving).connect()
    pair.b.reads = False
    count = 0

    def drop_nth(_: bytes) -> bool:
        nonlocal count
        count += 1
        return count == dropped + 8

    pair.a.drop = drop_nth
    for n in range(60):
        pair.a.association.send(0, 53, numbered(n, 1000), pair.now)
    pair.run(limit=3.0)
    inbound = pair.b.association._session.inbound
    assert inbound is not None
    assert inbound.held <= 20 * (1000 + MESSAGE_OVERHEAD)
    pair.b.reads = True
    lost = 0

    def drop_update(_: bytes) -> bool:
        nonlocal lost
        lost += 1
        return lost == 1 and dropped % 2 == 1

    pair.b.drop = drop_update
    assert pair.run(lambda: len(pair.b.received) == 60, 5.0 if dropped % 2 == 0 else 15.0)
    assert [m.data for m in pair.b.received] == [numbered(n, 1000) for n in range(60)]


def test_transfer_resumes_within_a_round_trip_of_the_window_update() -> None:
    """C-25."""
    config = Config(receive_window=20000, max_message_size=10000)
    pair = Pair(1, Link(delay=0.05), config).connect()
    pair.b.reads = False
    for n in range(60):
        pair.a.association.send(0, 53, numbered(n, 1000), pair.now)
    pair.run(limit=30.0)
    pair.b.reads = True
    pair.flush()
    before = len(pair.b.received)
    pair.run(limit=0.101)
    assert len(pair.b.received) > before


@both_formats
def test_slow_reader_holds_the_sender_back(*, interleaving: bool) -> None:
    """F-41, DC-05, DC-06: the sender's buffer fills, both stay bounded, nothing aborts."""
    config = Config(receive_window=100000, max_message_size=50000, max_send_buffer=200000)
    pair = Pair(1, Link(delay=0.01), config, interleaving=interleaving).connect()
    pair.b.reads = False
    sent = 0
    for _ in range(50):
        try:
            while True:
                pair.a.association.send(0, 53, numbered(sent, 10000), pair.now)
                sent += 1
        except OperationError:
            pass
        pair.run(limit=0.2)
        message = pair.b.association.poll_data()
        if message is not None:
            pair.b.received.append(message)
            pair.b.association.consume(message.cost)
            pair.flush()
    assert 50 <= sent <= 50 + 32
    pair.b.reads = True
    pair.run(lambda: len(pair.b.received) == sent, 60.0)
    assert [m.data[:4] for m in pair.b.received] == [n.to_bytes(4, "big") for n in range(sent)]


@both_formats
def test_thousand_streams_finish_together(*, interleaving: bool) -> None:
    """F-39, SCTP-21: fairness over the wire, nothing lost."""
    link = Link(delay=0.01, rate=2e6, queue=1.0)
    pair = Pair(1, link, interleaving=interleaving).connect()
    for n in range(4):
        for stream in range(1000):
            pair.a.association.send(stream, 53, numbered(n, 1024), pair.now)
    pair.run(lambda: len(pair.b.received) >= 2000, 60.0)
    counts = [0] * 1000
    for message in pair.b.received:
        counts[message.stream_id] += 1
    assert min(counts) >= 1
    assert max(counts) <= 3
    pair.run(lambda: len(pair.b.received) == 4000, 60.0)
    assert len(pair.b.received) == 4000


@both_formats
@pytest.mark.parametrize("seed", [1, 2])
def test_tiny_messages_at_full_speed_to_a_slow_reader_are_sent_once(
    seed: int, *, interleaving: bool
) -> None:
    """C-25, DC-05: a byte each, as browsers count them: with the header of their chunk.

    What the receiver spends on each is more, but nothing that its window allowed is dropped.
    """
    config = Config(receive_window=1_000_000, initial_receive_window=500_000)
    pair = Pair(seed, Link(delay=0.01), config, interleaving=interleaving).connect()
    pair.b.reads = False
    inbound = pair.b.association._session.inbound
    assert inbound is not None
    sent = read = most = 0
    while read < 30_000:
        while sent < 30_000 and pair.a.association.send_buffer_size < 100_000:
            pair.a.association.send(0, 53, b"x", pair.now)
            sent += 1
        pair.run(limit=0.005)
        most = max(most, inbound.held)
        for _ in range(100):
            if (message := pair.b.association.poll_data()) is not None:
                pair.b.association.consume(message.cost)
                read += 1
        pair.flush()
    assert most > 400_000
    assert pair.b.association.counters.chunks_dropped == 0
    assert pair.a.association.counters.chunks_retransmitted == 0
