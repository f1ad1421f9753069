"""Gathering against a real STUN server. Rows STUN-32 and SYS-16."""

import asyncio
import socket
import time
from asyncio import DatagramProtocol, DatagramTransport
from collections.abc import AsyncIterator
from typing import cast

import pytest
import pytest_asyncio

from tests.interop.processes import Program
from tests.support import PATIENCE
from webrtc import RTCIceCandidate, RTCIceServer, RTCPeerConnection, SettingEngine
from webrtc.core import Address

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

LOOPBACK = "127.0.0.1"
PROBE = bytes.fromhex("000100002112a442000102030405060708090a0b")
"""A STUN Binding request."""


class Outside(DatagramProtocol):
    """A mapping of the NAT: what arrives here goes to the client that opened it."""

    def __init__(self, nat: "Nat", client: Address) -> None:
        self._nat = nat
        self._client = client

    def datagram_received(self, data: bytes, address: Address) -> None:
        self._nat.transport.sendto(data, self._client)


class Nat(DatagramProtocol):
    """Stands before a server, which sees each client under a port of the NAT's."""

    transport: DatagramTransport

    def __init__(self, server: Address) -> None:
        self._server = server
        self._mappings: dict[Address, asyncio.Task[DatagramTransport]] = {}

    @property
    def address(self) -> Address:
        host, port = self.transport.get_extra_info("sockname")
        return host, port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("DatagramTransport", transport)

    def datagram_received(self, data: bytes, client: Address) -> None:
        if client not in self._mappings:
            self._mappings[client] = asyncio.create_task(self._open(client))
        self._mappings[client].add_done_callback(lambda task: task.result().sendto(data))

    async def mappings(self) -> dict[Address, Address]:
        """Outside address of each client."""
        return {
            client: (await task).get_extra_info("sockname")
            for client, task in self._mappings.items()
        }

    async def close(self) -> None:
        self.transport.close()
        for task in self._mappings.values():
            (await task).close()

    async def _open(self, client: Address) -> DatagramTransport:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Outside(self, client), remote_addr=self._server
        )
        return transport


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def coturn() -> AsyncIterator[Address]:
    """The address of a coturn that serves STUN."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    command = ["turnserver", "-n", "--stun-only", "--no-cli", "--no-tls", "--no-dtls", "--pidfile="]
    command += [f"--listening-ip={LOOPBACK}", f"--listening-port={port}", "--log-file=stdout"]
    async with await Program.start(*command) as program:
        await asyncio.to_thread(wait_for_answer, (LOOPBACK, port), program)
        yield LOOPBACK, port


def wait_for_answer(server: Address, program: Program) -> None:
    """Ask until the server answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.1)
        client.connect(server)
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                client.send(PROBE)
                assert client.recv(1500)[:2] == b"\x01\x01"
            except (TimeoutError, ConnectionRefusedError):
                time.sleep(0.05)
            else:
                return
    raise TimeoutError(f"coturn does not answer; it said {list(program.tail)}")


@pytest_asyncio.fixture(loop_scope="session")
async def nat(coturn: Address) -> AsyncIterator[Nat]:
    _, nat = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Nat(coturn), local_addr=(LOOPBACK, 0)
    )
    yield nat
    await nat.close()


async def gather(server: Address) -> list[RTCIceCandidate]:
    """What a peer on loopback, where the server is, finds."""
    candidates: list[RTCIceCandidate] = []

    def found(candidate: RTCIceCandidate | None) -> None:
        if candidate is not None and candidate.candidate:
            candidates.append(candidate)

    servers = [RTCIceServer("stun:{}:{}".format(*server))]
    settings = SettingEngine(bind_addresses=(LOOPBACK,), include_loopback=True)
    async with RTCPeerConnection(ice_servers=servers, settings=settings) as pc:
        pc.on("icecandidate", found)
        pc.create_data_channel("data")
        await pc.set_local_description(await pc.create_offer())
        await asyncio.wait_for(pc.gathered(), PATIENCE)
    return candidates


async def test_coturn_tells_the_address_outside_of_a_nat(nat: Nat) -> None:
    candidates = await gather(nat.address)
    hosts = {(c.address, c.port) for c in candidates if c.type == "host"}
    reflexive = {
        (c.related_address, c.related_port): (c.address, c.port)
        for c in candidates
        if c.type == "srflx"
    }
    assert reflexive
    assert reflexive.keys() <= hosts
    assert reflexive == await nat.mappings()


async def test_an_address_that_is_no_news_makes_no_candidate(coturn: Address) -> None:
    """RFC 8445 §5.1.3: coturn sees our host addresses as they are."""
    candidates = await gather(coturn)
    assert {candidate.type for candidate in candidates} == {"host"}
