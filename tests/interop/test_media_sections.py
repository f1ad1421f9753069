"""A channel beside a browser's audio and video, which carry nothing. RFC 9429 §5; RFC 9143."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.interop.peer import Channel, LinkedPeer, Pair, Peer, deadline, pair

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

POLICIES = ["balanced", "max-bundle", "max-compat"]
BOTH = ["audio", "video"]
TRIPS = 5
"""Messages and their echoes after every step."""

each_browser = pytest.mark.parametrize("theirs", ["chromium", "firefox"], indirect=True)
each_policy = pytest.mark.parametrize("policy", POLICIES)


@pytest.fixture
def theirs(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


class Talk:
    """Messages and their echoes without a pause, from beginning to end."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._trips = 0
        self._news = asyncio.Condition()

    async def run(self) -> None:
        while True:
            text = f"trip {self._trips}"
            await self._channel.send(text)
            assert await self._channel.take(1) == [text]
            async with self._news:
                self._trips += 1
                self._news.notify_all()
            await asyncio.sleep(0.01)

    async def goes_on(self) -> None:
        """Return when some more echoes have come."""
        enough = self._trips + TRIPS
        async with deadline(f"{TRIPS} echoes after {self._trips}"), self._news:
            await self._news.wait_for(lambda: self._trips >= enough)


@asynccontextmanager
async def talking(channel: Channel) -> AsyncIterator[Talk]:
    talk = Talk(channel)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(talk.run())
        await talk.goes_on()
        yield talk
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@each_browser
@each_policy
@pytest.mark.parametrize("first", ["their media", "their channel", "our channel"])
async def test_the_channel_goes_on_while_media_come_and_go(
    ours: Peer, theirs: LinkedPeer, policy: str, first: str
) -> None:
    they_begin = first != "our channel"
    roles = (theirs, ours) if they_begin else (ours, theirs)
    async with pair(*roles, bundlePolicy=policy) as begun:
        by_them, by_us = (begun, begun.swapped()) if they_begin else (begun.swapped(), begun)
        browser = by_them.offerer
        if first == "their media":
            await browser.call("add_media", kinds=BOTH)
        near, far = await begun.connect()
        mine, its = (far, near) if they_begin else (near, far)
        await its.echo()
        async with talking(mine) as talk:
            await browser.call("add_media", kinds=BOTH)
            await negotiated(by_them, talk)
            if first != "their media":  # else its first section is the one the bundle is named
                # after: who stops that begins another SCTP association, which ends its channels.
                await browser.call("stop_media")
                await negotiated(by_them, talk)
            await browser.call("add_media", kinds=BOTH)
            await negotiated(by_them, talk)
            await negotiated(by_us, talk)
            for restarting in (by_us, by_them):
                await negotiated(restarting, talk, restart=True)
        await browser.close()
        await mine.closed()


async def negotiated(offering: Pair, talk: Talk, *, restart: bool = False) -> None:
    """Exchange descriptions; the channel's talk goes on over it."""
    await offering.negotiate(restart=restart)
    await talk.goes_on()
    for side in (offering.offerer, offering.answerer):
        await side.reach("signalingState", "stable")
        await side.reach("connectionState", "connected")
