"""Whole transfers over bad links, and the public API."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sctp.link import Link, Pair, both_formats
from tests.sctp.support import Peer, sent_data
from webrtc.errors import InvalidAccessError, InvalidStateError, OperationError
from webrtc.sctp import (
    MESSAGE_OVERHEAD,
    Association,
    BufferedAmountLow,
    Closed,
    Config,
    Message,
    State,
)

RELIABLE = Config(rto_initial=0.5)


def numbered(n: int, size: int) -> bytes:
    return n.to_bytes(4, "big") * (size // 4)


@both_formats
@pytest.mark.parametrize("seed", range(25))
def test_reliable_stream_loses_doubles_and_disorders_nothing(
    seed: int, *, interleaving: bool
) -> None:
    """SCTP-03, F-01, F-05, F-06: 10 % loss, a third reordered, a tenth doubled, both ways."""
    pair = Pair(seed, Link(delay=0.03), interleaving=interleaving).connect()
    pair.lossy(loss=0.1, jitter=0.05, jittered=0.3, duplicate=0.1)
    sizes = [Random(seed).choice((4, 100, 1132, 5000, 30000)) for _ in range(60)]
    for n, size in enumerate(sizes):
        for host in pair.hosts:
            host.association.send(n % 3, 53, numbered(n, size), pair.now)
    assert pair.run(lambda: all(len(host.received) == 60 for host in pair.hosts), 120.0)
    for host in pair.hosts:
        for stream in range(3):
            found = [m.data for m in host.received if m.stream_id == stream]
            assert found == [numbered(n, sizes[n]) for n in range(stream, 60, 3)]


@both_formats
@pytest.mark.parametrize("loss", [0.0, 0.01, 0.05, 0.1, 0.2, 0.3])
def test_large_transfer_at_any_loss(loss: float, *, interleaving: bool) -> None:
    """F-01: nothing lost, no abort up to 30 %."""
    pair = Pair(5, Link(delay=0.02), interleaving=interleaving).connect()
    pair.lossy(loss=loss)
    total = 5 << 20 if loss <= 0.01 else 1 << 20
    for n in range(total // 65536):
        pair.a.association.send(0, 53, numbered(n, 65536), pair.now)
    assert pair.run(lambda: len(pair.b.received) == total // 65536, 600.0)
    assert [m.data[:4] for m in pair.b.received] == [
        n.to_bytes(4, "big") for n in range(total // 65536)
    ]
    assert pair.a.association.state is State.ESTABLISHED


def throughput(seed: int, link: Link, seconds: float, loss: float = 0.0) -> float:
    """Mbit/s of messages delivered."""
    pair = Pair(seed, link).connect()
    pair.lossy(loss=loss)
    end = pair.now + seconds

    def fill() -> bool:
        while pair.a.association.send_buffer_size < 8 << 20:
            pair.a.association.send(0, 53, bytes(16384), pair.now)
        return pair.now >= end

    pair.run(fill, seconds)
    return sum(len(m.data) for m in pair.b.received) * 8 / seconds / 1e6


@pytest.mark.slow
@pytest.mark.parametrize("rtt", [0.06, 0.3])
def test_throughput_of_a_long_link_is_the_window(rtt: float) -> None:
    """SCTP-19: 0.9 of window by round-trip time once it is open."""
    config = Config(receive_window=2 << 20)
    pair = Pair(1, Link(delay=rtt / 2), config).connect()

    def fill() -> bool:
        while pair.a.association.send_buffer_size < 8 << 20:
            pair.a.association.send(0, 53, bytes(16384), pair.now)
        return False

    pair.run(fill, 20 * rtt)
    before = len(pair.b.received)
    pair.run(fill, 10 * rtt)
    per_trip = (len(pair.b.received) - before) * 16384 / 10
    assert per_trip >= 0.9 * (2 << 20)


def test_reordering_costs_little() -> None:
    """F-05: 30 % delayed by up to 100 ms: few repairs for nothing, most of the throughput."""
    plain = throughput(1, Link(delay=0.03, rate=250000), 20.0)
    pair = Pair(1, Link(delay=0.03, rate=250000)).connect()
    pair.lossy(jitter=0.1, jittered=0.3)
    end = pair.now + 20.0

    def fill() -> bool:
        while pair.a.association.send_buffer_size < 1 << 20:
            pair.a.association.send(0, 53, bytes(16384), pair.now)
        return pair.now >= end

    pair.run(fill, 20.0)
    rate = sum(len(m.data) for m in pair.b.received) * 8 / 20.0 / 1e6
    assert rate >= 0.7 * plain
    spurious = pair.b.association.counters.chunks_duplicated
    assert spurious < 0.05 * pair.a.association.counters.packets_sent


@both_formats
def test_doubled_packets_are_delivered_once(*, interleaving: bool) -> None:
    """F-06: half of all packets twice."""
    link = Link(delay=0.01, duplicate=0.5, jitter=0.01)
    pair = Pair(2, link, interleaving=interleaving).connect()
    for n in range(200):
        pair.a.association.send(0, 53, numbered(n, 2000), pair.now)
    pair.run(limit=20.0)
    assert [m.data for m in pair.b.received] == [numbered(n, 2000) for n in range(200)]


STEPS = ["a", "b", "drop a", "drop b", "twice a", "late a", "tick", "send"]


class Schedule:
    """Two associations whose packets move as a test says."""

    def __init__(self, seed: int, *, interleaving: bool) -> None:
        config = Config(rto_initial=0.5, interleaving=interleaving)
        self.hosts = {
            "a": Association(config, WrappingRandom(seed)),
            "b": Association(config, WrappingRandom(9)),
        }
        self.wires: dict[str, list[bytes]] = {"a": [], "b": []}
        self.got: dict[int, list[bytes]] = {0: [], 1: []}
        self.now = 0.0
        self.sent = 0
        self.hosts["a"].connect(0.0)

    def collect(self) -> None:
        for name, host in self.hosts.items():
            while (packet := host.poll_write()) is not None:
                self.wires[name].append(packet)
        while (message := self.hosts["b"].poll_data()) is not None:
            self.got[message.stream_id].append(message.data)
            self.hosts["b"].consume(message.cost)

    def step(self, step: str) -> None:
        self.collect()
        verb, _, name = step.rpartition(" ")
        if step == "tick":
            self.now += 0.25
            for host in self.hosts.values():
                host.handle_timeout(self.now)
        elif step == "send":
            self.hosts["a"].send(self.sent % 2, 53, numbered(self.sent, 3000), self.now)
            self.sent += 1
        elif self.wires[name]:
            packet = self.wires[name].pop(-1 if verb == "late" else 0)
            for _ in range({"drop": 0, "twice": 2}.get(verb, 1)):
                self.hosts["b" if name == "a" else "a"].handle_read(packet, self.now)

    def finish(self) -> None:
        for _ in range(60):
            for name in "ab" * 3:
                while self.wires[name]:
                    self.step(name)
                self.collect()
            self.step("tick")


@both_formats
@settings(max_examples=100)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=60), seed=st.integers(0, 3))
def test_any_schedule_ends_idle_with_everything_delivered(
    steps: list[str], seed: int, *, interleaving: bool
) -> None:
    """SCTP-01, C-24: deliver, drop, duplicate, reorder, tick; TSNs wrap on the way."""
    schedule = Schedule(seed, interleaving=interleaving)
    for step in [*steps, "send"]:
        schedule.step(step)
    schedule.finish()
    for stream, got in schedule.got.items():
        assert got == [numbered(n, 3000) for n in range(stream, schedule.sent, 2)]
    assert schedule.hosts["a"].send_buffer_size == 0
    assert schedule.wires == {"a": [], "b": []}


class WrappingRandom(Random):
    """Begins the TSNs at 2^32 - 10."""

    def getrandbits(self, k: int, /) -> int:
        return 2**32 - 10 if k == 32 else super().getrandbits(k)


def begin_at(pair: Pair, number: int, stream: int = 0) -> None:
    """Let host `a` and its peer go on at that MID, ordered and unordered."""
    inbound = pair.b.association._session.inbound
    assert inbound is not None
    inbound._expected[stream] = number
    sender = pair.a.association._session.outbound.queue.stream(stream)
    sender.next_ordered = sender.next_unordered = number


@both_formats
def test_numbers_wrap_in_a_whole_transfer(*, interleaving: bool) -> None:
    """C-24: TSN and MID 2^32 - 10 to 10, SSN beyond 65 535, loss on the way."""
    pair = Pair(4, Link(delay=0.01, loss=0.0))
    config = replace(RELIABLE, interleaving=interleaving)
    pair.a.association = Association(config, WrappingRandom(1))
    pair.b.association = Association(config, WrappingRandom(2))
    pair.connect()
    if interleaving:
        begin_at(pair, 2**32 - 10)
    pair.lossy(loss=0.02)
    sent = 0
    while sent < 66000:
        for _ in range(1000):
            pair.a.association.send(0, 53, sent.to_bytes(4, "big"), pair.now)
            sent += 1
        pair.run(lambda: pair.a.association.send_buffer_size < 1000, 60.0)
    pair.run(lambda: len(pair.b.received) == sent, 60.0)
    assert [int.from_bytes(m.data, "big") for m in pair.b.received] == list(range(sent))


@both_formats
def test_outage_of_twenty_seconds_loses_nothing(*, interleaving: bool) -> None:
    """F-01: and the transfer goes on within the longest timeout."""
    pair = Pair(4, Link(delay=0.03), interleaving=interleaving).connect()
    for n in range(100):
        pair.a.association.send(0, 53, numbered(n, 20000), pair.now)
    pair.run(limit=0.1)
    pair.lossy(loss=1.0)
    pair.run(limit=20.0)
    pair.lossy(loss=0.0)
    assert pair.run(lambda: len(pair.b.received) == 100, 15.0)
    assert [m.data[:4] for m in pair.b.received] == [n.to_bytes(4, "big") for n in range(100)]


# Partial reliability


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


# Flow control


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


# API


def test_messages_sent_before_the_association_is_up_follow_it() -> None:
    """SCTP-13."""
    pair = Pair(1)
    pair.a.association.send(5, 50, b"open", 0.0)
    pair.connect()
    pair.run(limit=1.0)
    assert pair.b.received == [Message(5, 50, b"open")]


@pytest.mark.parametrize("stream", [-1, 65535, 70000])
def test_stream_that_does_not_exist(stream: int) -> None:
    """SCTP-15."""
    association = Peer().connect().association
    calls: list[Callable[[], None]] = [
        lambda: association.send(stream, 53, b"x", 1.0),
        lambda: association.reset_streams((stream,), 1.0),
        lambda: association.set_priority(stream, 256),
        lambda: association.set_buffered_amount_low(stream, 0),
    ]
    for call in calls:
        with pytest.raises(InvalidAccessError):
            call()


def test_negotiated_streams_limit_what_may_be_used() -> None:
    """SCTP-07: sending on a stream opens it."""
    peer = Peer(streams=10).connect()
    peer.association.send(9, 53, b"x", peer.now)
    with pytest.raises(InvalidAccessError):
        peer.association.send(10, 53, b"x", peer.now)


def test_a_stream_of_the_peer_is_there_with_its_first_message() -> None:
    """SCTP-07, SCTP-08: nobody announces it; its number and PPID come with the data."""
    pair = Pair(1).connect()
    pair.a.association.send(3, 51, b"first", pair.now)
    pair.b.association.send(7, 53, b"mine", pair.now)
    pair.run(limit=1.0)
    assert pair.b.received == [Message(3, 51, b"first")]
    assert pair.a.received == [Message(7, 53, b"mine")]
    pair.b.association.send(3, 51, b"back", pair.now)
    pair.run(limit=1.0)
    assert pair.a.received[1:] == [Message(3, 51, b"back")]


def test_the_log_names_the_association(caplog: pytest.LogCaptureFixture) -> None:
    """SCTP-06."""
    caplog.set_level("DEBUG", "webrtc.sctp")
    for name in ("blue", "red"):
        Association(Config(), Random(0), name=name).handle_read(b"garbage", 0.0)
    assert [each.getMessage().split()[0] for each in caplog.records] == ["blue", "red"]


@pytest.mark.parametrize("priority", [0, 65536])
def test_priority_out_of_range(priority: int) -> None:
    with pytest.raises(InvalidAccessError):
        Peer().association.set_priority(1, priority)


def test_priority_shares_the_path() -> None:
    """RFC 8831 §6.4, at the granularity of messages."""
    peer = Peer(Config(initial_window=49)).connect()
    peer.association.set_priority(1, 1024)
    peer.association.set_priority(2, 256)
    for _ in range(100):
        for stream in (1, 2):
            peer.association.send(stream, 53, bytes(1132), peer.now)
    streams = [stream for _, _, stream, _, _ in sent_data(peer.read())]
    assert (streams.count(1), streams.count(2)) == (40, 10)


def test_buffered_amount_and_its_threshold() -> None:
    """SCTP-22."""
    peer = Peer().connect()
    peer.association.set_buffered_amount_low(1, 5000)
    peer.association.send(1, 53, bytes(10000), peer.now)
    assert peer.association.buffered_amount(1) == 10000
    peer.read()
    assert peer.association.buffered_amount(1) == 0
    assert peer.events() == [BufferedAmountLow(1)]
    assert peer.association.buffered_amount(2) == 0


def test_nothing_may_be_sent_after_the_end() -> None:
    """SCTP-10."""
    peer = Peer().connect()
    peer.association.abort(peer.now, "done")
    assert peer.events() == [Closed(None)]
    with pytest.raises(InvalidStateError):
        peer.association.send(0, 53, b"x", peer.now)
    peer.association.handle_timeout(peer.now + 100.0)
    assert peer.association.poll_timeout() is None


def test_silence_needs_no_timer_but_the_heartbeat() -> None:
    """SCTP-23: an idle association wakes nobody up for 30 s."""
    pair = Pair(1).connect()
    pair.a.association.send(0, 53, b"x", pair.now)
    pair.run(limit=5.0)
    for host in pair.hosts:
        deadline = host.association.poll_timeout()
        assert deadline is not None
        assert deadline > pair.now + 20.0
        before = host.association.counters.packets_sent
        host.association.handle_timeout(pair.now)
        assert host.association.poll_write() is None
        assert host.association.counters.packets_sent == before
