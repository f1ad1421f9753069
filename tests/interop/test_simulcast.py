"""Encodings of a browser's simulcast, received and shown to another page."""

import asyncio
import time

import pytest

from tests.interop.peer import Json, LinkedPeer, Pair, Peer, deadline, pair

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

RIDS = ["q", "h", "f"]
RAMP_UP = 10.0
SWITCHES = ["h", "f", "h", "q", "f", "q"] * 2
PAUSE = 1.0


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


async def layers(begun: Pair) -> set[str]:
    """Wait until every encoding has come."""
    async with deadline("three encodings", 30.0):
        while set(found := await begun.answerer.call("layers")) != set(RIDS):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.2)
    return set(found)


async def switched(watching: Pair, rid: str) -> float:
    """Show another encoding; how many seconds it took."""
    begun = time.monotonic()
    await watching.offerer.call("switch", rid=rid)
    async with deadline(f"the encoding {rid}", 5.0):
        while await watching.offerer.call("shown") != rid:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def watched(watching: Pair) -> Json:
    counted: Json = await watching.answerer.call("counted")
    found: Json = counted.get("video inbound", {})
    return found


@pytest.mark.parametrize("browser", ["chromium", "firefox"], indirect=True)
async def test_encodings_are_switched_without_a_freeze(
    ours: Peer, browser: LinkedPeer, measured: list[str]
) -> None:
    async with pair(browser, ours) as sending, pair(ours, browser) as watching:
        await sending.offerer.call("add_simulcast", rids=RIDS, codec="VP8")
        await sending.answerer.call("forward")
        await sending.connect()
        assert await layers(sending) == set(RIDS)
        await watching.answerer.call("watch")
        source = sending.answerer.number
        await watching.offerer.call("show", source=source, rid="q")
        await watching.connect()
        await asyncio.sleep(RAMP_UP)
        before = await watched(watching)
        took = []
        for rid in SWITCHES:
            took.append(await switched(watching, rid))
            await asyncio.sleep(PAUSE)
        after = await watched(watching)
        sender = (await sending.offerer.call("counted"))["video outbound"]
    keyframes = after["keyFramesDecoded"]
    measured.append(
        f"{browser.name}: {len(SWITCHES)} switches, slowest {max(took):.2f} s, {keyframes} key"
        f" frames, {after['freezeCount'] - before['freezeCount']} freezes,"
        f" {sender['pliCount']} PLI of one encoding"
    )
    assert after["freezeCount"] == before["freezeCount"], (before, after)
    assert abs(keyframes - len(SWITCHES) - 1) <= 1, (before, after)
