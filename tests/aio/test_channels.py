"""The objects of the data channels of one connection."""

import asyncio

from tests.support import connected, two_hosts
from webrtc import RTCDataChannel
from webrtc.aio.channels import Channels
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.net.driver import Driver
from webrtc.aio.outcome import Outcome
from webrtc.datachannel import ChannelClosed, ChannelOpened
from webrtc.errors import ProtocolError
from webrtc.peer import PeerConnection, SettingEngine


def make() -> tuple[PeerConnection, Channels]:
    core = PeerConnection()
    driver = Driver(core, lambda *, reading: False)
    outcome = Outcome(core, "pc=test", SettingEngine(), lambda: None)
    return core, Channels(core, driver, Tasks(), outcome)


async def test_a_channel_has_one_object_until_it_is_closed() -> None:
    core, channels = make()
    channel = core.create_data_channel("x", 0.0)
    wrapper = channels.wrap(channel)
    assert channels.wrap(channel) is wrapper
    states = [wrapper.ready_state]
    for event in (ChannelOpened(channel), ChannelClosed(channel, ProtocolError("why"))):
        channels.handle(event, lambda _: None)
        states.append(wrapper.ready_state)
    assert states == ["connecting", "open", "closed"]
    assert list(channels) == []


async def test_close_ends_every_channel_without_an_event() -> None:
    core, channels = make()
    wrapper = channels.wrap(core.create_data_channel("x", 0.0))
    heard: list[object] = []
    wrapper.on("close", lambda: heard.append("close"))
    channels.close(None)
    await asyncio.sleep(0)
    assert (wrapper.ready_state, heard, list(channels)) == ("closed", [], [])


async def test_messages_are_handed_to_their_channel_and_readers_need_no_call() -> None:
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        pair.channel.send("for a reader")
        assert await pair.remote.recv() == "for a reader"
        heard: list[object] = []
        pair.remote.on("message", heard.append)
        pair.channel.send("for a handler")
        await asyncio.sleep(1)
        assert heard == ["for a handler"]


async def test_messages_that_came_together_are_handled_in_the_order_of_their_arrival() -> None:
    """Also where they are of several channels."""
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        second = pair.left.create_data_channel("second")
        other: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
        pair.right.on("datachannel", other.set_result)
        await second.opened()
        heard: list[object] = []
        for channel in (pair.remote, await other):
            channel.on("message", heard.append)
        for number in range(6):
            (pair.channel, second)[number % 2].send(str(number))
        await asyncio.sleep(1)
        assert heard == [str(number) for number in range(6)]
