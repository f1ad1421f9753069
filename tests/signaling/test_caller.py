"""The clients of a rendezvous, with real servers and with servers that are none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support import PATIENCE
from webrtc import RTCPeerConnection, RTCSessionDescription
from webrtc.errors import ConnectionFailed
from webrtc.signaling import Place, Rendezvous, call, wait_for_calls

pytestmark = pytest.mark.realtime

OFFER = RTCSessionDescription("offer", "v=0 the offer")
ANSWER = RTCSessionDescription("answer", "v=0 the answer")


@asynccontextmanager
async def serving(app: web.Application | None = None) -> AsyncIterator[str]:
    async with TestServer(app or Rendezvous().application()) as server:
        yield str(server.make_url("/"))


async def answer_all(place: Place) -> None:
    async for each in place:
        assert each.offer == OFFER
        await each.answer(ANSWER)


async def test_caller_gets_the_answer() -> None:
    async with serving() as url, wait_for_calls(url) as place:
        task = asyncio.create_task(answer_all(place))
        for _ in range(3):
            assert await call(url, place.number, OFFER) == ANSWER
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_two_peers_connect_by_one_call() -> None:
    async with (
        serving() as url,
        wait_for_calls(url) as place,
        RTCPeerConnection() as caller,
        RTCPeerConnection() as called,
    ):

        async def pick_up() -> None:
            async for each in place:
                await called.set_remote_description(each.offer)
                await called.set_local_description()
                await called.gathered()
                assert called.local_description is not None
                await each.answer(called.local_description)
                return

        task = asyncio.create_task(pick_up())
        channel = caller.create_data_channel("hello")
        await caller.set_local_description()
        await caller.gathered()
        assert caller.local_description is not None
        answer = await call(url, place.number, caller.local_description)
        await caller.set_remote_description(answer)
        await caller.wait_connected(PATIENCE)
        await channel.opened()
        await task


async def test_caller_that_is_refused_learns_why() -> None:
    async with serving() as url, wait_for_calls(url) as place:

        async def refuse() -> None:
            async for each in place:
                await each.refuse("busy")

        task = asyncio.create_task(refuse())
        with pytest.raises(ConnectionFailed, match=r"status 502 .*busy"):
            await call(url, place.number, OFFER)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_number_of_nobody_is_named() -> None:
    async with serving() as url:
        with pytest.raises(ConnectionFailed, match="nobody waits under the number 7"):
            await call(url, 7, OFFER)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "ftp://127.0.0.1", "127.0.0.1:9", "http://"])
async def test_server_that_is_not_there_is_named(url: str) -> None:
    with pytest.raises(ConnectionFailed, match=f"no rendezvous at {url}"):
        await call(url, 7, OFFER)
    with pytest.raises(ConnectionFailed, match=f"no rendezvous at {url}"):
        async with wait_for_calls(url):
            pytest.fail("there is no server")


@pytest.mark.parametrize(
    "reply", ['{"type": "hello"}', "{", '{"type": "number", "number": "x"}', None]
)
async def test_server_of_another_kind_is_no_rendezvous(reply: str | None) -> None:
    async def wait(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if reply is not None:
            await socket.send_str(reply)
        await socket.close()
        return socket

    async def take(_: web.Request) -> web.Response:
        return web.Response(text=reply or "")

    app = web.Application()
    app.router.add_get("/rendezvous", wait)
    app.router.add_post("/rendezvous/7", take)
    async with serving(app) as url:
        with pytest.raises(ConnectionFailed, match="is no rendezvous"):
            async with wait_for_calls(url):
                pytest.fail("there is no rendezvous")
        with pytest.raises(ConnectionFailed, match="no answer from"):
            await call(url, 7, OFFER)


@pytest.mark.parametrize("message", ["{", "[]", "5", '{"type": "error", "error": "x"}'])
async def test_server_that_says_nonsense_ends_the_place(message: str) -> None:
    async def wait(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "number", "number": 7})
        await socket.send_str(message)
        await socket.receive()
        return socket

    app = web.Application()
    app.router.add_get("/rendezvous", wait)
    async with serving(app) as url, wait_for_calls(url) as place:
        async with asyncio.timeout(PATIENCE):
            assert [each async for each in place] == []


async def test_answer_after_the_server_has_gone_is_harmless() -> None:
    async with TestServer(Rendezvous().application()) as server:
        url = str(server.make_url("/"))
        async with wait_for_calls(url) as place:
            calling = asyncio.create_task(call(url, place.number, OFFER))
            async for each in place:
                await server.close()
                await each.answer(ANSWER)
            with pytest.raises(ConnectionFailed):
                await calling
