"""Forged, replayed and misdirected connectivity checks against whole connections."""

import asyncio
from collections import Counter
from random import Random

import pytest

from tests.attack import packets
from tests.attack.echo import echoing
from tests.attack.test_strangers import STRANGER, address_of
from tests.support import connected, eventually, negotiate, trickle, two_hosts
from webrtc import RTCIceCandidate, RTCPeerConnection
from webrtc.core import Address
from webrtc.ice import Agent
from webrtc.stun import Message, MessageClass, Method
from webrtc.stun.attributes import (
    Priority,
    RawAttribute,
    UseCandidate,
    Username,
    XorMappedAddress,
)
from webrtc.vnet import Link, Network, Packet

REQUEST, SUCCESS = b"\x00\x01", b"\x01\x01"


def agent_of(pc: RTCPeerConnection) -> Agent:
    transport = pc._core.transports.one
    assert transport is not None
    return transport.ice


def sent_to(network: Network, *victims: Address) -> list[bytes]:
    """Everything that is sent to `victims` from here on, as it happens."""
    found: list[bytes] = []

    def hook(now: float, action: str, packet: Packet, place: str) -> None:
        if action == "send" and packet.destination in victims and "injected" not in place:
            found.append(packet.data)

    network.watch(hook)
    return found


def unauthentic(agent: Agent, random: Random) -> dict[str, bytes]:
    """Checks that must leave no trace."""
    remote = agent.remote_credentials
    assert remote is not None
    ours, theirs, pwd = agent.local_ufrag, remote.ufrag, agent.local_pwd
    good = packets.check(f"{ours}:{theirs}", pwd, random)
    plain = Message.request(
        Method.BINDING, (Username(f"{ours}:{theirs}"), Priority(1), UseCandidate()), random
    )
    return {
        "no MESSAGE-INTEGRITY": plain.encode(fingerprint=True),
        "wrong key": packets.check(f"{ours}:{theirs}", "x" * 24, random),
        "key of the other direction": packets.check(f"{ours}:{theirs}", remote.pwd, random),
        "no USERNAME": packets.check(None, pwd, random),
        "no colon": packets.check(ours + theirs, pwd, random),
        "prefix of our ufrag": packets.check(f"{ours[:4]}:{theirs}", pwd, random),
        "ufrag of another": packets.check(f"aaaaaaaa:{theirs}", pwd, random),
        "other remote ufrag": packets.check(f"{ours}:bbbbbbbb", pwd, random),
        "turned round": packets.check(f"{theirs}:{ours}", pwd, random),
        "513 bytes": packets.check(f"{ours}:{theirs}".ljust(513, "x"), pwd, random),
        "empty USERNAME": packets.check(":", pwd, random),
        "wrong FINGERPRINT": good[:-1] + bytes([good[-1] ^ 1]),
        "one flipped bit": good[:30] + bytes([good[30] ^ 4]) + good[31:],
    }


NAMES = sorted(
    [
        "no MESSAGE-INTEGRITY",
        "wrong key",
        "key of the other direction",
        "no USERNAME",
        "no colon",
        "prefix of our ufrag",
        "ufrag of another",
        "other remote ufrag",
        "turned round",
        "513 bytes",
        "empty USERNAME",
        "wrong FINGERPRINT",
        "one flipped bit",
    ]
)


@pytest.mark.parametrize("name", NAMES)
async def test_checks_that_are_not_authentic_leave_no_trace(name: str) -> None:
    """I-01, I-02, I-03: no answer that grants anything, no candidate, no pair, no state change."""
    network, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair, echoing(pair):
        for pc in (pair.left, pair.right):
            agent = agent_of(pc)
            before = (len(agent.pairs), len(agent.remote_candidates), agent.selected_pair)
            answers = sent_to(network, STRANGER)
            for _ in range(20):
                data = unauthentic(agent, Random(1))[name]
                network.inject(data, STRANGER, address_of(pc))
                await asyncio.sleep(0.01)
            after = (len(agent.pairs), len(agent.remote_candidates), agent.selected_pair)
            assert after == before
            assert not [data for data in answers if data[:2] in (REQUEST, SUCCESS)]
            assert pc.connection_state == "connected"


async def up_after(kpps: float) -> float:
    """Seconds until connected while each end gets so many thousand bad checks a second."""
    network, left, right = two_hosts(Link(delay=0.03))
    loop = asyncio.get_running_loop()
    random = Random(3)
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data")
        started = loop.time()
        await negotiate(one, other)
        await asyncio.gather(one.gathered(), other.gathered())
        floods = [
            (address_of(pc), list(unauthentic(agent_of(pc), random).values()))
            for pc in (one, other)
        ]
        opening = asyncio.create_task(channel.opened())
        sent = 0
        while not opening.done():
            for victim, checks in floods:
                for _ in range(int(kpps * 5)):
                    sent += 1
                    source = ("198.51.100.66", 1024 + sent % 60000)
                    network.inject(random.choice(checks), source, victim)
            await asyncio.sleep(0.005)
        await opening
        assert (sent > 5000) is (kpps > 0)
        return loop.time() - started


async def test_a_flood_of_bad_checks_neither_ends_nor_delays_the_connection() -> None:
    """I-04: twenty thousand a second to each end while the checks are going on."""
    assert await up_after(20.0) < 1.5 * await up_after(0.0)


async def test_a_replayed_check_moves_nothing() -> None:
    """I-05, I-16: little more than one triggered check goes there, and never data."""
    network, left, right = two_hosts(Link(delay=0.01))
    heard: list[tuple[Address, bytes]] = []
    network.watch(
        lambda now, action, packet, place: (
            heard.append((packet.destination, packet.data))
            if action == "send" and packet.data[:2] == REQUEST
            else None
        )
    )
    async with connected(left, right) as pair:
        replays = list(heard)
        strayed = sent_to(network, STRANGER)
        selected = [agent_of(pc).selected_pair for pc in (pair.left, pair.right)]
        async with echoing(pair):
            for destination, data in replays:
                for _ in range(10):
                    network.inject(data, STRANGER, destination)
            await asyncio.sleep(40.0)
        assert [agent_of(pc).selected_pair for pc in (pair.left, pair.right)] == selected
        kinds = Counter(data[:2] for data in strayed)
        assert set(kinds) <= {REQUEST, SUCCESS}
        assert kinds[REQUEST] <= 2 * (7 + 2)  # each repeated check of the peer may start ours anew
        assert kinds[SUCCESS] <= 10 * len(replays)


async def test_answers_to_no_check_or_from_elsewhere_are_dropped() -> None:
    """I-06, I-20: with the right key, even; and silence still ends consent."""
    network, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        requests: list[Packet] = []
        network.watch(
            lambda now, action, packet, place: (
                requests.append(packet.copy())
                if action == "send" and packet.data[:2] == REQUEST
                else None
            )
        )
        pwd = agent_of(pair.right).local_pwd.encode()
        left.cards[0].inbound.blackhole(network.now, 100.0)
        started = asyncio.get_running_loop().time()

        async def answer(packet: Packet) -> None:
            request = Message.decode(packet.data)
            grant = request.success((XorMappedAddress(packet.source),))
            unknown = Message(
                Method.BINDING,
                MessageClass.SUCCESS,
                bytes(12),
                (XorMappedAddress(packet.source),),
            )
            for data, source in (
                (grant.encode(key=pwd, fingerprint=True), STRANGER),
                (grant.encode(key=b"x" * 24, fingerprint=True), packet.destination),
                (grant.encode(fingerprint=True), packet.destination),
                (unknown.encode(key=pwd, fingerprint=True), packet.destination),
            ):
                agent_handle(pair.left, data, source)

        def agent_handle(pc: RTCPeerConnection, data: bytes, source: Address) -> None:
            path = next(iter(agent_of(pc).pairs)).path._replace(remote=source)
            pc._driver.receive(data, path)
            pc._driver.flush()

        while pair.left.connection_state != "failed":
            await asyncio.sleep(0.1)
            while requests:
                packet = requests.pop()
                if packet.source[0] == address_of(pair.left)[0]:
                    await answer(packet)
            assert asyncio.get_running_loop().time() - started < 31.0


async def test_answers_without_integrity_do_not_stop_the_retransmissions() -> None:
    """I-07: forged responses are dropped; the connection comes up with the first true one."""
    network, left, right = two_hosts(Link(delay=0.01))
    lost: list[Packet] = []
    forgeries: set[bytes] = set()

    def intercept(packet: Packet) -> bool:
        if packet.data[:2] == SUCCESS and packet.data not in forgeries and network.now < 1.0:
            lost.append(packet.copy())
            return True
        return False

    network.filter(intercept)
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data")
        await negotiate(one, other)
        opening = asyncio.create_task(channel.opened())
        while network.now < 1.0:
            await asyncio.sleep(0.02)
            while lost:
                packet = lost.pop()
                request = Message(
                    Method.BINDING, MessageClass.REQUEST, packet.data[8:20], ()
                ).success((XorMappedAddress(packet.destination),))
                good = packet.data
                for forged in (
                    request.encode(),
                    request.encode(fingerprint=True),
                    request.encode(key=b"guess" * 5, fingerprint=True),
                    good[:-1] + bytes([good[-1] ^ 1]),
                ):
                    forgeries.add(forged)
                    network.inject(forged, packet.source, packet.destination)
            assert one.connection_state != "connected"
        await opening
        assert 1.0 < network.now < 4.0


async def test_an_unknown_attribute_that_must_be_understood_is_refused_and_nothing_else() -> None:
    """I-09: 420 with the attribute, and the connection goes on."""
    network, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair, echoing(pair):
        agent = agent_of(pair.left)
        remote = agent.remote_credentials
        assert remote is not None
        answers = sent_to(network, address_of(pair.right))
        data = packets.check(
            f"{agent.local_ufrag}:{remote.ufrag}",
            agent.local_pwd,
            Random(1),
            extra=[RawAttribute(0x7001, b"odd?")],
        )
        network.inject(data, address_of(pair.right), address_of(pair.left))
        await asyncio.sleep(0.1)
        assert [each for each in answers if each[:2] == b"\x01\x11" and each[8:20] == data[8:20]]


async def test_an_insider_can_fill_the_tables_to_their_limits_and_no_further() -> None:
    """I-15: three thousand authentic checks from as many sources."""
    network, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        agent = agent_of(pair.left)
        remote = agent.remote_credentials
        assert remote is not None
        username = f"{agent.local_ufrag}:{remote.ufrag}"
        data = packets.check(username, agent.local_pwd, Random(1), nominate=False)
        async with echoing(pair):
            for number in range(3000):
                source = (f"198.51.{number >> 8 & 255}.{number & 255}", 5000)
                network.inject(data, source, address_of(pair.left))
                if not number % 500:
                    await asyncio.sleep(0.01)
            assert len(agent.remote_candidates) <= 64
            assert len(agent.pairs) <= 100


async def test_candidates_that_point_at_a_victim_hammer_it_little() -> None:
    """I-16: at most 7 checks a candidate; after the first of each no more than 20 a second."""
    network, left, right = two_hosts(Link(delay=0.01))
    victims = [("203.0.113.7", 1000 + number) for number in range(100)]
    hammered = sent_to(network, *victims)
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right) as other,
    ):
        one.create_data_channel("data")
        await negotiate(one, other)
        for host, port in victims:
            line = f"candidate:1 1 udp 2130706431 {host} {port} typ host"
            await one.add_ice_candidate(RTCIceCandidate(line, sdp_mid="0", sdp_m_line_index=0))
        await one.add_ice_candidate(None)
        await asyncio.sleep(10.0)
        assert 100 < len(hammered) <= 64 + 10 * 20
        await eventually(lambda: one.connection_state == "failed", limit=60.0)
        assert len(hammered) <= 64 * 7
