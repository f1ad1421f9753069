"""Where the commands' servers listen, and that nobody can take all of such a server."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

import pytest
from aiohttp import ClientSession, web
from rich.console import Console

from tests.support import PATIENCE, eventually
from webrtc.cli import listening
from webrtc.cli.listening import bind, listen
from webrtc.cli.server import Demo

pytestmark = pytest.mark.realtime

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def busy_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        yield taken.getsockname()[1]


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """A server that says `hello`, and echoes over WebSockets."""

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def echo(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        async for frame in websocket:
            await websocket.send_str(frame.data)
        return websocket

    app = web.Application()
    app.router.add_get("/", hello)
    app.router.add_get("/echo", echo)
    runner, port = await listen(app, "127.0.0.1", 0)
    try:
        yield port
    finally:
        await runner.cleanup()


async def ask(port: int, *parts: bytes) -> str:
    """Status and headers of the answer to what is sent, part by part."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        answer = await reader.read()
    writer.close()
    return answer.decode()


async def test_busy_port_moves_the_page_to_the_next_one() -> None:
    with busy_port() as port:
        runner, found = await listen(
            Demo(Console(file=io.StringIO())).application(), "127.0.0.1", port
        )
        try:
            assert port < found <= port + 20
            async with ClientSession() as session:
                page = await session.get(f"http://127.0.0.1:{found}/")
                assert page.status == 200
        finally:
            await runner.cleanup()


def test_every_address_of_a_name_gets_the_same_port() -> None:
    sockets = bind("localhost", 0)
    port = sockets[0].getsockname()[1]
    again = bind("localhost", port)
    try:
        assert len({sock.getsockname()[1] for sock in again}) == 1
        assert again[0].getsockname()[1] > port
    finally:
        for sock in (*sockets, *again):
            sock.close()


def test_address_of_another_machine_is_refused() -> None:
    with pytest.raises(OSError, match="address"):
        bind("192.0.2.1", 0)


@pytest.mark.parametrize("parts", [(GET,), tuple(GET[each : each + 1] for each in range(len(GET)))])
async def test_request_is_answered_however_its_header_is_cut(parts: tuple[bytes, ...]) -> None:
    async with served() as port:
        assert (await ask(port, *parts)).startswith("HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"\r\n\r\n",
        b"\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n",
    ],
)
async def test_header_that_does_not_come_is_not_waited_for(
    beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "HEADER_TIMEOUT", 0.05)
    async with served() as port:
        answer = await ask(port, beginning)
        assert answer.startswith("HTTP/1.1 408 Request Timeout\r\nConnection: close")


async def test_websocket_may_be_silent_for_longer_than_a_header(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "HEADER_TIMEOUT", 0.05)
    async with (
        served() as port,
        ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/echo") as websocket,
    ):
        await asyncio.sleep(0.2)
        await websocket.send_str("still here")
        assert await websocket.receive_str(timeout=PATIENCE) == "still here"


async def test_connection_is_for_one_request() -> None:
    """Else it would have to be timed again before each next one."""
    async with served() as port:
        for path, status in ((b"/", "200"), (b"/nothing", "404")):
            answer = await ask(port, GET.replace(b"/", path, 1), GET)
            assert answer.startswith(f"HTTP/1.1 {status}")
            assert answer.count("HTTP/1.1") == 1
            assert "Connection: close" in answer


@pytest.mark.parametrize("limit", ["MAX_CONNECTIONS", "MAX_CONNECTIONS_PER_ADDRESS"])
async def test_connections_at_a_time_are_limited_and_those_of_this_machine_only_in_all(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, limit, 2)
    async with served() as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        expected = "503 Service Unavailable" if limit == "MAX_CONNECTIONS" else "200 OK"
        assert (await ask(port, GET)).startswith(f"HTTP/1.1 {expected}")
        for _, writer in idle:
            writer.close()

        answer = ""
        for _ in range(1000):
            if (answer := await ask(port, GET)).startswith("HTTP/1.1 200 OK"):
                break
        assert answer.endswith("hello")


@pytest.mark.parametrize(("trusted", "admitted"), [((), 2), (("192.0.2.0/24",), 3)])
async def test_connections_of_one_address_are_limited_unless_it_is_a_trusted_proxy(
    trusted: tuple[str, ...], admitted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MAX_CONNECTIONS_PER_ADDRESS", 2)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    connections = listening.Connections(runner, trusted)
    assert [connections.take("192.0.2.1") for _ in range(3)].count(True) == admitted
    assert connections.take("198.51.100.1")
    for _ in range(admitted):
        connections.give_back("192.0.2.1")
    assert connections.take("192.0.2.1")
    await runner.cleanup()


async def test_caller_that_has_gone_at_once_is_no_error() -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    connections = listening.Connections(runner, ())
    connection = connections()
    near, far = socket.socketpair(socket.AF_UNIX)
    with far:
        transport, _ = await asyncio.get_running_loop().create_connection(
            lambda: connection, sock=near
        )
        assert connections._open == 1
        transport.close()
        await eventually(lambda: connections._open == 0)
    await runner.cleanup()
