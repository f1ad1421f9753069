"""Message interleaving between two associations: who waits for whom. RFC 8260."""

from random import Random

import pytest

from tests.sctp.link import Link, Pair, both_formats
from tests.sctp.support import INTERLEAVING, Peer, sack, sent_i_data
from webrtc.sctp import Config, State, StreamResetDone, StreamsReset

KB, MB = 1024, 1024 * 1024


def roomy(size: int) -> Config:
    """Takes messages of that size in both directions."""
    return Config(
        receive_window=size * 5 // 4 + 2 * MB,
        max_message_size=size,
        max_outbound_message_size=size,
        max_send_buffer=size + 16 * MB,
        path_mtu_discovery=False,  # what a share is can be told to a packet
    )


def overtaking(size: int, *, interleaving: bool) -> tuple[float, float]:
    """How long 1 KB takes that is sent in the middle of a large message, and a round trip then."""
    link = Link(delay=0.02, rate=12.5 * MB, queue=0.02)
    pair = Pair(1, link, roomy(size), interleaving=interleaving).connect()
    association = pair.a.association
    association.send(1, 53, bytes(size), pair.now)
    assert pair.run(lambda: association.buffered_amount(1) < size // 2, 600.0)
    start = pair.now
    association.send(2, 53, bytes(KB), pair.now)
    assert pair.run(lambda: any(m.stream_id == 2 for m in pair.b.received), 600.0)
    took, srtt = pair.now - start, association.srtt or 0.0
    assert pair.run(lambda: len(pair.b.received) == 2, 600.0)
    assert {len(message.data) for message in pair.b.received} == {size, KB}
    return took, srtt


@pytest.mark.parametrize("size", [8 * MB, pytest.param(100 * MB, marks=pytest.mark.slow)])
def test_a_small_message_overtakes_a_large_one_on_another_stream(size: int) -> None:
    """RFC 8260 §1.1: within three round trips."""
    took, round_trip = overtaking(size, interleaving=True)
    assert took <= 3 * round_trip


def test_without_interleaving_it_waits_for_the_large_one() -> None:
    """RFC 8260 §1.1: head-of-line blocking at the sender; what the test above is about."""
    took, round_trip = overtaking(8 * MB, interleaving=False)
    assert took > 3 * round_trip


@pytest.mark.parametrize("size", [400 * KB, KB])
def test_priorities_share_the_path(size: int) -> None:
    """RFC 8831 §6.4, RFC 8260 §3.6: 128, 256, 512, 1024, whatever the messages' size."""
    config = roomy(400 * KB)
    pair = Pair(1, Link(delay=0.02, rate=2.5 * MB, queue=0.05), config).connect()
    association = pair.a.association
    priorities = {1: 1024, 2: 128, 3: 512, 4: 256}
    for stream, priority in priorities.items():
        association.set_priority(stream, priority)
        for _ in range(1600 * KB // size):
            association.send(stream, 53, bytes(size), pair.now)

    def sent(stream: int) -> int:
        return 1600 * KB - association.buffered_amount(stream)

    pair.run(lambda: sent(1) > 1200 * KB, 60.0)
    for stream, priority in priorities.items():
        assert sent(stream) == pytest.approx(1200 * KB * priority / 1024, rel=0.05)


def test_equal_streams_have_equal_shares_at_any_time() -> None:
    """SCTP-21: round robin; a stream that was idle neither waits nor catches up."""
    pair = Pair(1, Link(delay=0.02, rate=2.5 * MB, queue=0.05), roomy(2 * MB)).connect()
    association = pair.a.association
    association.send(1, 53, bytes(2 * MB), pair.now)
    pair.run(lambda: association.buffered_amount(1) < MB, 60.0)
    before = association.buffered_amount(1)
    association.send(2, 53, bytes(MB), pair.now)
    pair.run(lambda: association.buffered_amount(2) < MB // 2, 60.0)
    assert before - association.buffered_amount(1) == pytest.approx(MB // 2, rel=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_more_large_messages_than_the_window_holds_all_arrive(seed: int) -> None:
    """C-25: begun messages leave the window only when they are whole, so not all are begun."""
    config = Config(receive_window=200 * KB, max_message_size=60 * KB)
    pair = Pair(seed, Link(delay=0.02), config).connect()
    pair.lossy(loss=0.02 * seed)
    sizes = [Random(seed * 100 + n).randrange(2 * KB, 60 * KB) for n in range(60)]
    for n, size in enumerate(sizes):
        pair.a.association.send(n % 50, 53, bytes([n]) * size, pair.now, ordered=n % 3 > 0)
    assert pair.run(lambda: len(pair.b.received) == 60, 60.0)
    found = sorted((message.data[0], len(message.data)) for message in pair.b.received)
    assert found == list(enumerate(sizes))


def test_message_beyond_the_peers_window_holds_up_no_other() -> None:
    """A peer that takes it delivers in parts; a claim for it could never be met."""
    config = Config(max_outbound_message_size=8 * MB)
    peer = Peer(config, window=120 * KB, parameters=INTERLEAVING).connect()
    association = peer.association
    for stream, size in ((1, 2 * MB), (2, 90 * KB), (3, 80 * KB), (4, MB)):
        association.send(stream, 53, bytes(size), peer.now)
    seen = {each.stream for each in sent_i_data(peer.read())}
    assert seen == {1, 2, 4}
    while 3 not in seen:
        assert association.buffered_amount(2) > 0
        tsn = association._session.outbound.outstanding.next_tsn - 1
        seen |= {each.stream for each in sent_i_data(peer.send(sack(tsn, 120 * KB)))}
    assert association.buffered_amount(2) == 0
    assert association.buffered_amount(1) > MB


@both_formats
@pytest.mark.parametrize("seed", range(6))
def test_half_sent_messages_that_are_given_up_leave_nothing_behind(
    seed: int, *, interleaving: bool
) -> None:
    """SCTP-17, F-43: many flows at once, ordered and not; reliable ones beside them are whole."""
    pair = Pair(seed, Link(delay=0.03, rate=MB, queue=0.1), interleaving=interleaving).connect()
    pair.lossy(loss=0.1, jitter=0.02, jittered=0.3)
    random, sizes = Random(seed), [100, 3000, 20000] * 40
    random.shuffle(sizes)
    for n, size in enumerate(sizes):
        timed = random.random() < 0.5
        pair.a.association.send(
            n % 6,
            53,
            bytes([n]) * size,
            pair.now,
            ordered=n % 6 < 4,
            max_retransmits=0 if n % 6 and not timed else None,
            lifetime=0.15 if n % 6 and timed else None,
        )
        pair.run(limit=0.01)
    pair.run(limit=30.0)
    got = [message.data for message in pair.b.received]
    assert all(body == bytes([body[0]]) * sizes[body[0]] for body in got)
    for stream in range(6):
        numbers = [m.data[0] for m in pair.b.received if m.stream_id == stream]
        assert len(set(numbers)) == len(numbers)
        assert stream >= 4 or numbers == sorted(numbers)
        assert stream or numbers == list(range(0, 120, 6))
    counters = pair.a.association.counters
    assert counters.messages_abandoned > 5
    assert pair.a.association.send_buffer_size == 0
    inbound = pair.b.association._session.inbound
    assert inbound is not None
    assert inbound.held == 0
    assert all(host.association.state is State.ESTABLISHED for host in pair.hosts)


@pytest.mark.parametrize("seed", range(4))
def test_streams_are_reset_while_others_are_in_the_middle_of_a_message(seed: int) -> None:
    """SCTP-14, DC-07: numbers begin at 0 for both kinds; the others lose nothing."""
    pair = Pair(seed, Link(delay=0.02, rate=2 * MB), roomy(MB)).connect()
    pair.lossy(loss=0.05, duplicate=0.1, jitter=0.02)
    association = pair.a.association
    association.send(1, 53, bytes(MB), pair.now)
    for round_ in range(3):
        for n in range(10):
            association.send(2, 53, b"%d %d" % (round_, n) * 600, pair.now, ordered=n % 2 == 0)
        association.reset_streams((2,), pair.now)
        done = round_ + 1
        while len(pair.a.ends(StreamResetDone)) < done or len(pair.b.ends(StreamsReset)) < done:
            pair.run(limit=0.05)
            assert pair.now < 60.0
    assert pair.run(lambda: len(pair.b.received) == 31, 60.0)
    found = sorted(message.data for message in pair.b.received if message.stream_id == 2)
    assert found == sorted(b"%d %d" % (r, n) * 600 for r in range(3) for n in range(10))
    assert [len(m.data) for m in pair.b.received if m.stream_id == 1] == [MB]
