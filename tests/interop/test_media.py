"""Audio and video that we send back to a peer without decoding them."""

import asyncio

import pytest

from tests.interop.peer import Json, LinkedPeer, Pair, Peer, pair

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

WARM_UP = 5.0
SECONDS = 10.0
SHARE = 0.95
"""Of the frames that a page has sent, what it decodes of those that come back."""

each_role = pytest.mark.parametrize("they_offer", [True, False], ids=["they offer", "we offer"])


@pytest.fixture
def theirs(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


async def began(begun: Pair, codec: str, *, they_offer: bool) -> None:
    """Let the browser send, and us send back, over one connection with a data channel."""
    browser, mirror = (
        (begun.offerer, begun.answerer) if they_offer else (begun.answerer, begun.offerer)
    )
    await browser.call("add_tracks", codec=codec if they_offer else None)
    await mirror.call("reflect", kinds=[] if they_offer else ["audio", "video"])
    near, far = await begun.connect()
    await far.echo()
    await near.send("hello")
    assert await near.take(1) == ["hello"]


async def counted(begun: Pair, *, they_offer: bool) -> tuple[Json, Json]:
    """What the browser has counted after the warm-up, and at the end."""
    browser = begun.offerer if they_offer else begun.answerer
    await asyncio.sleep(WARM_UP)
    before = await browser.call("counted")
    await asyncio.sleep(SECONDS)
    return before, await browser.call("counted")


def grown(before: Json, after: Json, kind: str, name: str) -> int:
    value: int = after[kind][name] - before.get(kind, {}).get(name, 0)
    return value


@each_role
@pytest.mark.parametrize(
    ("theirs", "codec"),
    [
        ("chromium", "VP8"),
        ("chromium", "VP9"),
        ("chromium", "H264"),
        ("chromium", "AV1"),
        ("firefox", "VP8"),
        ("aiortc", "VP8"),
        ("aiortc", "H264"),
    ],
    indirect=["theirs"],
)
async def test_a_peer_sees_and_hears_itself(
    ours: Peer, theirs: LinkedPeer, codec: str, measured: list[str], *, they_offer: bool
) -> None:
    roles = (theirs, ours) if they_offer else (ours, theirs)
    async with pair(*roles) as begun:
        await began(begun, codec, they_offer=they_offer)
        before, after = await counted(begun, they_offer=they_offer)
    sent = grown(before, after, "video outbound", "framesSent")
    decoded = grown(before, after, "video inbound", "framesDecoded")
    told = f"{theirs.name}, {codec}: {sent / SECONDS:.1f} frames/s sent, {decoded} of {sent} back"
    measured.append(f"{told}, estimate {after.get('bitrate')}")
    assert sent > 0
    assert decoded >= SHARE * sent, (before, after)
    heard = grown(before, after, "audio inbound", "packetsReceived")
    assert heard >= SHARE * grown(before, after, "audio outbound", "packetsSent")
