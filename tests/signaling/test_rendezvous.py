"""The server that introduces two programs to each other, and what strangers may try there."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.support import PATIENCE, eventually
from webrtc.signaling import Rendezvous

pytestmark = pytest.mark.realtime

Client = TestClient[web.Request, web.Application]
Socket = aiohttp.ClientWebSocketResponse
OFFER = {"type": "offer", "sdp": "v=0 the offer"}
ANSWER = {"type": "answer", "sdp": "v=0 the answer"}


@asynccontextmanager
async def served(rendezvous: Rendezvous | None = None) -> AsyncIterator[Client]:
    rendezvous = rendezvous or Rendezvous()
    async with TestClient(TestServer(rendezvous.application())) as client:
        yield client


@asynccontextmanager
async def waiting(client: Client) -> AsyncIterator[tuple[Socket, int]]:
    async with client.ws_connect("/rendezvous") as socket:
        told = await socket.receive_json(timeout=PATIENCE)
        assert told["type"] == "number"
        yield socket, told["number"]


async def post(client: Client, number: int, body: Any = OFFER) -> tuple[int, Any]:
    async with client.post(f"/rendezvous/{number}", json=body) as response:
        return response.status, await response.json()


async def test_offer_is_passed_on_and_its_answer_comes_back() -> None:
    async with served() as client, waiting(client) as (socket, number):
        call = asyncio.create_task(post(client, number))
        passed = await socket.receive_json(timeout=PATIENCE)
        assert passed == {"id": 1, **OFFER}
        await socket.send_json({"id": 1, **ANSWER})
        assert await call == (200, ANSWER)


async def test_calls_at_the_same_time_get_their_own_answers() -> None:
    async with served() as client, waiting(client) as (socket, number):
        calls = [asyncio.create_task(post(client, number)) for _ in range(3)]
        identifiers = [(await socket.receive_json(timeout=PATIENCE))["id"] for _ in calls]
        for each in reversed(identifiers):
            await socket.send_json({"id": each, "type": "answer", "sdp": f"v=0 {each}"})
        answers = {(await call)[1]["sdp"] for call in calls}
        assert answers == {"v=0 1", "v=0 2", "v=0 3"}


async def test_call_that_is_refused_says_why() -> None:
    async with served() as client, waiting(client) as (socket, number):
        call = asyncio.create_task(post(client, number))
        await socket.receive_json(timeout=PATIENCE)
        await socket.send_json({"id": 1, "type": "error", "error": "not today"})
        assert await call == (502, {"error": "not today"})


async def test_number_of_nobody_is_not_found() -> None:
    rendezvous = Rendezvous()
    async with served(rendezvous) as client:
        assert await post(client, 7) == (404, {"error": "nobody waits under this number"})
        async with waiting(client) as (_, number):
            assert (await post(client, number + 1))[0] == 404
        await eventually(lambda: not rendezvous._waiting)
        assert (await post(client, number))[0] == 404
        assert (await client.post("/rendezvous/x", json=OFFER)).status == 404


async def test_who_goes_away_leaves_no_call_waiting() -> None:
    async with served() as client, waiting(client) as (socket, number):
        call = asyncio.create_task(post(client, number))
        await socket.receive_json(timeout=PATIENCE)
        await socket.close()
        assert await call == (502, {"error": "who waited there has gone"})


async def test_call_without_an_answer_ends() -> None:
    """W-05: the time is a parameter."""
    rendezvous = Rendezvous(answer_timeout=0.1)
    async with served(rendezvous) as client, waiting(client) as (socket, number):
        assert await post(client, number) == (504, {"error": "no answer within 0.1 s"})
        await socket.receive_json(timeout=PATIENCE)
        await socket.send_json({"id": 1, **ANSWER})  # too late, and harmless
        rendezvous._answer_timeout = PATIENCE
        call = asyncio.create_task(post(client, number))
        assert (await socket.receive_json(timeout=PATIENCE))["id"] == 2
        await socket.send_json({"id": 2, **ANSWER})
        assert await call == (200, ANSWER)


async def test_numbers_are_short_different_and_limited() -> None:
    """W-05: the number of places is a parameter."""
    rendezvous = Rendezvous(max_waiting=2, random=Random(1))
    async with served(rendezvous) as client:
        async with waiting(client) as (_, one), waiting(client) as (_, two):
            assert one != two
            assert {one, two} <= {1, 2, 3, 4}
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await client.ws_connect("/rendezvous")
            assert refusal.value.status == 503
        await eventually(lambda: not rendezvous._waiting)
        async with waiting(client) as (_, again):
            assert again in {1, 2, 3, 4}


async def test_call_too_many_ends_the_oldest_and_is_passed_on() -> None:
    """Who calls and then does nothing keeps nobody out."""
    async with served(Rendezvous(max_calls=2)) as client, waiting(client) as (socket, number):
        calls = []
        for id_ in (1, 2, 3):
            calls.append(asyncio.create_task(post(client, number)))
            assert (await socket.receive_json(timeout=PATIENCE))["id"] == id_
        assert await calls[0] == (503, {"error": "too many are calling this number"})
        for id_ in (2, 3):
            await socket.send_json({"id": id_, **ANSWER})
        assert [status for status, _ in [await call for call in calls[1:]]] == [200, 200]


async def test_limit_of_calls_counts_what_has_arrived_whole() -> None:
    """Offers that begin at the same time and arrive later do not pass it together."""
    async with served(Rendezvous(max_calls=2)) as client, waiting(client) as (socket, number):
        rest = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            text = json.dumps(OFFER).encode()
            yield text[:5]
            await rest.wait()
            yield text[5:]

        headers = {"Content-Type": "application/json"}
        url = f"/rendezvous/{number}"
        calls = [
            asyncio.create_task(client.post(url, data=slow(), headers=headers)) for _ in range(5)
        ]
        await asyncio.sleep(0.05)
        rest.set()
        ids = [(await socket.receive_json(timeout=PATIENCE))["id"] for _ in calls]
        for id_ in ids:
            await socket.send_json({"id": id_, **ANSWER})
        found = sorted([(await call).status for call in calls])
        assert found == [200, 200, 503, 503, 503]


async def test_offer_that_does_not_arrive_is_given_up() -> None:
    rendezvous = Rendezvous(body_timeout=0.1)
    async with served(rendezvous) as client, waiting(client) as (_, number):

        async def endless() -> AsyncIterator[bytes]:
            yield b'{"type":'
            await asyncio.sleep(PATIENCE)

        headers = {"Content-Type": "application/json"}
        url = f"/rendezvous/{number}"
        async with client.post(url, data=endless(), headers=headers) as response:
            assert response.status == 408
            assert await response.json() == {"error": "no offer within 0.1 s"}


async def test_offer_is_limited_inside_of_an_application_that_takes_more() -> None:
    large = web.Application(client_max_size=2**30)
    large.add_subapp("/sub", Rendezvous(max_message=100).application())
    async with TestClient(TestServer(large)) as client:
        headers = {"Content-Type": "application/json"}
        response = await client.post("/sub/rendezvous/1", data=b" " * 101, headers=headers)
        assert response.status == 413
        assert await response.json() == {"error": "more than 100 bytes"}


async def test_places_of_one_address_are_limited_unless_it_is_a_trusted_proxy() -> None:
    stranger = "192.0.2.1"
    proxies: list[tuple[list[str], int]] = [([], 429), (["192.0.2.0/24"], 404)]
    for trusted, status in proxies:
        rendezvous = Rendezvous(max_per_address=0, trusted_proxies=trusted)
        app = rendezvous.application()

        @web.middleware
        async def from_elsewhere(request: web.Request, handler: Any) -> Any:
            return await handler(request.clone(remote=stranger))

        app.middlewares.append(from_elsewhere)
        async with TestClient(TestServer(app)) as client:
            assert (await post(client, 1))[0] == status


@pytest.mark.parametrize(
    "body",
    ["offer", [], {}, ANSWER, {"type": "offer"}, {"type": "offer", "sdp": 5}, {"type": "error"}],
    ids=repr,
)
async def test_what_is_no_offer_is_a_bad_request(body: object) -> None:
    """W-02, W-08: a declared error without a stack trace, and nobody is disturbed."""
    async with served() as client, waiting(client) as (socket, number):
        status, reply = await post(client, number, body)
        assert status == 400
        assert set(reply) == {"error"}
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (json.dumps(OFFER).encode(), "text/plain", 415),
        (b" " * 70_000, "application/json", 413),
    ],
)
async def test_odd_bodies_are_refused(body: bytes, kind: str, status: int) -> None:
    """W-01: the size is limited."""
    async with served() as client, waiting(client) as (_, number):
        headers = {"Content-Type": kind}
        response = await client.post(f"/rendezvous/{number}", data=body, headers=headers)
        assert response.status == status


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        '{"id": 1}',
        '{"id": "1", "type": "answer", "sdp": "v=0"}',
        '{"id": 1, "type": "offer", "sdp": "v=0"}',
        '{"id": 1, "type": "candidate", "candidate": null}',
    ],
)
async def test_who_waits_and_says_nonsense_loses_the_place(message: str) -> None:
    async with served() as client, waiting(client) as (socket, _):
        await socket.send_str(message)
        closing = await socket.receive(timeout=PATIENCE)
        assert closing.type is aiohttp.WSMsgType.CLOSE


async def test_binary_message_loses_the_place() -> None:
    async with served() as client, waiting(client) as (socket, _):
        await socket.send_bytes(b"{}")
        assert (await socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE


async def test_answer_to_nobody_is_ignored() -> None:
    async with served() as client, waiting(client) as (socket, number):
        await socket.send_json({"id": 99, **ANSWER})
        call = asyncio.create_task(post(client, number))
        await socket.receive_json(timeout=PATIENCE)
        await socket.send_json({"id": 1, **ANSWER})
        await socket.send_json({"id": 1, "type": "error", "error": "changed my mind"})
        assert await call == (200, ANSWER)


async def test_pages_of_other_sites_are_refused() -> None:
    async with served() as client, waiting(client) as (_, number):
        headers = {"Origin": "https://example.com"}
        response = await client.post(f"/rendezvous/{number}", json=OFFER, headers=headers)
        assert response.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await client.ws_connect("/rendezvous", headers=headers)
        assert refusal.value.status == 403
        own = {"Origin": f"http://{client.host}:{client.port}"}
        async with client.ws_connect("/rendezvous", headers=own) as socket:
            assert (await socket.receive_json(timeout=PATIENCE))["type"] == "number"


async def test_request_that_is_no_websocket_is_told_so() -> None:
    async with served() as client:
        response = await client.get("/rendezvous")
        assert response.status == 426
        assert await response.json() == {"error": "expected a WebSocket"}


async def test_shutting_down_ends_every_place() -> None:
    async with served() as client:
        socket = await client.ws_connect("/rendezvous")
        await socket.receive_json(timeout=PATIENCE)
        await client.server.close()
        await socket.receive(timeout=PATIENCE)
        assert socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
