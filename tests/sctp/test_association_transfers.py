"""Whole transfers over bad links."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sctp.link import Link, Pair, both_formats, numbered
from webrtc.sctp import (
    Association,
    Config,
    State,
)

RELIABLE = Config(rto_initial=0.5)


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
