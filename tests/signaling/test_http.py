"""Offers answered over WebSockets: two peers in this process, and what a stranger may try."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.support import PATIENCE, eventually, negotiate, trickle, two_hosts
from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.errors import ConnectionFailed
from webrtc.signaling import Answerer, connect
from webrtc.signaling.http import MAX_CANDIDATES, MAX_DESCRIPTIONS, _connected_within
from webrtc.vnet import VirtualTimeLoop

pytestmark = pytest.mark.realtime

CANDIDATE = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0"}
Client = TestClient[web.Request, web.Application]


def echo(pc: RTCPeerConnection, request: web.Request) -> None:
    @pc.on("datachannel")
    async def opened(channel: RTCDataChannel) -> None:
        async for message in channel:
            await channel.send(message)


@asynccontextmanager
async def served(answerer: Answerer) -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_get("/signal", answerer.handle)

    async def shut_down(_: web.Application) -> None:
        await answerer.close()

    app.on_shutdown.append(shut_down)
    async with TestClient(TestServer(app)) as client:
        yield client


async def offer() -> str:
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("x")
        return json.dumps((await pc.create_offer()).to_json())


async def test_two_peers_connect_over_http_and_talk() -> None:
    answerer = Answerer(echo)
    async with served(answerer) as client, RTCPeerConnection() as pc:
        channel = pc.create_data_channel("chat")
        async with connect(str(client.make_url("/signal")), pc):
            await channel.opened()
            await channel.send("hello")
            assert await channel.recv() == "hello"
            assert answerer.sessions == 1
        await eventually(lambda: answerer.sessions == 0)


async def test_a_coroutine_function_is_refused_since_nobody_would_await_it() -> None:
    async def accept(pc: RTCPeerConnection, request: web.Request) -> None:
        """Would never run."""

    with pytest.raises(TypeError, match="coroutine"):
        Answerer(accept)  # type: ignore[arg-type] # what is tested


async def test_ice_restart_goes_over_the_same_websocket() -> None:
    async with served(Answerer(echo)) as client, RTCPeerConnection() as pc:
        channel = pc.create_data_channel("chat")
        async with connect(str(client.make_url("/signal")), pc):
            before = pc.local_description
            pc.restart_ice()
            await eventually(lambda: pc.local_description != before)
            await eventually(lambda: pc.signaling_state == "stable")
            await pc.wait_connected(PATIENCE)
            await channel.send("still here")
            assert await channel.recv() == "still here"


async def test_answer_to_a_browser_s_offer_comes_before_its_candidates() -> None:
    async with served(Answerer(echo)) as client, client.ws_connect("/signal") as socket:
        await socket.send_str(await offer())
        first = await socket.receive_json(timeout=PATIENCE)
        assert first["type"] == "answer"
        assert "v=0" in first["sdp"]
        trickled = [await socket.receive_json(timeout=PATIENCE)]
        while trickled[-1]["candidate"] is not None:
            trickled.append(await socket.receive_json(timeout=PATIENCE))
        assert all(each["type"] == "candidate" for each in trickled)


async def test_the_answer_has_the_candidates_of_this_host_already() -> None:
    """So that also a client that never trickles connects in one network."""
    async with served(Answerer(echo)) as client, client.ws_connect("/signal") as socket:
        await socket.send_str(await offer())
        assert "a=candidate:" in (await socket.receive_json(timeout=PATIENCE))["sdp"]


async def test_a_session_ends_when_its_peer_connection_does() -> None:
    """And `closed` is the place to clean up."""
    ended: list[object] = []

    def accept(pc: RTCPeerConnection, request: web.Request) -> None:
        async def clean_up() -> None:
            ended.append(await pc.closed())

        tasks.append(asyncio.ensure_future(clean_up()))

    tasks: list[asyncio.Future[None]] = []
    answerer = Answerer(accept)
    async with served(answerer) as client, RTCPeerConnection() as pc:
        pc.create_data_channel("x")
        async with connect(str(client.make_url("/signal")), pc):
            await pc.close()
            await eventually(lambda: answerer.sessions == 0)
        assert ended == [None]


@pytest.mark.parametrize(
    "message",
    ["{", '{"type": "shutdown"}', "[" * 100_000, '{"type": "offer", "sdp": "nonsense"}'],
    ids=["json", "type", "nesting", "sdp"],
)
async def test_wrong_message_closes_only_that_session(message: str) -> None:
    """W-02, W-08: a declared error without a stack trace; the neighbour goes on."""
    answerer = Answerer(echo)
    async with served(answerer) as client, client.ws_connect("/signal") as neighbour:
        async with client.ws_connect("/signal") as socket:
            await socket.send_str(message)
            reply = await socket.receive_json(timeout=PATIENCE)
            assert reply["type"] == "error"
            assert "Traceback" not in reply["error"]
            assert (await socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
        await eventually(lambda: answerer.sessions == 1)
        await neighbour.send_str(await offer())
        assert (await neighbour.receive_json(timeout=PATIENCE))["type"] == "answer"


async def test_binary_message_is_refused() -> None:
    async with served(Answerer(echo)) as client, client.ws_connect("/signal") as socket:
        await socket.send_bytes(b"{}")
        assert (await socket.receive_json(timeout=PATIENCE))["type"] == "error"


async def test_message_over_the_limit_closes_its_websocket() -> None:
    """W-01, W-08: the limit is a parameter."""
    answerer = Answerer(echo, max_message=1000)
    async with served(answerer) as client, client.ws_connect("/signal") as socket:
        await socket.send_str(" " * 2000)
        await socket.receive(timeout=PATIENCE)
        assert socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        await eventually(lambda: answerer.sessions == 0)


async def test_flood_of_candidates_ends_the_session() -> None:
    """W-04: many more candidates than a peer can have."""
    async with served(Answerer(echo)) as client, client.ws_connect("/signal") as socket:
        await socket.send_str(await offer())
        for _ in range(MAX_CANDIDATES + 1):
            await socket.send_json({"type": "candidate", "candidate": CANDIDATE})
        replies = [await socket.receive_json(timeout=PATIENCE)]
        while replies[-1]["type"] != "error":
            replies.append(await socket.receive_json(timeout=PATIENCE))
        assert "candidates" in replies[-1]["error"]


async def test_unusable_candidate_is_ignored() -> None:
    async with served(Answerer(echo)) as client, client.ws_connect("/signal") as socket:
        await socket.send_str(await offer())
        wrong = {"candidate": "candidate:nonsense", "sdpMid": "0"}
        await socket.send_json({"type": "candidate", "candidate": wrong})
        await socket.send_str(await offer())
        replies = [await socket.receive_json(timeout=PATIENCE) for _ in range(4)]
        assert "error" not in {reply["type"] for reply in replies}


async def test_session_that_never_connects_is_freed() -> None:
    """W-05: the time is a parameter."""
    answerer = Answerer(echo, connect_timeout=0.2)
    async with served(answerer) as client, client.ws_connect("/signal") as socket:
        reply: dict[str, Any] = await socket.receive_json(timeout=PATIENCE)
        assert reply == {"type": "error", "error": "not connected for 0.2 s"}
        await socket.receive(timeout=PATIENCE)
        await eventually(lambda: answerer.sessions == 0)


def test_connected_session_outlives_the_limit_for_connecting() -> None:
    """W-05: it counts again when the connection is lost."""

    async def main() -> None:
        network, left, right = two_hosts()
        async with (
            RTCPeerConnection(network=left) as one,
            RTCPeerConnection(network=right) as other,
        ):
            trickle(one, other)
            one.create_data_channel("chat")
            limited = _connected_within(5.0, one)
            await limited.__aenter__()
            await negotiate(one, other)
            await one.wait_connected()
            await asyncio.sleep(60.0)
            right.cards[0].disconnect()
            lost = network.now
            with pytest.raises(asyncio.CancelledError) as cancelled:
                await asyncio.sleep(60.0)
            with pytest.raises(TimeoutError):
                await limited.__aexit__(cancelled.type, cancelled.value, None)
            assert 5.0 < network.now - lost < 15.0

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())


async def test_sessions_over_the_limit_are_refused() -> None:
    """W-05: 503 with Retry-After."""
    answerer = Answerer(echo, max_sessions=1)
    async with served(answerer) as client:
        async with client.ws_connect("/signal"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await client.ws_connect("/signal")
            assert refusal.value.status == 503
            assert refusal.value.headers is not None
            assert "Retry-After" in refusal.value.headers
        await eventually(lambda: answerer.sessions == 0)
        async with client.ws_connect("/signal"):
            assert answerer.sessions == 1


async def test_page_of_another_site_may_not_connect_unless_it_is_named() -> None:
    answerer = Answerer(echo, origins=["https://example.org"])
    async with served(answerer) as client:
        for foreign in ("https://example.com", "null", f"http://x@{client.host}:{client.port}"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await client.ws_connect("/signal", headers={"Origin": foreign})
            assert refusal.value.status == 403
        own = f"http://{client.host}:{client.port}"
        for known in ("https://example.org", own):
            async with client.ws_connect("/signal", headers={"Origin": known}):
                assert answerer.sessions == 1
            await eventually(lambda: answerer.sessions == 0)


async def test_name_of_a_page_that_leads_here_is_refused_unless_it_is_ours() -> None:
    """DNS rebinding: Host and Origin agree, and neither is a name of this server."""
    for answerer, status in ((Answerer(echo), 403), (Answerer(echo, hosts=["a.example"]), 101)):
        async with served(answerer) as client:
            headers = {"Host": f"a.example:{client.port}"}
            headers["Origin"] = f"http://{headers['Host']}"
            try:
                async with client.ws_connect("/signal", headers=headers):
                    found = 101
            except aiohttp.WSServerHandshakeError as refusal:
                found = refusal.status
            assert found == status


async def test_flood_of_descriptions_ends_a_session_that_does_not_connect() -> None:
    async with served(Answerer(echo)) as client, client.ws_connect("/signal") as socket:
        text = await offer()
        replies: list[Any] = []
        for _ in range(MAX_DESCRIPTIONS + 1):
            await socket.send_str(text)
        while not replies or replies[-1]["type"] != "error":
            replies.append(await socket.receive_json(timeout=PATIENCE))
        assert f"more than {MAX_DESCRIPTIONS} descriptions" in replies[-1]["error"]


async def test_request_that_is_no_websocket_is_told_so_in_json() -> None:
    """W-02."""
    async with served(Answerer(echo)) as client:
        response = await client.get("/signal")
        assert response.status == 426
        assert await response.json() == {"error": "expected a WebSocket"}
        assert (await client.post("/signal")).status == 405


async def test_server_that_is_not_there_or_full_is_a_failed_connection() -> None:
    async with served(Answerer(echo, max_sessions=0)) as client, RTCPeerConnection() as pc:
        with pytest.raises(ConnectionFailed, match="503"):
            async with connect(str(client.make_url("/signal")), pc):
                pytest.fail("connected to a server without room")
        url = str(client.make_url("/signal"))
    async with RTCPeerConnection() as pc:
        with pytest.raises(ConnectionFailed, match="no signalling at"):
            async with connect(url, pc):
                pytest.fail("connected to a server that is gone")


async def test_server_that_ends_the_session_early_fails_the_connection_with_its_reason() -> None:
    def give_up(pc: RTCPeerConnection, request: web.Request) -> None:
        raise ConnectionFailed("not today")

    async with served(Answerer(give_up)) as client, RTCPeerConnection() as pc:
        pc.create_data_channel("chat")
        with pytest.raises(ConnectionFailed, match="not today"):
            async with connect(str(client.make_url("/signal")), pc):
                pytest.fail("connected although the server gave up")


async def test_server_that_hangs_up_fails_the_connection() -> None:
    async def hang_up(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/signal", hang_up)
    async with TestClient(TestServer(app)) as client, RTCPeerConnection() as pc:
        pc.create_data_channel("chat")
        with pytest.raises(ConnectionFailed, match="closed the signalling WebSocket"):
            async with connect(str(client.make_url("/signal")), pc):
                pytest.fail("connected to nobody")


async def test_closing_the_answerer_ends_every_session() -> None:
    answerer = Answerer(echo)
    async with served(answerer) as client:
        sockets = [await client.ws_connect("/signal") for _ in range(3)]
        await answerer.close()
        await eventually(lambda: answerer.sessions == 0)
        for socket in sockets:
            await socket.receive(timeout=PATIENCE)
            assert socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
