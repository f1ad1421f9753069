"""Handshakes over links that lose, repeat and reorder."""

import itertools
from random import Random

import pytest

from tests.dtls.pair import Pair, certificate, connection
from webrtc.dtls import Closed, Config, KeyType, Role, State
from webrtc.dtls.record import ALERT, plain

KEY_TYPES = pytest.mark.parametrize("key_type", KeyType)


def pair_of(key_type: KeyType, mtu: int, drop: set[int]) -> Pair:
    order = itertools.count()
    config = Config(mtu=mtu)
    return Pair(
        config,
        config,
        certificates=(certificate("one", key_type), certificate("other", key_type)),
        route=lambda role, index, datagram: [] if next(order) in drop else [datagram],
    )


@KEY_TYPES
@pytest.mark.parametrize("mtu", [1200, 300])
def test_losing_any_datagram_or_any_two(key_type: KeyType, mtu: int) -> None:
    """D-16, DTLS-13: always completes, with at most two timeouts each."""
    count = len(pair_of(key_type, mtu, set()).connect().sent)
    for drop in itertools.combinations_with_replacement(range(count), 2):
        pair = pair_of(key_type, mtu, set(drop)).connect()
        assert max(pair.timeouts) <= 2, drop
        assert pair.now < 1.3, drop


@KEY_TYPES
def test_losing_any_set_of_the_first_six_datagrams(key_type: KeyType) -> None:
    """D-16: the seventh ClientHello still comes in time."""
    for bits in range(64):
        drop = {index for index in range(6) if bits >> index & 1}
        pair = pair_of(key_type, 1200, drop).connect()
        assert pair.now < 26, drop


@pytest.mark.parametrize("seed", range(30))
def test_thirty_percent_loss_and_repetition(seed: int) -> None:
    """DTLS-01: in both directions, with small datagrams."""
    random = Random(seed)

    def route(role: Role, index: int, datagram: bytes) -> list[bytes]:
        return [] if random.random() < 0.3 else [datagram] * random.choice([1, 1, 1, 2])

    config = Config(mtu=400, handshake_timeout=120)
    Pair(config, config, route=route, delay=0.05).connect()


@pytest.mark.parametrize("seed", range(30))
def test_any_order_of_the_datagrams(seed: int) -> None:
    """DTLS-01: each flight is shuffled and every datagram doubled."""
    random = Random(seed)
    config = Config(mtu=256)
    pair = Pair(config, config)
    pair.start()
    for _ in range(40):
        for one, other in ((pair.client, pair.server), (pair.server, pair.client)):
            flight = []
            while (datagram := one.poll_write()) is not None:
                flight += [datagram, datagram]
            random.shuffle(flight)
            for datagram in flight:
                other.handle_read(datagram, 0.0)
    assert pair.connected
    assert pair.timeouts == (0, 0)


def test_repetitions_follow_the_callers_clock_and_double() -> None:
    """DTLS-19, DTLSCFG-11, D-16, F-02: the first soon, then each second, failure after 30 s."""
    client = connection(Role.CLIENT)
    client.start(100.0)
    now, times = 100.0, []
    while client.poll_event() is None:
        while client.poll_write() is not None:
            times.append(now)
        now = client.poll_timeout() or 0.0
        client.handle_timeout(now)
    assert now == 130.0
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert 30 <= len(waits) <= 35
    for wait, rto in zip(waits, [0.15, 0.3, 0.6, *[1.0] * (len(waits) - 3)], strict=True):
        assert 0.875 * rto <= wait <= rto
    assert client.state is State.FAILED
    assert client.poll_timeout() is None


def test_the_timeout_is_settable_and_the_failure_says_how_far_it_came() -> None:
    """DTLS-19, DTLSCFG-11."""
    config = Config(retransmission_timeout=0.05, handshake_timeout=2)
    pair = Pair(config, route=lambda role, n, datagram: [datagram] if role is Role.CLIENT else [])
    pair.start()
    assert pair.client.poll_timeout() is not None and (pair.client.poll_timeout() or 9) <= 0.05
    pair.run()
    (closed,) = pair.events[Role.CLIENT]
    assert isinstance(closed, Closed)
    assert str(closed.reason) == ("no DTLS handshake in 2 s: 0 messages of the peer were complete")


def test_the_limit_begins_when_the_peer_is_expected() -> None:
    """Until then its description may be on its way: the flight is repeated, and nothing fails."""
    client = connection(Role.CLIENT)
    client.start(0.0, expected=False)
    while (due := client.poll_timeout()) is not None and due < 600.0:
        client.handle_timeout(due)
        assert client.poll_write() is not None
    client.expect(600.0)
    client.expect(620.0)
    ended = 0.0
    while (due := client.poll_timeout()) is not None:
        ended = due
        client.handle_timeout(due)
    assert ended == 630.0
    assert isinstance(client.poll_event(), Closed)
    assert client.state is State.FAILED


@pytest.mark.parametrize("role", [Role.CLIENT, Role.SERVER])
def test_the_first_datagram_of_the_peer_begins_the_limit(role: Role) -> None:
    one = connection(role)
    one.start(0.0, expected=False)
    one.handle_read(b"\x16", 100.0)
    one.handle_timeout(129.9)
    assert one.poll_event() is None
    one.handle_timeout(130.0)
    assert isinstance(one.poll_event(), Closed)


def test_a_flight_that_nobody_takes_does_not_pile_up() -> None:
    """Without a path DTLS is not asked for what it has to send."""
    client = connection(Role.CLIENT)
    client.start(0.0, expected=False)
    for now in range(1, 100):
        client.handle_timeout(float(now))
    waiting = 0
    while client.poll_write() is not None:
        waiting += 1
    assert waiting == 1


@pytest.mark.parametrize(
    ("asked", "repeated"), [(0.001, 0.03), (0.02, 0.03), (0.1, 0.1)], ids=["early", "late", "over"]
)
def test_the_first_flight_is_repeated_as_soon_as_its_answer_is_overdue(
    asked: float, repeated: float
) -> None:
    """As after the nomination, before which some peers drop it: a round trip and 20 ms."""
    client = connection(Role.CLIENT)
    client.start(0.0)
    while client.poll_write() is not None:
        pass
    client.hasten(0.01, asked)
    assert client.poll_timeout() == pytest.approx(repeated)
    client.handle_timeout(repeated + 1e-9)
    assert client.poll_write() is not None
    assert client.counters.retransmissions == 1


def test_an_answered_flight_is_not_hastened() -> None:
    pair = Pair()
    pair.start()
    pair.run()
    assert pair.connected
    for end in (pair.client, pair.server):
        end.hasten(0.01, 1.0)
        assert end.poll_timeout() is None
    late = Pair()
    late.start()
    first = late.client.poll_write()
    assert first is not None
    late.server.handle_read(first, 0.0)
    before = late.server.poll_timeout()
    late.server.hasten(0.01, 0.02)  # its flight is the answer to one
    assert late.server.poll_timeout() == before


def test_a_timer_that_is_not_due_does_nothing() -> None:
    """DTLS-19: handle_timeout is idempotent."""
    pair = Pair()
    pair.start()
    pair.client.poll_write()
    deadline = pair.client.poll_timeout()
    for now in (0.0, 0.05, 0.1):
        pair.client.handle_timeout(now)
    assert pair.client.poll_timeout() == deadline
    assert pair.client.poll_write() is None


def test_a_late_wake_up_with_every_timer_due_ends_it_once() -> None:
    """DTLS-19: after the machine slept for an hour."""
    client = connection(Role.CLIENT)
    client.start(0.0)
    assert client.poll_write() is not None
    client.handle_read(plain(ALERT, 0, b"\x02\x28"), 0.1)
    client.handle_timeout(3600.0)
    assert isinstance(client.poll_event(), Closed)
    assert client.poll_event() is None
    while (datagram := client.poll_write()) is not None:
        assert datagram
    assert client.poll_timeout() is None


def test_two_ends_do_not_answer_each_others_repetitions_for_ever() -> None:
    """D-16: every datagram arrives five times, from a link with a round trip above the timeout."""
    pair = Pair(route=lambda role, n, datagram: [datagram] * 5, delay=0.3)
    pair.start()
    pair.run()
    assert pair.connected
    assert len(pair.sent) <= 24


def test_a_client_that_repeats_its_last_flight_for_ever_is_answered_sparingly() -> None:
    """D-10: three times in a row, then five times a second."""
    pair = Pair().connect()
    client, server = pair.client, pair.server
    answers = 0
    for n in range(100):
        client._retransmit(pair.now + n / 100)
        while (datagram := client.poll_write()) is not None:
            server.handle_read(datagram, pair.now + n / 100)
        while server.poll_write() is not None:
            answers += 1
    assert server.counters.retransmissions == 3 + 4
    assert answers <= 2 * server.counters.retransmissions


def test_a_storm_of_client_hellos_is_not_amplified() -> None:
    """D-09: a thousand within a second are answered a few times."""
    hellos = []
    for _ in range(10):
        client = connection(Role.CLIENT)
        client.start(0.0)
        hellos.append(client.poll_write() or b"")
    server = connection(Role.SERVER)
    server.start(0.0)
    answers = []
    for index in range(1000):
        server.handle_read(hellos[index % 10], index / 1000)
        while (datagram := server.poll_write()) is not None:
            answers.append(datagram)
    assert len(answers) <= 8


def test_a_lost_finished_is_repeated_long_after_the_server_was_done() -> None:
    """DTLS-13: RFC 6347 §4.2.4, the last flight has no timer of its own."""
    pair = Pair(
        route=lambda role, n, datagram: [] if role is Role.SERVER and n == 1 else [datagram]
    )
    pair.start()
    while pair.server.state is not State.CONNECTED:
        pair.step()
    assert pair.client.state is State.CONNECTING
    pair.server.send(b"early")
    pair.run()
    assert pair.connected
    assert pair.client.poll_data() == b"early"
    assert pair.server.counters.retransmissions == 1
    pair.server.send(b"in time")
    pair.run()
    assert pair.client.poll_data() == b"in time"
