"""A data channel that is asked, not waited for. DC-29 to DC-35, EX-43."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.blocking.support import LIMIT, Pair, connected
from webrtc import ConnectionFailed, InvalidStateError
from webrtc.blocking import PollDataChannel
from webrtc.blocking.poll import BATCH


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with connected() as pair:
        yield pair


def until(predicate: Callable[[], object]) -> None:
    """What a frame of a game does, again and again."""
    deadline = time.monotonic() + LIMIT
    while not predicate():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_attributes(pair: Pair) -> None:
    """DC-33, DC-34."""
    init = {"protocol": "custom", "negotiated": True, "id": 33, "max_packet_life_time": 5}
    blocking = pair.left.create_data_channel("test", **init)  # type: ignore[arg-type] # a dict
    channel = PollDataChannel(blocking)
    blocking.opened(LIMIT)
    assert (channel.label, channel.protocol, channel.id) == ("test", "custom", 33)
    assert (channel.ordered, channel.negotiated, channel.ready) == (True, True, True)
    assert (channel.max_retransmits, channel.max_packet_life_time) == (None, 5)
    assert "test" in repr(channel)


def test_reading_gives_what_is_there(pair: Pair) -> None:
    """DC-30, DC-31: None in between, and never a wait."""
    near, far = PollDataChannel(pair.channel), PollDataChannel(pair.remote)
    assert not far.poll_read()
    assert far.read() is None
    for number in range(2 * BATCH):
        assert near.write(str(number))
    got: list[object] = []

    def frame() -> bool:
        while far.poll_read():
            got.append(far.read())
        return len(got) == 2 * BATCH

    until(frame)
    assert got == [str(number) for number in range(2 * BATCH)]
    assert far.read() is None


def test_writing_says_when_there_is_no_room(pair: Pair) -> None:
    """DC-32: back-pressure without a wait."""
    near, far = PollDataChannel(pair.channel), PollDataChannel(pair.remote)
    written = 0
    while near.write(bytes(65_536)):
        written += 1
    assert written >= 16
    read = 0

    def frame() -> bool:
        nonlocal read
        while far.read() is not None:
            read += 1
        return read == written

    until(frame)
    assert near.write("room again")
    until(far.poll_read)
    assert far.read() == "room again"


def test_threads_share_the_messages(pair: Pair) -> None:
    near, far = PollDataChannel(pair.channel), PollDataChannel(pair.remote)
    got: list[object] = []

    def read() -> None:
        while len(got) < 400:
            message = far.read()
            if message is None:
                time.sleep(0.001)
            else:
                got.append(message)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(400):
        assert near.write(str(number))
    for thread in threads:
        thread.join(LIMIT)
    assert sorted(map(int, map(str, got))) == list(range(400))


def test_the_end_can_be_read_too(pair: Pair) -> None:
    """DC-35: after the last message."""
    near = PollDataChannel(pair.left.create_data_channel("short"))
    until(lambda: near.ready)
    far = PollDataChannel(pair.right.accept_data_channel(LIMIT))
    near.write("last words")
    near.close()
    with pytest.raises(InvalidStateError):
        near.write("late")
    until(lambda: far.ready_state == "closed")
    assert far.poll_read()
    assert far.read() == "last words"
    assert far.poll_read()
    with pytest.raises(ConnectionFailed, match="'short': it was closed"):
        far.read()
