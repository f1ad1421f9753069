"""Blocking connections between two threads of one process. SYS-12, DC-29."""

import threading
import time
from collections.abc import Callable

import pytest

from tests.blocking.support import LIMIT, LOOPBACK, connected, negotiate
from webrtc import (
    ConnectionFailed,
    InvalidStateError,
    RTCIceCandidate,
    RTCPeerConnection,
    SettingEngine,
)
from webrtc.blocking import PeerConnection


def test_two_programs_without_asyncio_talk() -> None:
    with connected() as pair:
        pair.channel.send("hello")
        assert pair.remote.recv(LIMIT) == "hello"
        assert pair.left.connection_state == "connected"
        assert pair.left.ice_connection_state in ("connected", "completed")
        assert pair.left.ice_gathering_state == "complete"
        assert pair.left.signaling_state == "stable"
        assert pair.left.remote_description is not None
        assert "connected" in repr(pair.left)
    assert pair.left.connection_state == "closed"
    pair.left.close()


def test_offer_answer_and_candidates_one_by_one() -> None:
    with PeerConnection(settings=LOOPBACK) as one, PeerConnection(settings=LOOPBACK) as other:
        found: list[RTCIceCandidate | None] = []
        complete = threading.Event()

        def note(candidate: RTCIceCandidate | None) -> None:
            found.append(candidate)
            if candidate is None:
                complete.set()

        one.on("icecandidate", note)
        one.create_data_channel("x")
        offer = one.create_offer()
        one.set_local_description(offer)
        other.set_remote_description(offer)
        answer = other.create_answer()
        other.set_local_description(answer)
        one.set_remote_description(answer)
        assert complete.wait(LIMIT)
        for candidate in found:
            other.add_ice_candidate(candidate)
        other.wait_connected(LIMIT)
        assert other.accept_data_channel(LIMIT).label == "x"


def test_the_end_of_a_connection_can_be_waited_for() -> None:
    with connected() as pair:
        with pytest.raises(TimeoutError):
            pair.right.closed(0.01)
        pair.left.close()
        assert pair.right.closed(LIMIT) is None
        assert pair.right.failure is None


def test_the_path_can_be_renewed() -> None:
    with connected() as pair:
        pair.left.restart_ice()
        negotiate(pair.left, pair.right)
        pair.channel.send("still here")
        assert pair.remote.recv(LIMIT) == "still here"


def test_errors_are_those_of_the_asyncio_connection() -> None:
    with PeerConnection() as pc:
        with pytest.raises(InvalidStateError):
            pc.create_answer()
        with pytest.raises(ConnectionFailed):
            pc.wait_connected(0.01)
        with pytest.raises(TimeoutError):
            pc.accept_data_channel(0.01)
        with pytest.raises(ValueError, match="accept_data_channel"):
            pc.on("datachannel", print)
    with pytest.raises(InvalidStateError):
        pc.create_data_channel("late")
    with pytest.raises(ConnectionFailed, match="closed"):
        pc.accept_data_channel()
    with pytest.raises(TypeError):
        PeerConnection(nonsense=True)  # type: ignore[call-arg] # what is tested


Wait = Callable[[PeerConnection], object]


@pytest.mark.parametrize(
    "wait",
    [
        lambda pc: pc.accept_data_channel(),
        lambda pc: pc.create_data_channel("x").recv(),
        lambda pc: pc.create_data_channel("x").opened(),
        lambda pc: pc.wait_connected(),
        lambda pc: pc.gathered(),
    ],
    ids=["accept", "recv", "opened", "wait_connected", "gathered"],
)
def test_closing_from_another_thread_ends_every_wait(wait: Wait) -> None:
    """DC-35."""
    pc = PeerConnection()
    threading.Timer(0.1, pc.close).start()
    with pytest.raises(ConnectionFailed, match="closed"):
        wait(pc)


def test_what_has_no_method_is_run_on_the_loop() -> None:
    async def state(pc: RTCPeerConnection) -> str:
        return pc.connection_state

    with PeerConnection() as pc:
        assert pc.run(state, timeout=LIMIT) == "new"


def test_channels_that_nobody_accepts_are_bounded() -> None:
    """SettingEngine.max_channels."""
    with connected(SettingEngine(bind_addresses=("127.0.0.1",), max_channels=3)) as pair:
        rounds = [pair.left.create_data_channel(str(number)) for number in range(2)]
        for channel in rounds:
            channel.opened(LIMIT)
            channel.close()
            channel.closed(LIMIT)
        kept = pair.left.create_data_channel("kept")
        kept.opened(LIMIT)
        refused = pair.left.create_data_channel("refused")
        refused.closed(LIMIT)
        labels = [pair.right.accept_data_channel(LIMIT).label for _ in range(3)]
        assert labels == ["0", "1", "kept"]
        deadline = time.monotonic() + LIMIT
        while pair.right.run(count) > 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert pair.right.run(count) == 2


async def count(pc: RTCPeerConnection) -> int:
    return len(list(pc._dispatch.channels))
