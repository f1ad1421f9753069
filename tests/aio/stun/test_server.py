import asyncio
import gc
import socket
from random import Random

import pytest

from tests.aio.stun.servers import pending_timers, uri
from tests.support import PATIENCE, eventually
from webrtc.aio.stun import Server, discover
from webrtc.core import Address
from webrtc.stun import Message, Method
from webrtc.stun.attributes import (
    XorMappedAddress,
)


@pytest.mark.realtime
async def test_server_answers_messages_cut_anywhere() -> None:
    """STUN-35, STUN-32: byte by byte, then three at once."""
    request = Message.request(Method.BINDING, (), Random(1))
    async with Server() as server:
        reader, writer = await asyncio.open_connection(*server.address)
        for byte in request.encode():
            writer.write(bytes([byte]))
            await writer.drain()
        writer.write(request.encode() * 3)
        for _ in range(4):
            response = Message.decode(await asyncio.wait_for(reader.readexactly(32), PATIENCE))
            assert response.get(XorMappedAddress) == XorMappedAddress(
                writer.get_extra_info("sockname")
            )
        writer.close()
        await writer.wait_closed()


@pytest.mark.realtime
async def test_server_drops_connections_that_are_not_stun() -> None:
    """STUN-32, T-22."""
    async with Server() as server:
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), PATIENCE)
        writer.close()
        assert server.responder.dropped == 1


@pytest.mark.realtime
async def test_idle_connections_are_closed_and_their_number_is_bounded() -> None:
    """T-22: dripping bytes does not keep one open."""
    async with Server(connections=2, idle=PATIENCE) as server:
        open_ones = [await asyncio.open_connection(*server.address) for _ in range(2)]
        await eventually(lambda: len(server._open) == 2)
        reader, writer = await asyncio.open_connection(*server.address)
        assert await asyncio.wait_for(reader.read(1), PATIENCE) == b""
        for _, each in [*open_ones, (reader, writer)]:
            each.close()
    async with Server(idle=0.2) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        for byte in b"\0\1\2\0\x21\x12\xa4\x42" + bytes(500):  # part of a message
            if reader.exception() is not None or reader.at_eof():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.01)
        else:
            pytest.fail("it was kept open")
        writer.close()


@pytest.mark.realtime
async def test_close_ends_open_connections_and_is_idempotent() -> None:
    """STUN-19: no task, no timer, no warning of an unclosed socket."""
    server = await Server().__aenter__()
    connections = [await asyncio.open_connection(*server.address) for _ in range(3)]
    request = Message.request(Method.BINDING, (), Random(1)).encode()
    for reader, writer in connections:
        writer.write(request)
        await reader.readexactly(32)
    await server.close()
    await server.close()
    for reader, writer in connections:
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
    await asyncio.sleep(0)
    assert pending_timers() == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    gc.collect()


async def flood_until_it_stops(sock: socket.socket, server: Server) -> None:
    """Send requests, and read nothing, until no more of them are answered."""
    loop = asyncio.get_running_loop()
    request = Message.request(Method.BINDING, (), Random(1)).encode()
    await loop.sock_connect(sock, server.address)

    async def flood() -> None:
        while True:
            await loop.sock_sendall(sock, request * 100)

    flooding = asyncio.create_task(flood())
    answered = -1
    while server.responder.answered != answered or not answered:
        answered = server.responder.answered
        await asyncio.sleep(0.2)
    flooding.cancel()
    await asyncio.gather(flooding, return_exceptions=True)


@pytest.mark.realtime
async def test_peer_that_does_not_read_is_not_read_from() -> None:
    """STUN-32: what waits for it is bounded, and it gets all of it when it reads again."""
    async with Server(idle=PATIENCE) as server:
        assert server._listener is not None
        for listener in server._listener.sockets:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # those it accepts too
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await asyncio.wait_for(flood_until_it_stops(sock, server), PATIENCE)
            answered, received = server.responder.answered, 0
            assert 0 < answered * 32 < 1_000_000
            loop = asyncio.get_running_loop()
            while received <= answered * 32:
                received += len(await asyncio.wait_for(loop.sock_recv(sock, 65536), PATIENCE))
        assert server.responder.answered > answered


@pytest.mark.realtime
async def test_another_port_is_tried_when_tcp_has_none_of_that_number() -> None:
    """STUN-32: UDP and TCP ports are handed out separately."""

    class Unlucky(Server):
        failures = 3

        async def _listen(self, local: Address) -> asyncio.Server:
            if self.failures:
                self.failures -= 1
                raise OSError("in use")
            return await super()._listen(local)

    async with Unlucky() as server:
        assert (await discover(uri(server), protocol="tcp"))[0] == "127.0.0.1"


@pytest.mark.realtime
async def test_port_in_use_is_an_error_and_leaves_nothing() -> None:
    async with Server() as server:
        with pytest.raises(OSError):  # noqa: PT011 (the system words it)
            await Server(server.address).__aenter__()
        assert (await discover(uri(server)))[0] == "127.0.0.1"
