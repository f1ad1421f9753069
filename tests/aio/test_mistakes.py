"""Mistakes of a program are heard where they are made."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.support import Pair, connected, two_hosts
from webrtc import (
    InvalidStateError,
    MediaStreamTrack,
    RTCDataChannel,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCSessionDescription,
)
from webrtc.vnet import Link, Network


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        yield pair


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("onDataChannel", "ondatachannel"),
        ("on_data_channel", "ondatachannel"),
        ("ondatachanel", "ondatachannel"),
        ("localDescription", "local_description"),
        ("conection_state", "connection_state"),
    ],
)
async def test_setting_what_is_nearly_a_member_raises(name: str, expected: str) -> None:
    async with RTCPeerConnection() as pc:
        with pytest.raises(AttributeError, match=f"did you mean '{expected}'"):
            setattr(pc, name, print)
        with pytest.raises(AttributeError, match=f"did you mean '{expected}'"):
            getattr(pc, name)


async def test_members_of_channels_too(pair: Pair) -> None:
    channel: Any = pair.channel
    for name in ("onMessage", "on_message", "binaryType", "bufferedAmountLowThreshold", "onopne"):
        with pytest.raises(AttributeError, match="did you mean"):
            setattr(channel, name, print)


async def test_other_attributes_are_the_users(pair: Pair) -> None:
    channel: Any = pair.channel
    channel.nickname = "mine"
    assert channel.nickname == "mine"
    setattr(channel, "", "mine")  # what is no identifier, too
    with pytest.raises(AttributeError) as caught:
        _ = channel.surname
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("value", [RTCSessionDescription("rollback"), RTCIceCandidate("", "0")])
async def test_browsers_names_of_values_are_hinted_at(value: Any) -> None:
    with pytest.raises(AttributeError, match="did you mean 'to_json'"):
        value.toJSON()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("datachanel", "datachannel"),
        ("dataChannel", "datachannel"),
        ("ondatachannel", "datachannel"),
        ("onDataChannel", "datachannel"),
        ("ice_candidate", "icecandidate"),
        ("messages", "message"),
    ],
)
async def test_listening_to_what_is_nearly_an_event_raises(event: str, expected: str) -> None:
    async with RTCPeerConnection() as pc:
        for listen in (pc.on, pc.once):
            with pytest.raises(ValueError, match=f"did you mean '{expected}'"):
                listen(event, print)
            with pytest.raises(ValueError, match=f"did you mean '{expected}'"):
                listen(event)(print)


@pytest.mark.parametrize("event", [None, 1, b"open", ["open"]])
async def test_an_event_is_named_by_a_str(pair: Pair, event: Any) -> None:
    with pytest.raises(TypeError, match=f"event is a {type(event).__name__}, not a str"):
        pair.left.on(event, print)


async def test_all_names_of_w3c_are_known_and_other_events_are_the_users() -> None:
    async with RTCPeerConnection() as pc:
        for event in ("track", "icecandidateerror", "tonechange", "newListener2", "my-event"):
            pc.on(event, print)
        assert "my-event" in pc.event_names()


@pytest.mark.parametrize("handler", [3, "print", [print]])
async def test_a_handler_is_callable(handler: Any) -> None:
    async with RTCPeerConnection() as pc:
        with pytest.raises(TypeError, match="not callable"):
            pc.on("datachannel", handler)


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "configuration": (lambda pc: RTCPeerConnection({}), "not RTCConfiguration; or give its"),  # type: ignore[arg-type] # what is tested
    "settings": (lambda pc: RTCPeerConnection(settings={}), "not SettingEngine"),  # type: ignore[arg-type] # what is tested
    "network": (lambda pc: RTCPeerConnection(network=Network()), "give the vnet.Host"),  # type: ignore[arg-type] # what is tested
    "set_configuration": (lambda pc: pc.set_configuration("stun:x"), "not RTCConfiguration"),
    "description": (
        lambda pc: pc.set_remote_description("offer"),
        "a str, not RTCSessionDescription or its JSON as a dict",
    ),
    "own description": (lambda pc: pc.set_local_description(3), "not RTCSessionDescription"),
    "candidate": (
        lambda pc: pc.add_ice_candidate("candidate:1"),
        "a str, not RTCIceCandidate, its JSON as a dict, or None",
    ),
    "selector": (lambda pc: pc.get_stats("audio"), "not MediaStreamTrack"),
    "label": (lambda pc: pc.create_data_channel(3), "label is a int, not a str"),
}


@pytest.mark.interpreted  # compiled modules word it themselves
@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_type_names_the_accepted_ones(name: str) -> None:
    call, message = WRONG[name]

    async def wait(pc: RTCPeerConnection) -> None:
        result = call(pc)
        if isinstance(result, Awaitable):
            await result

    async with RTCPeerConnection() as pc:
        with pytest.raises(TypeError, match=message):
            await wait(pc)


@pytest.mark.parametrize("make", [RTCPeerConnection, lambda: MediaStreamTrack("audio")])
def test_what_is_made_outside_a_loop_says_how(make: Callable[[], object]) -> None:
    with pytest.raises(RuntimeError, match=r"no running event loop: .* asyncio\.run\(\)"):
        make()


async def test_nobody_receives_what_a_handler_gets(pair: Pair) -> None:
    heard: list[object] = []
    pair.remote.on("message", heard.append)
    with pytest.raises(InvalidStateError, match="a `message` handler"):
        await pair.remote.recv()
    with pytest.raises(InvalidStateError, match="a `message` handler"):
        pair.remote.recv_nowait()
    with pytest.raises(InvalidStateError, match="a `message` handler"):
        async for _ in pair.remote:
            pass
    pair.remote.remove_all_listeners("message")
    pair.channel.send("for recv")
    assert await pair.remote.recv() == "for recv"
    assert heard == []


async def test_no_handler_is_attached_while_somebody_receives(pair: Pair) -> None:
    waiting = asyncio.ensure_future(pair.remote.recv())
    await asyncio.sleep(0)
    with pytest.raises(InvalidStateError, match="recv"):
        pair.remote.on("message", print)
    with pytest.raises(InvalidStateError, match="recv"):
        pair.remote.onmessage = print
    assert pair.remote.onmessage is None
    pair.channel.send("here")
    assert await waiting == "here"
    pair.remote.onmessage = print


async def test_a_stream_reads_whatever_handlers_there_were(pair: Pair) -> None:
    """A detached channel fires nothing."""
    pair.remote.on("message", print)
    stream = pair.remote.detach()
    pair.channel.send("for the stream")
    assert await stream.recv() == "for the stream"


async def test_a_subclass_has_attributes_of_its_own() -> None:
    class Mine(RTCPeerConnection):
        def __init__(self) -> None:
            super().__init__()
            self.peers: list[RTCDataChannel] = []

    async with Mine() as pc:
        assert pc.peers == []
