"""What closed channels leave unread."""

import asyncio
import logging

import pytest

from tests.support import connected, two_hosts
from webrtc import ConnectionFailed, RTCDataChannel, SettingEngine
from webrtc.sctp import MESSAGE_OVERHEAD, Config

KIB = 1024
MESSAGE = bytes(16 * KIB - MESSAGE_OVERHEAD)
SMALL_WINDOW = Config(receive_window=512 * KIB, initial_receive_window=512 * KIB)


async def left_unread(count: int, messages: int, limit: int) -> list[RTCDataChannel]:
    """Channels that a peer has opened, filled with 16 KiB messages and closed, one by one."""
    _, one, other = two_hosts()
    settings = SettingEngine(max_unread_closed=limit, sctp=SMALL_WINDOW)
    found: list[RTCDataChannel] = []
    async with connected(one, other, settings=settings) as pair:
        pair.right.on("datachannel", found.append)
        for _ in range(count):
            channel = pair.left.create_data_channel("x")
            await channel.opened()
            for _ in range(messages):
                await channel.send(MESSAGE)
            await channel.drained()
            channel.close()
            await channel.closed()
        pair.channel.send("others have the window for them")
        async with asyncio.timeout(1.0):
            assert await pair.remote.recv() == "others have the window for them"
    return found


async def test_what_is_within_the_limit_can_be_read_after_the_end() -> None:
    """DC-05: of several channels; it does not stand in the window of others."""
    channels = await left_unread(4, 16, limit=1024 * KIB)
    assert [[message async for message in channel] for channel in channels] == [[MESSAGE] * 16] * 4


async def test_beyond_the_limit_the_oldest_channels_messages_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """DC-05: who reads them is told, and nobody reads less without noticing."""
    caplog.set_level(logging.WARNING, "webrtc.datachannel")
    channels = await left_unread(6, 16, limit=1024 * KIB)
    assert [channel.unread for channel in channels] == [0, 0, 16, 16, 16, 16]
    (warning,) = caplog.messages
    assert "dropped 32 messages" in warning
    with pytest.raises(ConnectionFailed, match="dropped"):
        await channels[0].recv()
    with pytest.raises(ConnectionFailed, match="dropped"):
        [message async for message in channels[1]]


async def test_the_channel_that_was_closed_last_keeps_all_it_has() -> None:
    """F-42: what it received was within the window, and who reads it slowly gets it."""
    channels = await left_unread(2, 16, limit=0)
    assert [channel.unread for channel in channels] == [0, 16]


async def test_what_was_read_does_not_count() -> None:
    """Nor what nobody can read any more, since nothing refers to the channel."""
    _, one, other = two_hosts()
    settings = SettingEngine(max_unread_closed=100 * KIB, sctp=SMALL_WINDOW)
    found: list[RTCDataChannel] = []
    async with connected(one, other, settings=settings) as pair:
        pair.right.on("datachannel", found.append)
        for _ in range(20):
            channel = pair.left.create_data_channel("x")
            await channel.opened()
            await channel.send(MESSAGE)
            channel.close()
            await channel.closed()
            if len(found) > 1:
                assert await found.pop().recv() == MESSAGE
    assert [channel.unread for channel in found] == [1]
