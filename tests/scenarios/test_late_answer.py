"""A description that is carried by hand takes minutes; nobody's timer may run meanwhile."""

import asyncio
from collections import Counter

import pytest

from tests.scenarios.test_round_trips import gathered
from webrtc import ConnectionFailed, RTCConfiguration, RTCPeerConnection, SettingEngine
from webrtc.ice import AgentConfig
from webrtc.stun.responder import Responder
from webrtc.vnet import Host, Link, Nat, Network, Packet

SERVER = ("198.51.100.53", 3478)
LATE = 300.0


def hosts(network: Network, kind: str) -> tuple[Host, Host]:
    """Two machines: with public addresses, behind NATs that filter by port, or one of each."""
    made = []
    for side in (1, 2):
        if kind == "public" or (kind, side) in {("offerer hidden", 2), ("answerer hidden", 1)}:
            made.append(network.host(f"host{side}", f"198.51.100.{side}"))
            continue
        nat = Nat(f"203.0.113.{side}", lifetime=30.0)
        router = network.router(f"home{side}", f"10.{side}.0.0/24", nat=nat)
        made.append(network.host(f"host{side}", f"10.{side}.0.2", router=router))
    return made[0], made[1]


async def exchange(one: RTCPeerConnection, other: RTCPeerConnection, late: float) -> None:
    """Offer and answer with all candidates; the answer takes `late` seconds."""
    await one.set_local_description()
    await gathered(one)
    assert one.local_description is not None
    await other.set_remote_description(one.local_description)
    await other.set_local_description()
    await gathered(other)
    assert other.local_description is not None
    await asyncio.sleep(late)
    await one.set_remote_description(other.local_description)


@pytest.mark.parametrize("kind", ["public", "hidden", "offerer hidden", "answerer hidden"])
async def test_an_answer_may_take_five_minutes(kind: str) -> None:
    """ICECFG-05: with `failed_timeout=600` and nothing else set, at 20 packets a second at most."""
    network = Network(Link(delay=0.02), seed=5)
    network.add(SERVER, Responder())
    left, right = hosts(network, kind)
    settings = SettingEngine(ice=AgentConfig(failed_timeout=600.0))
    configuration = RTCConfiguration(ice_servers=[{"urls": f"stun:{SERVER[0]}"}])
    sent: Counter[tuple[str, int]] = Counter()

    def count(now: float, action: str, packet: Packet, place: str) -> None:
        if action == "send" and place.startswith("host"):
            sent[place, int(now)] += 1

    loop = asyncio.get_running_loop()
    async with (
        RTCPeerConnection(configuration, settings=settings, network=left) as one,
        RTCPeerConnection(configuration, settings=settings, network=right) as other,
    ):
        channel = one.create_data_channel("late")
        stop = network.watch(count)
        await exchange(one, other, LATE)
        stop()
        answered = loop.time()
        await channel.opened()
        await other.wait_connected()
        assert loop.time() - answered < 0.5
    waiting = {key: number for key, number in sent.items() if 10 < key[1] < LATE}
    assert max(waiting.values()) <= 20
    assert {place for place, _ in waiting} >= {"host2/eth0"}


@pytest.mark.parametrize("kind", ["public", "hidden"])
async def test_a_wait_that_was_too_short_says_which_setting_to_raise(kind: str) -> None:
    """ICECFG-05: after `failed_timeout` of no news, and no sooner."""
    network = Network(Link(delay=0.02), seed=5)
    network.add(SERVER, Responder())
    left, right = hosts(network, kind)
    configuration = RTCConfiguration(ice_servers=[{"urls": f"stun:{SERVER[0]}"}])
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with (
        RTCPeerConnection(configuration, network=left) as one,
        RTCPeerConnection(configuration, network=right) as other,
    ):
        one.create_data_channel("late")
        signalling = asyncio.create_task(exchange(one, other, LATE))
        await asyncio.sleep(0.5)
        with pytest.raises(ConnectionFailed, match="failed_timeout"):
            await other.wait_connected()
        assert 25.0 <= loop.time() - began < 25.6
        signalling.cancel()
