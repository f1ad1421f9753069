"""A lost or an ended peer has one story, for events, exceptions and logs."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.support import Pair, connected, eventually, negotiate, two_hosts
from webrtc import (
    AgentConfig,
    ConnectionFailed,
    InvalidStateError,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.sctp.causes import Cause, CauseCode
from webrtc.vnet import Link, Network

LOST = "lost: no reply for 30 s"


def hosts() -> tuple[Network, Any]:
    network, left, right = two_hosts(Link(delay=0.01))
    return network, (left, right)


async def lose(network: Network, pair: Pair) -> Callable[[], None]:
    """Cut the path and wait for `failed`; the result mends it."""
    mend = network.filter(lambda packet: True)
    await eventually(lambda: pair.left.connection_state == "failed", limit=60.0)
    return mend


def record(channel: RTCDataChannel) -> list[str]:
    fired: list[str] = []
    channel.on("error", lambda error: fired.append(f"error {error}"))
    channel.on("close", lambda: fired.append("close"))
    return fired


async def read(channel: RTCDataChannel) -> None:
    async for _ in channel:
        pass


async def fill(channel: RTCDataChannel) -> None:
    while True:
        await channel.send(bytes(100_000))


WAITING: dict[str, Callable[[Pair], Coroutine[Any, Any, object]]] = {
    "recv": lambda pair: pair.channel.recv(),
    "send": lambda pair: fill(pair.channel),
    "async for": lambda pair: read(pair.channel),
    "closed": lambda pair: pair.channel.closed(),
    "stream": lambda pair: pair.channel.detach().read(),
}


@pytest.mark.parametrize("name", WAITING)
async def test_whoever_waits_for_a_lost_peer_is_told_the_same(name: str) -> None:
    network, both = hosts()
    async with connected(*both) as pair:
        waiting = asyncio.ensure_future(WAITING[name](pair))
        await lose(network, pair)
        with pytest.raises(ConnectionFailed, match=LOST):
            await waiting
        assert str(pair.left.failure) == LOST
        with pytest.raises(ConnectionFailed, match=f"^{LOST}$"):
            await pair.left.wait_connected()


async def test_a_channel_that_cannot_open_is_told_the_same() -> None:
    network, both = hosts()
    async with connected(*both) as pair:
        network.filter(lambda packet: True)
        early = pair.left.create_data_channel("early")
        await lose(network, pair)
        with pytest.raises(ConnectionFailed, match=LOST):
            await early.closed()


async def test_a_channel_made_after_the_loss_is_told_the_same() -> None:
    network, both = hosts()
    async with connected(*both) as pair:
        mend = await lose(network, pair)
        late = pair.left.create_data_channel("late")
        with pytest.raises(ConnectionFailed, match=LOST):
            await late.recv()
        mend()
        pair.left.restart_ice()
        await negotiate(pair.left, pair.right)
        await pair.left.wait_connected(30.0)
        await late.opened()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(late.recv(), 1.0)


@pytest.mark.parametrize("wait", [RTCDataChannel.opened, RTCDataChannel.recv])
async def test_a_channel_made_after_the_end_waits_for_nothing(
    wait: Callable[[RTCDataChannel], Coroutine[Any, Any, object]],
) -> None:
    _, both = hosts()
    async with connected(*both) as pair:
        await pair.right.close()
        await pair.left.closed()
        late = pair.left.create_data_channel("late")
        with pytest.raises(ConnectionFailed, match="the peer has closed the connection"):
            await wait(late)


async def test_a_loss_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    network, both = hosts()
    async with connected(*both) as pair:
        await lose(network, pair)
        await pair.left.close()
        await asyncio.sleep(60.0)
    told = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.getMessage().partition(" ")[2] for each in told] == [LOST] * 2  # one a side


async def test_channels_of_a_lost_peer_stay_open_and_live_on_after_an_ice_restart() -> None:
    network, both = hosts()
    async with connected(*both) as pair:
        fired = record(pair.channel)
        mend = await lose(network, pair)
        assert pair.channel.ready_state == "open"
        ended = asyncio.ensure_future(pair.left.closed())
        mend()
        pair.left.restart_ice()
        await negotiate(pair.left, pair.right)
        await pair.left.wait_connected(30.0)
        assert pair.left.failure is None
        pair.channel.send("still the same")
        assert await pair.remote.recv() == "still the same"
        assert not ended.done()
        assert fired == []
        ended.cancel()


async def test_closing_after_a_loss_gives_the_channels_up() -> None:
    network, both = hosts()
    async with connected(*both) as pair:
        fired = record(pair.channel)
        ended = asyncio.ensure_future(pair.left.closed())
        await lose(network, pair)
        assert fired == []
        await pair.left.close()
        assert fired == [f"error {LOST}", "close"]
        assert pair.channel.reason is pair.left.failure is await ended
        assert pair.left.failure is not None
        assert pair.left.failure.error_detail == "data-channel-failure"
        with pytest.raises(ConnectionFailed, match=LOST):
            await read(pair.channel)


async def test_async_handlers_of_a_channel_that_is_given_up_begin() -> None:
    network, both = hosts()
    async with connected(*both) as pair:
        begun: list[object] = []

        async def note(error: object) -> None:
            begun.append(error)

        pair.channel.on("error", note)
        await lose(network, pair)
        await pair.left.close()
        assert begun == [pair.left.failure]


@pytest.mark.parametrize("seconds", [0.0, 20.0])
async def test_a_failed_connection_is_given_up_after_a_time(seconds: float) -> None:
    network, both = hosts()
    loop = asyncio.get_running_loop()
    async with connected(*both, settings=SettingEngine(give_up_after=seconds)) as pair:
        fired = record(pair.channel)
        failed: list[float] = []
        pair.left.on("connectionstatechange", lambda: failed.append(loop.time()))
        network.filter(lambda packet: True)
        assert str(await pair.left.closed()) == LOST
        assert loop.time() - failed[-1] == pytest.approx(seconds)
        assert fired == [f"error {LOST}", "close"]
        assert pair.left.connection_state == "closed"
        with pytest.raises(InvalidStateError):
            await pair.left.create_offer()


async def test_an_ice_restart_in_time_keeps_a_connection_from_being_given_up() -> None:
    network, both = hosts()
    async with connected(*both, settings=SettingEngine(give_up_after=20.0)) as pair:
        mend = await lose(network, pair)
        mend()
        pair.left.restart_ice()
        await negotiate(pair.left, pair.right)
        await pair.left.wait_connected(10.0)
        await asyncio.sleep(60.0)
        assert (pair.left.connection_state, pair.channel.ready_state) == ("connected", "open")


async def test_our_own_orderly_end() -> None:
    _, both = hosts()
    async with connected(*both) as pair:
        fired = record(pair.channel)
        ended = asyncio.ensure_future(pair.left.closed())
        await pair.left.close()
        assert await ended is None
        assert await pair.left.closed() is None
        assert fired == []


async def test_the_peers_orderly_end_is_visible_at_once_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, both = hosts()
    async with connected(*both) as pair:
        fired = record(pair.remote)
        reader = asyncio.ensure_future(read(pair.remote))
        await pair.left.close()
        async with asyncio.timeout(0.02):
            assert await pair.right.closed() is None
            await reader
        assert fired == ["close"]
        await asyncio.sleep(60.0)
        assert pair.right.failure is None
        assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_an_association_that_breaks_a_rule_ends_with_an_error() -> None:
    _, both = hosts()
    async with connected(*both) as pair:
        fired = record(pair.remote)
        told: list[ConnectionFailed] = []
        pair.remote.on("error", told.append)
        association = pair.left._core.data.sctp
        assert association is not None
        cause = Cause(CauseCode.PROTOCOL_VIOLATION, b"no such rule")
        association._session.lifecycle.abort(cause, None)
        pair.left._driver.flush_now()
        await eventually(lambda: fired)
        assert "no such rule" in fired[0]
        assert fired[1] == "close"
        assert (told[0].error_detail, told[0].sctp_cause_code) == ("sctp-failure", 13)
        assert "no such rule" in str(await pair.right.closed())
        with pytest.raises(ConnectionFailed, match="no such rule"):
            await read(pair.remote)


async def test_a_handler_as_the_docs_have_it_prints_nothing_when_its_peer_vanishes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    network, (left, right) = hosts()
    reports: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    async with connected(left, right) as pair:
        ended: list[str] = []

        @pair.right.on("datachannel")
        async def opened(channel: RTCDataChannel) -> None:
            try:
                async for message in channel:
                    await channel.send(message)
            finally:
                ended.append(channel.label)

        channel = pair.left.create_data_channel("echo")
        await channel.opened()
        channel.send("there?")
        assert await channel.recv() == "there?"
        network.filter(lambda packet: True)
        await eventually(lambda: ended, limit=60.0)
    assert reports == []
    assert "Traceback" not in caplog.text


async def test_an_error_of_a_handler_is_told_all_the_same() -> None:
    network, both = hosts()
    reports: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    async with connected(*both) as pair:

        async def stumble() -> None:
            raise ValueError(pair.left.connection_state)

        pair.left.on("connectionstatechange", stumble)
        await lose(network, pair)
        await asyncio.sleep(0.1)
    assert "failed" in [str(each["exception"]) for each in reports]


async def without_trickle(one: RTCPeerConnection, other: RTCPeerConnection) -> None:
    """Both descriptions as they are at once, and nothing else."""
    one.create_data_channel("")
    await negotiate(one, other)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


async def test_silence_of_the_peer_is_noted_after_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing waits for ever without a word: who forgot to trickle is told what to do."""
    _, (left, right) = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        await without_trickle(one, other)
        await asyncio.sleep(4.9)
        assert warnings(caplog) == []
        await asyncio.sleep(0.2)
        said = warnings(caplog)
        assert len(said) == 2
        assert "await pc.gathered()" in said[0]
        assert "add_ice_candidate()" in said[0]
        await asyncio.sleep(4.0)
        assert len(warnings(caplog)) == 2


async def test_a_peer_that_has_no_candidate_to_come_fails_when_due(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It has said so: then waiting for ever would be in vain."""
    _, (left, right) = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        one.create_data_channel("")
        await one.set_local_description()
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        answer = await other.create_answer()
        ended = answer.sdp.rstrip() + "\r\na=end-of-candidates\r\n"
        await one.set_remote_description(RTCSessionDescription("answer", ended))
        with pytest.raises(ConnectionFailed, match="the peer has sent no candidates"):
            await one.wait_connected()
        assert asyncio.get_running_loop().time() == pytest.approx(25.0, abs=1.0)
        assert "await pc.gathered()" in warnings(caplog)[0]


async def test_a_check_of_the_peer_is_a_sign_of_it(caplog: pytest.LogCaptureFixture) -> None:
    """One side trickles: the other learns of it by its checks."""
    _, (left, right) = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        one.on("icecandidate", other.add_ice_candidate)
        await without_trickle(one, other)
        await one.wait_connected(4.0)
        await asyncio.sleep(10.0)
        assert warnings(caplog) == []


async def test_a_lite_agent_waits_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    _, (left, right) = hosts()
    lite = SettingEngine(ice=AgentConfig(lite=True))
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right, settings=lite) as other,
    ):
        await without_trickle(one, other)
        await asyncio.sleep(6.0)
        assert len(warnings(caplog)) == 1


async def test_no_timer_of_it_is_left(caplog: pytest.LogCaptureFixture) -> None:
    _, (left, right) = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        await without_trickle(one, other)
    await asyncio.sleep(10.0)
    assert warnings(caplog) == []
