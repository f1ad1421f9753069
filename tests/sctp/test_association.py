"""The public API of an association."""

from collections.abc import Callable
from random import Random

import pytest

from tests.sctp.link import Pair
from tests.sctp.support import Peer, sent_data
from webrtc.errors import InvalidAccessError, InvalidStateError
from webrtc.sctp import (
    Association,
    BufferedAmountLow,
    Closed,
    Config,
    Message,
)


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
