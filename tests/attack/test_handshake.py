"""Attacks on the DTLS handshake of a whole connection."""

import asyncio
import re
from collections.abc import Callable
from typing import Literal

import pytest

from tests.attack import packets
from tests.attack.echo import echoing
from tests.attack.test_strangers import STRANGER, address_of
from tests.peer.hands import Hands
from tests.support import connected, negotiate, trickle, two_hosts
from webrtc import (
    ConnectionFailed,
    InvalidAccessError,
    RTCPeerConnection,
    RTCSessionDescription,
    SdpError,
    SettingEngine,
)
from webrtc.core import Address
from webrtc.vnet import Link, Network

Timing = Literal["before the answer", "during checks", "after nomination", "after connect"]
TIMINGS: tuple[Timing, ...] = (
    "before the answer",
    "during checks",
    "after nomination",
    "after connect",
)
DATAGRAMS = list(packets.DTLS.values())


class Attack:
    """Sends handshakes to both ends at one time of their lives, from hosts ICE knows nothing of."""

    def __init__(self, network: Network, one: RTCPeerConnection, other: RTCPeerConnection) -> None:
        self._network = network
        self._ends = (one, other)
        self.sent = 0

    def burst(self) -> None:
        """One of everything, to whoever listens already."""
        for victim, peer in (self._ends, self._ends[::-1]):
            if victim.ice_gathering_state != "complete":
                continue
            sources: list[Address] = [STRANGER]
            if peer.ice_gathering_state == "complete":
                sources.append((address_of(peer)[0], 40000))
            for source in sources:
                for data in DATAGRAMS:
                    self._network.inject(data, source, address_of(victim))
                    self.sent += 1

    async def run(self, going: Callable[[], object], interval: float) -> None:
        while going():
            self.burst()
            await asyncio.sleep(interval)


async def connect(timing: Timing | None, role: Literal["client", "server"], seed: int) -> float:
    """Connect under attack, exchange a message; seconds until the channel was open."""
    network, left, right = two_hosts(Link(delay=0.02), seed=seed)
    settings = SettingEngine(dtls_role=role)
    loop = asyncio.get_running_loop()
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right, settings=settings) as other,
        asyncio.TaskGroup() as tasks,
    ):
        trickle(one, other)
        attack = Attack(network, one, other)
        channel = one.create_data_channel("data")
        await one.set_local_description()
        await one.gathered()
        if timing == "before the answer":
            for _ in range(5):
                attack.burst()
                await asyncio.sleep(0.002)
        if timing == "during checks":
            going = lambda: one.connection_state != "connected"  # noqa: E731 - one line
            tasks.create_task(attack.run(going, 0.005))
        if timing == "after nomination":
            for pc in (one, other):
                pc.on("iceconnectionstatechange", attack.burst)
                pc.on("iceconnectionstatechange", lambda: loop.call_later(0.01, attack.burst))
        started = loop.time()
        await negotiate(one, other)
        await channel.opened()
        elapsed = loop.time() - started
        if timing == "after connect":
            attack.burst()
        channel.send("fine")
        async with asyncio.timeout(1.0):
            await channel.drained()
        assert (attack.sent > 0) is (timing is not None)
    return elapsed


@pytest.mark.parametrize(
    "seeds", [range(40), pytest.param(range(40, 200), marks=pytest.mark.slow)], ids=["40", "200"]
)
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("timing", TIMINGS)
async def test_handshakes_of_strangers_cost_no_time(
    timing: Timing, role: Literal["client", "server"], seeds: range
) -> None:
    """D-01: a ClientHello or alert from an unvalidated address; each time and role, each seed."""
    undisturbed = await connect(None, role, seed=0)
    for seed in seeds:
        assert await connect(timing, role, seed) <= undisturbed + 0.1


@pytest.mark.parametrize("name", sorted(packets.DTLS))
async def test_handshakes_in_the_name_of_the_peer_change_nothing_once_connected(name: str) -> None:
    """D-02, D-07, D-09, D-11, F-19: a thousand a second from the validated address itself."""
    network, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        connections = [pc._core.transports.one.dtls for pc in (pair.left, pair.right)]  # type: ignore[union-attr] # connected
        async with echoing(pair):
            for _ in range(200):
                for _ in range(5):
                    network.inject(
                        packets.DTLS[name], address_of(pair.right), address_of(pair.left)
                    )
                    network.inject(
                        packets.DTLS[name], address_of(pair.left), address_of(pair.right)
                    )
                await asyncio.sleep(0.005)
        assert [pc._core.transports.one.dtls for pc in (pair.left, pair.right)] == connections  # type: ignore[union-attr] # connected
        assert pair.left.connection_state == pair.right.connection_state == "connected"


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("name", ["fatal alert", "close_notify", "application data"])
async def test_forged_alerts_do_not_win_against_a_handshake_that_goes_on(
    name: str, role: Literal["client", "server"]
) -> None:
    """D-02, D-07: in the clear, in the name of the peer, every 2 ms until the channel is open."""
    network, left, right = two_hosts(Link(delay=0.02))
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right, settings=SettingEngine(dtls_role=role)) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data")
        await negotiate(one, other)
        await asyncio.gather(one.gathered(), other.gathered())
        opening = asyncio.ensure_future(channel.opened())
        while not opening.done():
            network.inject(packets.DTLS[name], address_of(other), address_of(one))
            network.inject(packets.DTLS[name], address_of(one), address_of(other))
            await asyncio.sleep(0.002)
        await opening
        assert network.now < 2.0


def mangled(text: str, how: str) -> str:
    """The description with other fingerprints."""
    lines = text.split("\r\n")
    [told] = [line for line in lines if line.startswith("a=fingerprint:")]
    right = told.removeprefix("a=fingerprint:")
    algorithm, value = right.split(" ")
    wrong = value[:-1] + ("0" if value[-1] != "0" else "1")
    longer = f"{value}:{value}"
    replacement = {
        "wrong value": [f"{algorithm} {wrong}"],
        "the strongest of two is wrong": [f"sha-512 {longer}", right],
        "md5 only": ["md5 " + value[: 16 * 3 - 1]],
        "sha-1 only": ["sha-1 " + value[: 20 * 3 - 1]],
        "the value of another hash": ["sha-384 " + longer[: 48 * 3 - 1]],
        "an unknown hash": [f"sha-999 {value}"],
        "empty": [],
    }[how]
    index = lines.index(told)
    lines[index : index + 1] = [f"a=fingerprint:{each}" for each in replacement]
    return "\r\n".join(lines)


HOW = [
    "wrong value",
    "the strongest of two is wrong",
    "md5 only",
    "sha-1 only",
    "the value of another hash",
    "an unknown hash",
]


async def meet(how: str, role: Literal["client", "server"], *, in_offer: bool) -> None:
    """Negotiate with a fingerprint changed on the way; whoever gets it must refuse the other."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right, settings=SettingEngine(dtls_role=role)) as other,
    ):
        trickle(one, other)
        announced: list[object] = []
        states: list[str] = []
        for pc in (one, other):
            pc.on("datachannel", announced.append)
            pc.on("connectionstatechange", lambda pc=pc: states.append(pc.connection_state))
        channel = one.create_data_channel("data")
        await one.set_local_description()
        offer = one.local_description
        assert offer is not None
        sdp = mangled(offer.sdp, how) if in_offer else offer.sdp
        await other.set_remote_description(RTCSessionDescription("offer", sdp))
        await other.set_local_description()
        answer = other.local_description
        assert answer is not None
        sdp = answer.sdp if in_offer else mangled(answer.sdp, how)
        await one.set_remote_description(RTCSessionDescription("answer", sdp))
        victim, peer = (other, one) if in_offer else (one, other)
        with pytest.raises(ConnectionFailed, match=r"the DTLS handshake failed: .*fingerprint"):
            await victim.wait_connected(5.0)
        await asyncio.sleep(5.0)
        assert victim.connection_state == peer.connection_state == "failed"
        assert "connected" not in states
        assert announced == []
        assert channel.ready_state == "closed"
        with pytest.raises(ConnectionFailed):
            await channel.opened()
        for pc in (one, other):
            transport = pc._core.transports.one
            assert transport is not None
            assert transport.dtls is not None
            assert pc._core.data.sctp is not None
            assert transport.dtls.poll_data() is None
            assert pc._core.data.sctp.counters.packets_received == 0


@pytest.mark.parametrize("in_offer", [True, False], ids=["answerer checks", "offerer checks"])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("how", HOW)
async def test_a_wrong_fingerprint_fails_closed(
    how: str, role: Literal["client", "server"], *, in_offer: bool
) -> None:
    """D-05: both sides fail, no channel appears, no SCTP is read, and the reason is told."""
    await meet(how, role, in_offer=in_offer)


async def test_a_description_without_a_fingerprint_is_refused_at_once() -> None:
    """D-05, S-05: and nothing has changed."""
    _, left, right = two_hosts()
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right) as other,
    ):
        one.create_data_channel("data")
        await one.set_local_description()
        offer = one.local_description
        assert offer is not None
        with pytest.raises(InvalidAccessError, match="fingerprint"):
            await other.set_remote_description(
                RTCSessionDescription("offer", mangled(offer.sdp, "empty"))
            )
        assert other.signaling_state == "stable"
        assert other.remote_description is None
        await other.set_remote_description(offer)


def with_setup(description: RTCSessionDescription, setup: str) -> RTCSessionDescription:
    """The description with another DTLS role in it."""
    text = re.sub(r"a=setup:\w+", f"a=setup:{setup}", description.sdp)
    return RTCSessionDescription(description.type, text)


@pytest.mark.parametrize(
    ("kind", "setup", "error"),
    [
        ("offer", "holdconn", InvalidAccessError),
        ("answer", "holdconn", InvalidAccessError),
        ("answer", "actpass", InvalidAccessError),
        ("offer", "both", SdpError),
        ("answer", "ACTIVEpassive", SdpError),
    ],
)
@pytest.mark.parametrize("again", [False, True], ids=["first", "while connected"])
def test_a_dtls_role_that_cannot_be_is_refused_and_costs_no_association(
    kind: str, setup: str, error: type[Exception], *, again: bool
) -> None:
    """D-12: RFC 8842 §5; in the first description and in later ones."""
    hands = Hands()
    channel, before = None, None
    if again:
        channel, _ = hands.connect()
        before = hands.left.core.transports.one and hands.left.core.transports.one.dtls
    else:
        hands.left.core.create_data_channel("data", 0.0)
    offer = hands.left.offer()
    if kind == "offer":
        with pytest.raises(error):
            hands.right.core.set_remote_description(with_setup(offer, setup), hands.network.now)
        hands.left.accept(hands.right.answer(offer))
    else:
        answer = hands.right.answer(offer)
        with pytest.raises(error):
            hands.left.core.set_remote_description(with_setup(answer, setup), hands.network.now)
        hands.left.accept(answer)
    hands.network.flush()
    hands.network.run(2.0)
    assert hands.left.core.connection_state == hands.right.core.connection_state == "connected"
    if channel is not None:
        assert hands.left.core.transports.one is not None
        assert hands.left.core.transports.one.dtls is before
        assert hands.talk(hands.left, channel, "still here") == ["still here"]


@pytest.mark.parametrize("setup", ["active", "passive"])
@pytest.mark.parametrize("kind", ["offer", "answer"])
def test_a_later_description_does_not_turn_the_dtls_roles(kind: str, setup: str) -> None:
    """D-12: whatever it claims, also both active: the association and its roles stay."""
    hands = Hands()
    channel, _ = hands.connect()
    transports = [hand.core.transports.one for hand in (hands.left, hands.right)]
    before = [each and each.dtls for each in transports]
    offer = hands.left.offer()
    if kind == "offer":
        hands.left.accept(hands.right.answer(with_setup(offer, setup)))
    else:
        hands.left.accept(with_setup(hands.right.answer(offer), setup))
    hands.network.flush()
    hands.network.run(2.0)
    assert [each and each.dtls for each in transports] == before
    assert hands.talk(hands.left, channel, "still here") == ["still here"]
