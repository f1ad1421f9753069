"""For tests of your application: two connected peers on a virtual network, mocks of RTP streams.

Run it on `webrtc.vnet.VirtualTimeLoop`, and neither sockets nor waiting are involved.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Unpack

from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.net.seam import NetworkStack
from webrtc.aio.options import DataChannelOptions
from webrtc.aio.peer_connection import RTCPeerConnection
from webrtc.errors import InvalidStateError
from webrtc.interceptor import Chain, Forward, Interceptor, StreamInfo
from webrtc.jsep.descriptions import Json
from webrtc.peer import (
    RTCConfiguration,
    RTCIceCandidate,
    RTCIceServer,
    SettingEngine,
)
from webrtc.rtcp import RtcpPacket
from webrtc.rtp import RtpPacket
from webrtc.stun import Responder
from webrtc.vnet import Host, Link, Nat, Network

__all__ = [
    "MockInterceptor",
    "MockStream",
    "Pair",
    "VirtualPair",
    "connected",
    "connected_pair",
    "negotiate",
    "trickle",
]

STUN = ("198.51.100.1", 3478)
"""Where the STUN server of a pair with a NAT is."""


@dataclass
class Pair:
    """Both ends of one connection, and of the channel that the left one has opened."""

    left: RTCPeerConnection
    right: RTCPeerConnection
    channel: RTCDataChannel
    remote: RTCDataChannel


@dataclass
class VirtualPair(Pair):
    """A pair with the network it lives on, to be changed as the test goes on."""

    network: Network
    left_host: Host
    right_host: Host


class MockInterceptor(Interceptor):
    """Stands in the way of every stream, and keeps what passes."""

    def __init__(self, reads: Iterable[type] = ()) -> None:
        """`reads`: kinds of RTCP packets that it wants to see."""
        self.reads = frozenset(reads)
        self.bound: dict[int, StreamInfo] = {}
        """The streams that are bound, by source."""
        self.received: list[RtpPacket] = []
        self.sent: list[RtpPacket] = []
        self.heard: list[RtcpPacket] = []

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        return self._keeping(stream, self.received, onward)

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        return self._keeping(stream, self.sent, onward)

    def unbind(self, ssrc: int) -> None:
        self.bound.pop(ssrc, None)

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:  # noqa: ARG002 (the interface)
        self.heard.append(packet)

    def _keeping(self, stream: StreamInfo, kept: list[RtpPacket], onward: Forward) -> Forward:
        self.bound[stream.ssrc] = stream

        def take(packet: RtpPacket, now: float) -> None:
            kept.append(packet)
            onward(packet, now)

        return take


class MockStream:
    """One stream with interceptors around it and no session: what passes them is kept."""

    def __init__(self, info: StreamInfo, interceptors: Iterable[Interceptor]) -> None:
        self.received: list[RtpPacket] = []
        """What has come to the application."""
        self.sent: list[RtpPacket] = []
        """What has come to the wire."""
        self._chain = Chain(interceptors)
        self._inbound = self._chain.bind_inbound(info, self._at_application).first
        self._outbound = self._chain.bind_outbound(info, self._at_wire)

    @property
    def rtcp(self) -> list[RtcpPacket]:
        """What the interceptors want to be sent."""
        return self._chain.rtcp

    def receive(self, packet: RtpPacket, now: float) -> None:
        """Let a packet come from the wire."""
        self._inbound(packet, now)

    def receive_rtcp(self, packet: RtcpPacket, now: float) -> None:
        """Let an RTCP packet come from the wire."""
        self._chain.handle_rtcp(packet, now)

    def send(self, packet: RtpPacket, now: float) -> None:
        """Let the application send a packet."""
        self._outbound(packet, now)

    def advance(self, now: float) -> None:
        """Let it be `now`: deadlines that have come are acted on, each at its time."""
        while (deadline := self._chain.poll_timeout()) is not None and deadline <= now:
            self._chain.handle_timeout(deadline)

    def _at_application(self, packet: RtpPacket, now: float) -> None:  # noqa: ARG002 (the interface)
        self.received.append(packet)

    def _at_wire(self, packet: RtpPacket, now: float) -> None:  # noqa: ARG002 (the interface)
        self.sent.append(packet)


def trickle(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    """Carry the candidates of each to the other from now on."""

    async def carry(to: RTCPeerConnection, candidate: RTCIceCandidate | None) -> None:
        with suppress(InvalidStateError):  # closed, or never told who sends it: given up
            await to.add_ice_candidate(candidate)

    left.on("icecandidate", partial(carry, right))
    right.on("icecandidate", partial(carry, left))


async def negotiate(offerer: RTCPeerConnection, answerer: RTCPeerConnection) -> None:
    """One offer and its answer, as JSON as a real application would send them."""
    await offerer.set_local_description()
    await answerer.set_remote_description(_described(offerer))
    await answerer.set_local_description()
    await offerer.set_remote_description(_described(answerer))


@asynccontextmanager
async def connected(
    left: NetworkStack | None,
    right: NetworkStack | None,
    *,
    configuration: RTCConfiguration | None = None,
    settings: SettingEngine | None = None,
    limit: float = 30.0,
    **options: Unpack[DataChannelOptions],
) -> AsyncIterator[Pair]:
    """Two connected peers on the networks given, with an open data channel; closes both.

    None is the network of this machine. `options` are those of the channel. Raises
    ConnectionFailed when they cannot connect, TimeoutError after `limit` seconds.
    """
    settings = settings or SettingEngine(random=Random(0))
    async with (
        RTCPeerConnection(configuration, settings=settings, network=left) as one,
        RTCPeerConnection(configuration, settings=settings, network=right) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data", **options)
        announced: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
        if options.get("negotiated"):
            announced.set_result(other.create_data_channel("data", **options))
        else:
            other.once("datachannel", announced.set_result)
        await negotiate(one, other)
        async with asyncio.timeout(limit):
            await channel.opened()
            remote = await announced
            await remote.opened()
        yield Pair(one, other, channel, remote)


@asynccontextmanager
async def connected_pair(
    link: Link | None = None,
    *,
    left_nat: Nat | None = None,
    right_nat: Nat | None = None,
    seed: int = 0,
    configuration: RTCConfiguration | None = None,
    settings: SettingEngine | None = None,
    limit: float = 30.0,
    **options: Unpack[DataChannelOptions],
) -> AsyncIterator[VirtualPair]:
    """Two connected peers on a virtual network of their own; see `connected`.

    `link` is the way out of each host. A peer with a NAT is behind a router of its own; then
    there is a STUN server, which both use unless `configuration` names others. The same `seed`
    gives the same run, apart from the bytes that DTLS encrypts.
    """
    network = Network(link, seed=seed)
    left = _host(network, "left", "192.0.2.1", "192.168.1.0/24", left_nat)
    right = _host(network, "right", "192.0.2.2", "10.0.0.0/8", right_nat)
    if left_nat is not None or right_nat is not None:
        network.add(STUN, Responder())
        servers = [RTCIceServer(f"stun:{STUN[0]}")]
        configuration = configuration or RTCConfiguration(ice_servers=servers)
    settings = settings or SettingEngine(random=Random(seed))
    async with connected(
        left, right, configuration=configuration, settings=settings, limit=limit, **options
    ) as pair:
        yield VirtualPair(pair.left, pair.right, pair.channel, pair.remote, network, left, right)


def _host(network: Network, name: str, address: str, subnet: str, nat: Nat | None) -> Host:
    if nat is None:
        return network.host(name, address)
    return network.host(name, router=network.router(f"{name} router", subnet, nat=nat))


def _described(pc: RTCPeerConnection) -> Json:
    if pc.local_description is None:
        raise InvalidStateError("no local description")
    return pc.local_description.to_json()
