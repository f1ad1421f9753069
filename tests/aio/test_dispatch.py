"""Events reach the objects in order, and each object shows the state that its event tells."""

import asyncio
from typing import get_args

from tests.support import connected, eventually, negotiate, trickle, two_hosts
from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.aio import dispatch
from webrtc.peer.events import Event
from webrtc.vnet import Link


async def test_a_handler_sees_the_state_that_it_is_told_of_though_the_core_is_further() -> None:
    _, left, right = two_hosts(Link(delay=0.01))
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        one.create_data_channel("")
        seen: list[tuple[str, str]] = []
        for name in ("ice_connection_state", "connection_state", "signaling_state"):
            event = name.replace("_", "") + "change"
            one.on(event, lambda name=name: seen.append((name, str(getattr(one, name)))))
        await negotiate(one, other)
        await one.wait_connected(10.0)
        assert len(seen) == len(set(seen))
        assert seen[0] == ("signaling_state", "have-local-offer")
        assert seen[-1] == ("connection_state", "connected")


async def test_no_handler_runs_on_the_stack_of_a_command() -> None:
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        fired: list[str] = []
        pair.left.onnegotiationneeded = lambda: fired.append("negotiationneeded")
        pair.left.restart_ice()
        assert fired == []
        await asyncio.sleep(0.1)
        assert fired == ["negotiationneeded"]


async def test_open_and_messages_come_after_the_handler_that_got_the_channel() -> None:
    """The task of an async handler begins first and can attach its own."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        log: list[object] = []

        async def take(channel: RTCDataChannel) -> None:
            log.append("announced")
            channel.onopen = lambda: log.append("open")
            channel.onmessage = log.append

        pair.right.ondatachannel = take
        channel = pair.left.create_data_channel("second")
        await channel.opened()
        channel.send("message")
        await eventually(lambda: "message" in log)
        assert log == ["announced", "open", "message"]


async def test_what_waits_when_the_connection_is_closed_is_dropped() -> None:
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        heard: list[object] = []

        def close_first(message: object) -> None:
            heard.append(message)
            closing.append(asyncio.ensure_future(pair.right.close()))

        closing: list[asyncio.Future[None]] = []
        pair.remote.onclose = lambda: heard.append("close")
        pair.remote.on("message", close_first)
        pair.channel.send("last")
        await eventually(lambda: closing)
        await closing[0]
        await asyncio.sleep(1.0)
        assert heard == ["last"]


async def test_an_exception_that_ends_the_loop_loses_no_message() -> None:
    """Whoever runs the loop again gets what was left; see tests/scenarios for the interrupt."""
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        heard: list[object] = []

        def stumble(message: object) -> None:
            heard.append(message)
            if len(heard) == 1:
                raise ValueError(message)

        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        pair.remote.on("message", stumble)
        for number in range(3):
            pair.channel.send(str(number))
        await eventually(lambda: len(heard) == 3)
        assert heard == ["0", "1", "2"]


def test_every_event_of_the_core_has_somebody_to_handle_it() -> None:
    assert set(dispatch._HANDLERS) == set(get_args(Event))
