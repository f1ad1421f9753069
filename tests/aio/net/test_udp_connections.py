"""Whole connections over UDP sockets that are small or fail."""

import asyncio
import errno
import os
import sys
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from tests.aio.net.faulty import ERRORS, disturb, never
from tests.support import PATIENCE, connected, over_loopback
from webrtc import SettingEngine
from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import Endpoint
from webrtc.aio.net.udp import AwaitingUdpEndpoint, UdpEndpoint
from webrtc.core import Address

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="UDP_SEGMENT and UDP_GRO are Linux'"),
]
both_kinds = pytest.mark.parametrize("kind", [UdpEndpoint, AwaitingUdpEndpoint])


async def test_tiny_buffers_cost_time_but_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-02, F-24: what the kernel refuses or throws away counts as lost on the way."""
    monkeypatch.setattr("webrtc.aio.net.udp._BUFFER_SIZE", 4096)
    async with over_loopback() as pair:

        async def receive() -> list[bytes | str]:
            return [await pair.remote.recv() for _ in range(30)]

        receiving = asyncio.create_task(receive())
        messages = [bytes([number]) * 20_000 for number in range(30)]
        for message in messages:
            await pair.channel.send(message)
        async with asyncio.timeout(PATIENCE):
            assert await receiving == messages


class Faulty(SystemNetwork):
    """The system's network with sockets that fail now and then, whatever they are told to do."""

    def __init__(self, kind: type[UdpEndpoint]) -> None:
        self._kind = kind
        self._random = Random(1)

    def bind(self, address: Address) -> Endpoint:
        endpoint = self._kind(address)
        if self._kind is UdpEndpoint:
            disturb(endpoint, self._fault)
        return endpoint

    def _fault(self, call: str) -> int | None:
        rate = 0.05 if call.startswith("send") else 0.02
        return self._random.choice(ERRORS) if self._random.random() < rate else None


@both_kinds
async def test_a_connection_over_failing_sockets_loses_nothing(kind: type[UdpEndpoint]) -> None:
    """F-25, F-26, SYS-08: every error at every layer, and endpoints that the caller supplies."""
    settings = SettingEngine(bind_addresses=("127.0.0.1",), random=Random(1))
    network = Faulty(kind)
    async with connected(network, network, settings=settings, limit=PATIENCE) as pair:

        async def receive() -> list[bytes | str]:
            return [await pair.remote.recv() for _ in range(50)]

        receiving = asyncio.create_task(receive())
        messages = [bytes([number]) * 10_000 for number in range(50)]
        for message in messages:
            await pair.channel.send(message)
        async with asyncio.timeout(PATIENCE):
            assert await receiving == messages


LAYERS = {"ICE": range(4), "DTLS": range(20, 23), "SCTP": range(23, 24)}
"""First bytes of a layer's datagrams."""


class FaultyLayer(SystemNetwork):
    """Sends of one layer fail some times with one error, at both ends; so do reads."""

    def __init__(self, number: int, layer: str, times: int) -> None:
        self._number = number
        self._first = LAYERS[layer]
        self.left = times

    def bind(self, address: Address) -> Endpoint:
        endpoint = UdpEndpoint(address)
        faulty = disturb(endpoint, never)
        send_one, send_run = faulty.sendto, faulty.sendmsg

        def sendto(data: bytes, remote: Any) -> int:
            self._check(data)
            return send_one(data, remote)

        def sendmsg(parts: Sequence[bytes], *rest: Any) -> int:
            self._check(parts[0])
            return send_run(parts, *rest)

        faulty.sendto, faulty.sendmsg = sendto, sendmsg  # type: ignore[assignment, method-assign] # the faults
        return endpoint

    def _check(self, data: bytes) -> None:
        if self.left and data[0] in self._first:
            self.left -= 1
            raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize("layer", sorted(LAYERS))
@pytest.mark.parametrize(
    "number",
    [
        errno.EPERM,
        *(
            pytest.param(number, marks=pytest.mark.slow)
            for number in {*ERRORS, errno.ENETDOWN, errno.EMFILE} - {errno.EPERM}
        ),
    ],
    ids=lambda number: errno.errorcode[number],
)
async def test_an_error_while_one_layer_sends_costs_a_repetition(number: int, layer: str) -> None:
    """F-25: every error in ICE, DTLS and SCTP; the protocol's own timers repeat what was lost."""
    network = FaultyLayer(number, layer, times=3)
    settings = SettingEngine(bind_addresses=("127.0.0.1",))
    async with connected(network, network, settings=settings, limit=PATIENCE) as pair:
        messages = [bytes([each]) * 3000 for each in range(20)]
        for message in messages:
            await pair.channel.send(message)
        async with asyncio.timeout(PATIENCE):
            assert [await pair.remote.recv() for _ in messages] == messages
        assert network.left == 0
        assert pair.left.connection_state == pair.right.connection_state == "connected"
