"""Stream reset."""

import pytest

from tests.sctp.link import Link, Pair
from tests.sctp.support import PR_AND_RESET, Chunk, Peer, data, kinds, sack, sent_data
from tests.work import work
from webrtc.errors import InvalidStateError
from webrtc.sctp import (
    Config,
    State,
    StreamResetDone,
    StreamResetFailed,
    StreamResetGivenUp,
    StreamsReset,
)
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.reconfig import (
    IncomingReset,
    OtherRequest,
    OutgoingReset,
    Reconfiguration,
    Response,
    Result,
    decode_reconfig,
    encode_reconfig,
)


def reconfigs(chunks: list[Chunk]) -> list[Reconfiguration]:
    return [
        item
        for kind, _, value in chunks
        if kind == ChunkType.RE_CONFIG
        for item in decode_reconfig(value)
    ]


def ask(peer: Peer, *requests: Reconfiguration) -> list[Reconfiguration]:
    return reconfigs(peer.send(encode_reconfig(requests)))


def test_request_follows_the_last_message_and_the_stream_starts_anew() -> None:
    """SCTP-14: RFC 6525 §5.1.2."""
    peer = Peer().connect()
    peer.association.send(4, 53, bytes(20000), peer.now)
    peer.association.reset_streams((4,), peer.now)
    with pytest.raises(InvalidStateError):
        peer.association.send(4, 53, b"late", peer.now)
    first = peer.read()
    assert reconfigs(first) == []
    chunks = peer.send(sack(sent_data(first)[-1][0]))
    (request,) = reconfigs(chunks + peer.read())
    last = sent_data(chunks)[-1][0]
    assert request == OutgoingReset(peer.peer_tsn, 999, last, (4,))
    peer.send(sack(last))
    peer.send(encode_reconfig([Response(request.sequence, Result.PERFORMED)]))
    assert peer.events() == [StreamResetDone((4,))]
    peer.association.send(4, 53, b"again", peer.now)
    assert [(stream, ssn) for _, _, stream, ssn, _ in sent_data(peer.read())] == [(4, 0)]


def test_one_request_at_a_time_and_the_rest_follows() -> None:
    """C-18."""
    peer = Peer().connect()
    peer.association.reset_streams((1, 2), peer.now)
    (first,) = reconfigs(peer.read())
    peer.association.reset_streams((3,), peer.now)
    assert peer.read() == []
    chunks = peer.send(encode_reconfig([Response(peer.peer_tsn, Result.NOTHING_TO_DO)]))
    (second,) = reconfigs(chunks)
    assert isinstance(first, OutgoingReset)
    assert isinstance(second, OutgoingReset)
    assert (first.ids, second.ids) == ((1, 2), (3,))
    assert second.sequence == peer.peer_tsn + 1 & 0xFFFFFFFF


def test_request_for_all_streams_is_split_over_packets() -> None:
    """C-18."""
    peer = Peer(Config(min_plpmtu=600)).connect()
    peer.association.reset_streams(range(1000), peer.now)
    (request,) = reconfigs(peer.read())
    assert isinstance(request, OutgoingReset)
    assert len(request.ids) == 276
    assert len(request.encode()) + 8 + 16 + 12 == 600


def test_lost_request_is_repeated_the_same() -> None:
    peer = Peer().connect()
    peer.association.reset_streams((1,), peer.now)
    (request,) = reconfigs(peer.read())
    assert set(reconfigs(peer.wait(3.0))) == {request}
    ask(peer, Response(peer.peer_tsn, Result.IN_PROGRESS))
    assert reconfigs(peer.wait(3.0)) != []
    ask(peer, Response(peer.peer_tsn + 5, Result.PERFORMED))
    assert peer.events() == []


def test_refused_request() -> None:
    """C-18: the stream goes on with its numbers."""
    peer = Peer().connect()
    peer.association.send(1, 53, b"x", peer.now)
    peer.read()
    peer.association.reset_streams((1,), peer.now)
    peer.read()
    ask(peer, Response(peer.peer_tsn, Result.DENIED))
    assert peer.events() == [StreamResetFailed((1,))]
    peer.association.send(1, 53, b"y", peer.now)
    assert sent_data(peer.read())[-1][3] == 1


def test_peer_that_cannot_reset() -> None:
    peer = Peer(parameters=PR_AND_RESET[:1]).connect()
    peer.association.reset_streams((1,), peer.now)
    assert peer.read() == []
    assert peer.events() == [StreamResetFailed((1,))]


def test_reset_asked_for_before_the_association_is_up() -> None:
    peer = Peer().begin()
    peer.association.reset_streams((1,), peer.now)
    peer.send(peer.init_ack())
    assert len(reconfigs(peer.send(b"\x0b\0\0\4"))) == 1


def test_peers_reset_waits_for_its_data() -> None:
    """RFC 6525 §5.2.2: in progress until the last TSN is here, then done at once."""
    peer = Peer().connect()
    request = OutgoingReset(1000, 0, 1001, (7,))
    peer.send(data(1000, stream=7, ssn=0))
    assert ask(peer, request) == [Response(1000, Result.IN_PROGRESS)]
    assert ask(peer, request) == [Response(1000, Result.IN_PROGRESS)]
    assert peer.events() == []
    chunks = peer.send(data(1001, stream=7, ssn=1))
    assert reconfigs(chunks) == [Response(1000, Result.PERFORMED)]
    assert peer.events() == [StreamsReset((7,))]
    assert ask(peer, request) == [Response(1000, Result.PERFORMED)]
    assert peer.events() == []
    peer.send(data(1002, stream=7, ssn=0, body=b"new"))
    assert [m.data for m in peer.messages()] == [b"x", b"x", b"new"]


def test_peers_reset_of_all_streams() -> None:
    peer = Peer().connect()
    peer.send(data(1000, stream=1), data(1001, stream=2))
    ask(peer, OutgoingReset(1000, 0, 1001))
    assert peer.events() == [StreamsReset(())]
    peer.send(data(1002, stream=1, body=b"a"), data(1003, stream=2, body=b"b"))
    assert len(peer.messages()) == 4


def test_peer_that_asks_for_our_reset_is_told_that_there_is_nothing_to_do() -> None:
    """C-18: RFC 6525 §4.4; streams that nobody uses cost nothing, and those in use are ours."""
    peer = Peer().connect()
    for n in range(100):
        found = ask(peer, IncomingReset(1000 + n, tuple(range(n, 20000, 100))))
        assert found == [Response(1000 + n, Result.NOTHING_TO_DO)]
    assert len(peer.association._session.outbound.queue._streams) == 0
    peer.association.send(5, 53, b"x", peer.now)
    assert len(sent_data(peer.read())) == 1


def in_progress(peer: Peer, seconds: float) -> None:
    """The peer says nothing else, ten times a second."""
    for _ in range(int(10 * seconds)):
        peer.now += 0.1
        peer.association.handle_timeout(peer.now)
        ask(peer, Response(peer.peer_tsn, Result.IN_PROGRESS))


def test_a_peer_whose_reset_is_in_progress_for_ever_is_given_up() -> None:
    """C-18: after 60 s; the stream is not used again, the next request goes out."""
    peer = Peer(Config(heartbeat_interval=0)).connect()
    peer.association.reset_streams((1,), peer.now)
    assert len(reconfigs(peer.read())) == 1
    in_progress(peer, 59.0)
    assert peer.events() == []
    in_progress(peer, 3.0)
    assert peer.events() == [StreamResetGivenUp((1,))]
    assert peer.state is State.ESTABLISHED
    assert not peer.association.accepts(1)
    with pytest.raises(InvalidStateError):
        peer.association.send(1, 53, b"x", peer.now)
    peer.association.reset_streams((2,), peer.now)
    (request,) = reconfigs(peer.read())
    assert isinstance(request, OutgoingReset)
    assert (request.sequence, request.ids) == (peer.peer_tsn + 1 & 0xFFFFFFFF, (2,))


def test_a_peer_that_still_acknowledges_what_it_waits_for_has_time() -> None:
    """C-18: a long queue over a slow path."""
    peer = Peer(Config(heartbeat_interval=0, max_retransmissions=None)).connect()
    for n in range(8):
        peer.association.send(1, 53, b"%d" % n, peer.now)
    peer.association.reset_streams((1,), peer.now)
    first = sent_data(peer.read())[0][0]
    for n in range(8):
        in_progress(peer, 50.0)
        assert peer.events() == []
        peer.send(sack(first + n & 0xFFFFFFFF))
    in_progress(peer, 59.0)
    assert peer.events() == []
    in_progress(peer, 3.0)
    assert peer.events() == [StreamResetGivenUp((1,))]


def test_a_repeated_request_is_answered_once_a_flush() -> None:
    """C-18: replies are no more than requests."""
    peer = Peer().connect()
    request = encode_reconfig([OutgoingReset(1000, 0, 999, (1,))])
    assert reconfigs(peer.send(*[request] * 30)) == [Response(1000, Result.PERFORMED)]


def test_a_reset_of_all_streams_looks_at_none() -> None:
    """C-18: ten thousand were used."""
    peer = Peer(parameters=PR_AND_RESET).connect()
    inbound = peer.association._session.inbound
    assert inbound is not None
    for n in range(0, 10_000, 50):
        peer.send(*(data(1000 + each, stream=each) for each in range(n, n + 50)))
    assert work(lambda: inbound.reset(frozenset())) < 20


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        (OutgoingReset(1000, 0, 999, (2000,)), Result.WRONG_SSN),
        (OutgoingReset(1005, 0, 999, (1,)), Result.BAD_SEQUENCE),
        (OutgoingReset(999, 0, 999, (1,)), Result.BAD_SEQUENCE),
        (OtherRequest(17, 1000, 65535), Result.DENIED),
        (OtherRequest(18, 1000, 65535), Result.DENIED),
        (OtherRequest(15, 1000), Result.DENIED),
        (IncomingReset(1000), Result.NOTHING_TO_DO),
        (OutgoingReset(1000, 0, 999, (1023,)), Result.PERFORMED),
    ],
)
def test_answers(request_: Reconfiguration, result: Result) -> None:
    """C-18: unknown streams, wrong sequence, adding streams."""
    peer = Peer(Config(inbound_streams=1024)).connect()
    assert ask(peer, request_) == [Response(request_.sequence, result)]


def test_flood_of_requests() -> None:
    """C-18: ten thousand."""
    peer = Peer().connect()
    for n in range(10000):
        found = ask(peer, OutgoingReset(1000 + n, 0, 999, (n,)))
        assert found == [Response(1000 + n, Result.PERFORMED)]
        peer.events()
    assert kinds(peer.read()) == []


def test_request_during_shutdown_is_denied() -> None:
    """C-18."""
    peer = Peer().connect()
    peer.association.shutdown(peer.now)
    peer.read()
    assert ask(peer, OutgoingReset(1000, 0, 999, (1,))) == [Response(1000, Result.DENIED)]


@pytest.mark.parametrize("seed", range(10))
def test_streams_are_reset_and_reused_over_a_bad_link(seed: int) -> None:
    """SCTP-14, DC-07, F-42: all that was queued arrives first; numbers start at 0 again."""
    pair = Pair(seed, Link(delay=0.02)).connect()
    pair.lossy(loss=0.15, duplicate=0.1, jitter=0.02)
    for round_ in range(4):
        for host in pair.hosts:
            for n in range(10):
                host.association.send(3, 53, b"%d %d" % (round_, n) * 300, pair.now)
            host.association.reset_streams((3,), pair.now)
        assert pair.run(
            lambda round_=round_: all(  # type: ignore[misc]  # mypy cannot infer a lambda's default
                len(host.ends(StreamResetDone)) == len(host.ends(StreamsReset)) == round_ + 1
                for host in pair.hosts
            ),
            60.0,
        )
        for host in pair.hosts:
            assert [m.data for m in host.received[round_ * 10 :]] == [
                b"%d %d" % (round_, n) * 300 for n in range(10)
            ]
