"""States: coming up, restarting, shutting down."""

from collections.abc import Callable

import pytest

from tests.sctp.link import Link, Pair
from tests.sctp.support import Peer, data, kinds, sack, sacks, sent_data
from webrtc.errors import InvalidStateError
from webrtc.sctp import Closed, Config, Connected, Restarted, SendBufferLow, State
from webrtc.sctp.causes import Cause
from webrtc.sctp.chunks import (
    COOKIE_ACK,
    SHUTDOWN_ACK,
    Abort,
    ChunkType,
    Init,
    encode_error,
    encode_shutdown,
    encode_shutdown_complete,
)
from webrtc.sctp.lifecycle import MAX_STRAYS
from webrtc.sctp.packet import Header, decode_header, encode_chunk
from webrtc.sctp.parameters import Parameter, ParameterType, find


def cookie_echo(init_ack: bytes) -> bytes:
    cookie = find(Init.decode(init_ack).parameters, ParameterType.STATE_COOKIE)
    assert cookie is not None
    return encode_chunk(ChunkType.COOKIE_ECHO, 0, cookie)


def as_server(peer: Peer) -> bytes:
    """The association's INIT ACK to the peer's INIT."""
    ((kind, _, value),) = peer.send(peer.init.encode(), tag=0)
    assert kind == ChunkType.INIT_ACK
    peer.peer_init = Init.decode(value)
    return value


# Handshake


def test_both_sides_connect_at_once() -> None:
    """SCTP-02: what always happens in WebRTC; one Connected each."""
    for seed in range(20):
        pair = Pair(seed, Link(delay=0.02, jitter=0.02)).connect()
        for host in pair.hosts:
            assert host.ends(Connected) == [Connected(65535, 65535)]
            assert not host.ends(Restarted)


def test_only_one_side_connects() -> None:
    """SCTP-02: client and server."""
    pair = Pair()
    pair.a.association.connect(0.0)
    assert pair.run(lambda: pair.b.association.state is State.ESTABLISHED)
    pair.b.association.connect(pair.now)
    pair.run()
    assert pair.a.association.state is pair.b.association.state is State.ESTABLISHED
    assert not pair.a.ends(Restarted)


@pytest.mark.parametrize("seed", range(30))
def test_handshake_survives_heavy_loss(seed: int) -> None:
    """SCTP-02, F-02."""
    pair = Pair(seed, Link(delay=0.025, loss=0.3, duplicate=0.2, jitter=0.05))
    pair.connect()
    assert pair.now < 15.0


def test_init_is_repeated_and_given_up() -> None:
    """SCTP-01: the limits are settings."""
    peer = Peer(Config(max_init_retransmissions=3, rto_initial=0.5, handshake_rto_max=2.0))
    peer.begin()
    started = peer.now
    assert kinds(peer.wait(60.0)) == [ChunkType.INIT] * 3
    assert peer.state is State.ENDED
    (event,) = peer.events()
    assert isinstance(event, Closed)
    assert "COOKIE_WAIT" in str(event.reason)
    assert started < peer.now
    with pytest.raises(InvalidStateError):
        peer.association.connect(peer.now)


def test_init_that_is_dropped_is_repeated_without_zero_checksum() -> None:
    """C-01, interop.md: a peer that cannot take the parameter costs one timeout."""
    old = Config(zero_checksum=False)
    pair = Pair(1, Link(delay=0.02), peer_config=old)
    pair.a.drop = lambda packet: packet[12] == ChunkType.INIT and b"\x80\x01\0\x08" in packet
    pair.a.association.connect(0.0)
    assert pair.run(lambda: pair.a.association.state is State.ESTABLISHED)
    assert 0.5 < pair.now < 0.6


def test_lost_cookie_ack_is_asked_for_again() -> None:
    """SCTP-01."""
    peer = Peer().begin()
    peer.send(peer.init_ack())
    assert set(kinds(peer.wait(3.0))) == {ChunkType.COOKIE_ECHO}
    peer.send(COOKIE_ACK)
    assert peer.state is State.ESTABLISHED


def test_unknown_parameters_of_an_init_ack_are_reported() -> None:
    """C-20: by type, behind the COOKIE ECHO, and the handshake goes on."""
    peer = Peer(parameters=(Parameter(0xC123, bytes(500)), Parameter(0x8123, b"quiet")))
    peer.begin()
    chunks = peer.send(peer.init_ack())
    assert kinds(chunks) == [ChunkType.COOKIE_ECHO, ChunkType.ERROR]
    assert chunks[1][2] == b"\0\x08\0\x08\xc1\x23\0\4"
    peer.send(COOKIE_ACK)
    assert peer.state is State.ESTABLISHED


def test_init_flood_leaves_no_state() -> None:
    """C-04: one answer an INIT, at most 100 a second."""
    peer = Peer()
    header = Header(5000, 5000, 0)
    answers = 0
    for n in range(1000):
        init = Init(n + 1, 1 << 20, 10, 10, n).encode()
        peer.association.handle_read(header.seal((init,)), 1.0)
        answers += len(peer.packets())
    assert answers == 100
    assert peer.state is State.CLOSED
    assert peer.association.poll_timeout() is None
    assert peer.events() == []


def test_cookie_makes_the_association_and_its_replay_is_harmless() -> None:
    """C-07, SCTP-26."""
    peer = Peer()
    echo = cookie_echo(as_server(peer))
    assert ChunkType.COOKIE_ACK in kinds(peer.send(echo, data(1000)))
    assert peer.state is State.ESTABLISHED
    assert len(peer.messages()) == 1
    assert peer.events() == [Connected(65535, 65535)]
    for _ in range(1000):
        assert ChunkType.COOKIE_ACK in kinds(peer.send(echo))
    assert peer.events() == []
    peer.send(data(1001, ssn=1))
    assert len(peer.messages()) == 1


def test_stale_cookie_is_reported() -> None:
    """C-07: after 60 s; with the measure of staleness in microseconds."""
    peer = Peer()
    echo = cookie_echo(as_server(peer))
    peer.now += 61.0
    ((kind, _, value),) = peer.send(echo)
    assert kind == ChunkType.ERROR
    assert value[:4] == b"\0\x03\0\x08"
    assert int.from_bytes(value[4:], "big") == pytest.approx(1e6, rel=0.01)
    assert peer.state is State.CLOSED


def test_our_stale_cookie_makes_us_begin_again() -> None:
    """C-07: RFC 9260 §5.2.6."""
    peer = Peer().begin()
    peer.send(peer.init_ack())
    assert kinds(peer.send(encode_error((Cause(3, bytes(4)),)))) == [ChunkType.INIT]
    assert peer.state is State.COOKIE_WAIT


def test_forged_and_foreign_cookies_are_discarded() -> None:
    """C-07."""
    other = Peer(seed=9)
    foreign = cookie_echo(as_server(other))
    peer = Peer()
    good = cookie_echo(as_server(peer))
    flipped = good[:20] + bytes((good[20] ^ 1,)) + good[21:]
    empty = encode_chunk(ChunkType.COOKIE_ECHO, 0, b"")
    for chunk in (foreign, flipped, good[:40], empty):
        assert peer.send(chunk) == []
    assert peer.send(good, tag=peer.peer_tag ^ 1) == []
    assert peer.state is State.CLOSED
    assert peer.association.counters.discarded == 5


def test_refused_init_is_aborted_under_its_own_tag() -> None:
    """C-06."""
    peer = Peer()
    bad = Init(77, 1 << 20, 0, 5, 1).encode()
    peer.association.handle_read(Header(5000, 5000, 0).seal((bad,)), 1.0)
    (packet,) = peer.packets()
    assert decode_header(packet)[2] == 77
    assert packet[12] == ChunkType.ABORT
    assert peer.state is State.CLOSED


def test_bundled_init_or_one_with_a_tag_is_discarded() -> None:
    """C-06: RFC 9260 §8.5.1 A."""
    peer = Peer().begin()
    assert peer.send(peer.init.encode(), data(1000), tag=0) == []
    assert peer.send(peer.init.encode()) == []
    assert peer.send(peer.init.encode(), tag=5) == []
    assert peer.state is State.COOKIE_WAIT


@pytest.mark.parametrize(
    "answer",
    [Init(7, 1 << 20, 1, 1, 5), Init(7, 1 << 20, 0, 1, 5), Init(7, 100, 1, 1, 5)],
    ids=["no cookie", "no streams", "small window"],
)
def test_init_ack_that_must_be_refused(answer: Init) -> None:
    """C-06: ABORT, and the association has failed."""
    peer = Peer().begin()
    assert kinds(peer.send(answer.encode(ChunkType.INIT_ACK))) == [ChunkType.ABORT]
    (event,) = peer.events()
    assert isinstance(event, Closed)
    assert event.reason is not None


def test_peers_restart_starts_everything_anew() -> None:
    """C-09: data in flight is not mixed, streams start at 0, the application is told."""
    peer = Peer().connect()
    peer.send(data(1000, stream=1, ssn=0), data(1001, 2, stream=1, ssn=1))
    peer.messages()
    peer.association.send(1, 53, bytes(50000), peer.now)
    peer.read()
    old = peer.peer_init
    peer.init = Init(0x55667788, 1 << 20, 100, 100, 5000)
    init_ack = as_server(peer)
    assert peer.peer_tag != old.tag
    assert peer.state is State.ESTABLISHED
    chunks = peer.send(cookie_echo(init_ack), data(5000, stream=1, ssn=0, body=b"new"))
    assert kinds(chunks)[-1] == ChunkType.COOKIE_ACK
    assert peer.events() == [Restarted(100, 100)]
    assert [m.data for m in peer.messages()] == [b"new"]
    assert peer.association.send_buffer_size == 0
    peer.association.send(1, 53, b"x", peer.now)
    assert sent_data(peer.read()) == [(peer.peer_tsn, 3, 1, 0, b"x")]
    assert peer.send(data(1002), tag=old.tag) == []


def test_what_was_received_before_a_restart_is_told_before_it() -> None:
    """C-09: even if all of it came in one burst; and it stays unread until it is consumed."""
    config = Config(receive_window=65536, max_message_size=20000)
    peer = Peer(config).connect()
    old = Header(5000, 5000, peer.peer_tag).seal([data(1000, body=bytes(10_000))])
    peer.init = Init(0x55667788, 1 << 20, 100, 100, 5000)
    echo = cookie_echo(as_server(peer))
    new = Header(5000, 5000, peer.peer_tag).seal([echo, data(5000, 11, body=b"new")])
    peer.association.handle_reads([old, new], peer.now)
    (before,) = peer.messages(consume=False)
    assert len(before.data) == 10_000
    assert peer.association.accepts(99)
    assert not peer.association.accepts(100)
    assert peer.events() == [Restarted(100, 100)]
    (after,) = peer.messages()
    assert after.data == b"new"
    (sack_,) = sacks(peer.read())
    assert sack_.receive_window == 65536 - before.cost
    peer.association.consume(before.cost)
    (sack_,) = sacks(peer.send(data(5001, 11, ssn=1)))
    assert sack_.receive_window == 65536 - peer.messages()[0].cost


def test_a_restart_ends_the_wait_for_room_in_the_send_buffer() -> None:
    """C-09: what filled it is gone."""
    peer = Peer().connect()
    peer.association.send(1, 53, bytes(50_000), peer.now)
    peer.association.set_send_buffer_low(1000)
    peer.read()
    peer.init = Init(0x55667788, 1 << 20, 100, 100, 5000)
    peer.send(cookie_echo(as_server(peer)))
    assert peer.events() == [Restarted(100, 100), SendBufferLow()]
    peer.association.send(1, 53, b"x", peer.now)
    peer.read()
    peer.send(sack(peer.peer_tsn))
    assert peer.events() == [SendBufferLow()]


@pytest.mark.parametrize("size", [10, 64, 65, 5000, 16_000])
def test_an_init_ack_is_hardly_longer_than_its_init(size: int) -> None:
    """C-04: or it would not fit into a record of DTLS, as its INIT did."""
    peer = Peer()
    peer.init = Init(9, 1 << 20, 5, 5, 7, (Parameter(0xC0FF, bytes(size)),))
    header = Header(5000, 5000, 0)
    packet = header.seal([peer.init.encode()])
    peer.association.handle_read(packet, peer.now)
    (answer,) = peer.packets()
    assert len(answer) <= len(packet) + 150
    assert len(answer) < 1160
    reported = find(Init.decode(answer[16:]).parameters, ParameterType.UNRECOGNIZED)
    assert reported is not None
    assert reported[:2] == b"\xc0\xff"


def test_answers_at_the_end_are_few() -> None:
    """C-22: however often SHUTDOWN and INIT come while our last word is under way."""
    peer = Peer().connect()
    peer.send(encode_shutdown(peer.peer_tsn - 1 & 0xFFFFFFFF))
    assert peer.state is State.SHUTDOWN_ACK_SENT
    answers = []
    for _ in range(50):
        answers += peer.send(*[encode_shutdown(peer.peer_tsn - 1 & 0xFFFFFFFF)] * 30)
        answers += peer.send(peer.init.encode(), tag=0)
    assert kinds(answers) == [ChunkType.SHUTDOWN_ACK] * MAX_STRAYS


# Verification tags and packets out of the blue

REFLECTED = Abort((), tag_reflected=True).encode()
TABLE: list[tuple[str, Callable[[Peer], object], bytes, str, State, list[int]]] = [
    ("ABORT, right tag", Peer.connect, Abort().encode(), "own", State.ENDED, []),
    ("ABORT, reflected", Peer.connect, REFLECTED, "peer", State.ENDED, []),
    ("ABORT, reflected, wrong", Peer.connect, REFLECTED, "other", State.ESTABLISHED, []),
    ("ABORT, wrong", Peer.connect, Abort().encode(), "other", State.ESTABLISHED, []),
    ("ABORT, peer's without T", Peer.connect, Abort().encode(), "peer", State.ESTABLISHED, []),
    ("ABORT, tag 0", Peer.connect, Abort().encode(), "zero", State.ESTABLISHED, []),
    ("SHUTDOWN-COMPLETE early", Peer.connect, b"\x0e\0\0\4", "own", State.ESTABLISHED, []),
    ("SHUTDOWN-ACK early", Peer.connect, SHUTDOWN_ACK, "own", State.ESTABLISHED, []),
    ("SHUTDOWN-ACK, CLOSED", lambda _: None, SHUTDOWN_ACK, "other", State.CLOSED, [14]),
    ("SHUTDOWN-ACK, COOKIE-WAIT", Peer.begin, SHUTDOWN_ACK, "own", State.COOKIE_WAIT, [14]),
    ("ABORT, CLOSED", lambda _: None, Abort().encode(), "other", State.CLOSED, []),
    ("ABORT, COOKIE-WAIT", Peer.begin, Abort().encode(), "own", State.ENDED, []),
    ("DATA, CLOSED", lambda _: None, data(1000), "other", State.CLOSED, []),
    ("DATA, COOKIE-WAIT", Peer.begin, data(1000), "own", State.COOKIE_WAIT, []),
    ("DATA, wrong tag", Peer.connect, data(1000), "other", State.ESTABLISHED, []),
    ("SACK, COOKIE-WAIT", Peer.begin, sack(5), "own", State.COOKIE_WAIT, []),
    ("COOKIE-ACK, CLOSED", lambda _: None, COOKIE_ACK, "other", State.CLOSED, []),
    ("COOKIE-ACK, COOKIE-WAIT", Peer.begin, COOKIE_ACK, "own", State.COOKIE_WAIT, []),
    ("SHUTDOWN, COOKIE-WAIT", Peer.begin, encode_shutdown(5), "own", State.COOKIE_WAIT, []),
    ("INIT-ACK, ESTABLISHED", Peer.connect, Peer().init_ack(), "own", State.ESTABLISHED, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "chunk", "tag", "state", "answer"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_tags_and_states(
    before: Callable[[Peer], object], chunk: bytes, tag: str, state: State, answer: list[int]
) -> None:
    """C-05, C-10: RFC 9260 §8.4, §8.5, §8.5.1."""
    peer = Peer()
    before(peer)
    tags = {"own": peer.peer_tag, "peer": peer.tag, "other": 0xABCDEF, "zero": 0}
    assert kinds(peer.send(chunk, tag=tags[tag])) == answer
    assert peer.state is state


def test_abort_tells_the_application_why() -> None:
    """C-21: once, with the peer's words escaped."""
    peer = Peer().connect()
    causes = (Cause(12, b"bye \xff\n"),) * 100
    peer.send(Abort(causes).encode(), Abort().encode())
    (event,) = peer.events()
    assert isinstance(event, Closed)
    assert str(event.reason).startswith("the peer aborted: user initiated abort: 'bye ")
    assert "\n" not in str(event.reason)


# Shutdown


def test_shutdown_delivers_everything_first() -> None:
    """C-22, SCTP-09."""
    for seed in range(10):
        pair = Pair(seed, Link(delay=0.02)).connect()
        pair.lossy(loss=0.1)
        for n in range(50):
            pair.a.association.send(0, 53, b"%d" % n * 1000, pair.now)
            pair.b.association.send(0, 53, b"%d" % n * 1000, pair.now)
        pair.a.association.shutdown(pair.now)
        with pytest.raises(InvalidStateError):
            pair.a.association.send(0, 53, b"x", pair.now)
        pair.run(limit=120.0)
        for host in pair.hosts:
            assert host.association.state is State.ENDED
            assert [m.data for m in host.received] == [b"%d" % n * 1000 for n in range(50)]
            assert host.ends(Closed) == [Closed(None)]
            assert host.association.poll_timeout() is None


def test_both_shut_down_at_once() -> None:
    """C-22: simultaneous."""
    pair = Pair(1, Link(delay=0.05)).connect()
    for host in pair.hosts:
        host.association.shutdown(pair.now)
    pair.run()
    assert [host.events[-1] for host in pair.hosts] == [Closed(None)] * 2


def test_shutdown_before_the_association_is_up_ends_it() -> None:
    """C-22."""
    peer = Peer().begin()
    peer.association.shutdown(peer.now)
    assert peer.events() == [Closed(None)]
    assert peer.read() == []


@pytest.mark.parametrize("state", [State.SHUTDOWN_SENT, State.SHUTDOWN_ACK_SENT])
def test_unanswered_shutdown_is_given_up(state: State) -> None:
    """C-22: T2; the chunk is repeated as often as the setting says, then ABORT."""
    peer = Peer(Config(max_shutdown_retransmissions=11)).connect()
    if state is State.SHUTDOWN_SENT:
        peer.association.shutdown(peer.now)
    else:
        peer.association.handle_read(
            Header(5000, 5000, peer.peer_tag).seal((encode_shutdown(peer.peer_tsn - 1),)), peer.now
        )
    first = kinds(peer.read())
    assert (peer.state, len(first)) == (state, 1)
    assert kinds(peer.wait(60.0)) == [*first * 11, ChunkType.ABORT]
    assert peer.events()[-1] != Closed(None)


def test_data_while_our_shutdown_is_out() -> None:
    """C-22: RFC 9260 §9.2: SACK and a new SHUTDOWN at once, the data is delivered."""
    peer = Peer().connect()
    peer.association.shutdown(peer.now)
    assert kinds(peer.read()) == [ChunkType.SHUTDOWN]
    chunks = peer.send(data(1000), data(1001, ssn=1))
    shutdown = [value for kind, _, value in chunks if kind == ChunkType.SHUTDOWN]
    assert shutdown == [(1001).to_bytes(4, "big")]
    assert sacks(chunks)[-1].cumulative_tsn == 1001
    assert len(peer.messages()) == 2


def test_shutdown_of_the_peer_acknowledges_and_waits_for_the_rest() -> None:
    """C-22."""
    peer = Peer().connect()
    peer.association.send(0, 53, bytes(2000), peer.now)
    peer.read()
    assert peer.send(encode_shutdown(peer.peer_tsn)) == []
    assert peer.state is State.SHUTDOWN_RECEIVED
    assert kinds(peer.send(encode_shutdown(peer.peer_tsn + 1))) == [ChunkType.SHUTDOWN_ACK]
    assert kinds(peer.send(SHUTDOWN_ACK)) == [ChunkType.SHUTDOWN_COMPLETE]
    assert peer.events() == [Closed(None)]


def test_init_while_shutting_down_gets_the_shutdown_ack_again() -> None:
    """C-22: RFC 9260 §9.2."""
    peer = Peer().connect()
    peer.send(encode_shutdown(peer.peer_tsn - 1))
    assert kinds(peer.send(peer.init.encode(), tag=0)) == [ChunkType.SHUTDOWN_ACK]
    assert kinds(peer.send(encode_shutdown(peer.peer_tsn - 1))) == [ChunkType.SHUTDOWN_ACK]
    peer.send(encode_shutdown_complete())
    assert peer.state is State.ENDED


def test_restart_while_shutting_down_is_refused() -> None:
    """C-09: RFC 9260 §5.2.4 A."""
    peer = Peer().connect()
    peer.init = Init(0x55667788, 1 << 20, 100, 100, 5000)
    echo = cookie_echo(as_server(peer))
    tag = peer.peer_tag
    peer.peer_init = Init(peer.association._session.header.tag, 0, 0, 0, 0)
    last = peer.association._session.outbound.outstanding.next_tsn - 1
    peer.send(encode_shutdown(last))
    assert peer.state is State.SHUTDOWN_ACK_SENT
    assert kinds(peer.send(echo, tag=tag)) == [ChunkType.SHUTDOWN_ACK, ChunkType.ERROR]
    assert peer.state is State.SHUTDOWN_ACK_SENT


def test_abort_ends_both_at_once() -> None:
    """SCTP-10: everything queued is dropped, nothing is left armed."""
    pair = Pair(1, Link(delay=0.05)).connect()
    pair.a.association.send(0, 53, bytes(200000), pair.now)
    pair.a.association.abort(pair.now, "enough")
    pair.run()
    assert pair.a.events[-1] == Closed(None)
    assert pair.b.events[-1] == Closed(None)  # by the user's will: no error at the other end
    for host in pair.hosts:
        assert host.association.poll_timeout() is None
        assert host.association.poll_write() is None


def test_what_comes_after_the_end_is_ignored() -> None:
    peer = Peer().connect()
    peer.association.abort(peer.now)
    peer.read()
    for chunk in (data(1000), COOKIE_ACK, peer.init.encode(), sack(5)):
        assert peer.send(chunk) == []
    assert peer.send(peer.init.encode(), tag=0) == []
    assert kinds(peer.send(SHUTDOWN_ACK)) == [ChunkType.SHUTDOWN_COMPLETE]
