"""A data channel used from threads. DC-29, SYS-12."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.blocking.support import LIMIT, Pair, connected
from webrtc import ConnectionFailed, InvalidStateError, SettingEngine
from webrtc.blocking import DataChannel
from webrtc.sctp import Config


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    small = SettingEngine(bind_addresses=("127.0.0.1",), sctp=Config(receive_window=400_000))
    with connected(small) as pair:
        yield pair


def test_attributes(pair: Pair) -> None:
    """DC-33, DC-34."""
    channel = pair.left.create_data_channel(
        "test", ordered=False, max_retransmits=1, protocol="custom", negotiated=True, id=31
    )
    assert (channel.label, channel.protocol, channel.id) == ("test", "custom", 31)
    assert (channel.ordered, channel.negotiated) == (False, True)
    assert (channel.max_retransmits, channel.max_packet_life_time) == (1, None)
    channel.opened(LIMIT)
    assert (channel.ready_state, channel.priority) == ("open", "low")
    assert "test" in repr(channel)


def test_messages_and_time_limits(pair: Pair) -> None:
    for message in ("text", b"bytes", ""):
        pair.channel.send(message)
        assert pair.remote.recv(LIMIT) == message
    with pytest.raises(TimeoutError):
        pair.remote.recv(0.01)
    pair.channel.send("not lost by the time limit")
    assert pair.remote.recv(LIMIT) == "not lost by the time limit"
    with pytest.raises(TypeError):
        pair.channel.send(3)  # type: ignore[arg-type] # what is tested


def test_sending_waits_for_room(pair: Pair) -> None:
    """DC-08: the thread that sends is held back by the one that does not read."""

    def full() -> bool:
        try:
            pair.channel.send(bytes(50_000), 0.2)
        except TimeoutError:  # or this machine was busy with something else
            return pair.channel.buffered_amount >= 1_000_000
        return False

    while not full():
        assert pair.channel.buffered_amount <= 1_100_000
    assert not pair.channel.send_nowait(b"no room")
    assert 1_000_000 <= pair.channel.buffered_amount <= 1_100_000
    assert pair.remote.unread > 0
    size = 0
    while pair.channel.buffered_amount or pair.remote.unread:
        size += len(pair.remote.recv(LIMIT))
    pair.channel.drained(timeout=LIMIT)
    assert size % 50_000 == 0
    assert pair.channel.send_nowait(b"room again")
    assert pair.remote.recv(LIMIT) == b"room again"


def test_threads_may_send_at_the_same_time(pair: Pair) -> None:
    """DC-32: each message arrives whole and once."""

    def send(name: str) -> None:
        for number in range(50):
            pair.channel.send(f"{name} {number}")

    threads = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    got = [pair.remote.recv(LIMIT) for _ in range(200)]
    for thread in threads:
        thread.join(LIMIT)
    for name in "abcd":
        assert [m for m in got if str(m)[0] == name] == [f"{name} {n}" for n in range(50)]


def test_messages_that_are_here_are_taken_without_waiting(pair: Pair) -> None:
    assert pair.remote.recv_nowait() == []
    for number in range(5):
        pair.channel.send(str(number))
    pair.remote.recv(LIMIT)
    got: list[object] = []
    while len(got) < 4:
        got += pair.remote.recv_nowait(3)
    assert got == ["1", "2", "3", "4"]


def test_iteration_ends_with_the_channel(pair: Pair) -> None:
    """DC-15, DC-35."""
    channel = pair.left.create_data_channel("short")
    channel.opened(LIMIT)
    for number in range(3):
        channel.send(str(number))
    channel.close()
    remote = pair.right.accept_data_channel(LIMIT)
    assert list(remote) == ["0", "1", "2"]
    channel.closed(LIMIT)
    assert channel.reason is None
    with pytest.raises(ConnectionFailed, match="it was closed"):
        remote.recv(LIMIT)
    with pytest.raises(InvalidStateError):
        channel.send("late")


def test_threads_on_any_number_of_channels_wait_for_the_buffer_they_share() -> None:
    """The buffer is full again and again, and no call says so."""
    small = SettingEngine(bind_addresses=("127.0.0.1",), sctp=Config(max_send_buffer=100_000))
    with connected(small) as pair:
        channels = [pair.left.create_data_channel("") for _ in range(4)]
        remotes = [pair.right.accept_data_channel(LIMIT) for _ in channels]

        def send(channel: DataChannel) -> None:
            for _ in range(10):
                channel.send(bytes(30_000), LIMIT)

        def take(channel: DataChannel) -> None:
            for _ in range(20):
                channel.recv(LIMIT)

        with ThreadPoolExecutor(12) as pool:
            jobs = [pool.submit(send, each) for each in channels * 2]
            jobs += [pool.submit(take, each) for each in remotes]
            for job in jobs:
                job.result(LIMIT)


def test_what_the_shared_buffer_has_no_room_for_is_not_queued() -> None:
    small = SettingEngine(
        bind_addresses=("127.0.0.1",),
        sctp=Config(max_send_buffer=100_000, receive_window=70_000, max_message_size=40_000),
    )
    with connected(small) as pair:
        other = pair.left.create_data_channel("")
        other.opened(LIMIT)
        sent = 0
        while pair.channel.send_nowait(bytes(10_000)):
            sent += 1
        other.send_nowait(bytes(10_000))
        assert not other.send_nowait(bytes(10_000))
        assert sent > 5
        for _ in range(sent):
            assert len(pair.remote.recv(LIMIT)) == 10_000
