"""Connections of one loop share a budget of checks."""

import asyncio

from tests.support import two_hosts
from webrtc import RTCPeerConnection, SettingEngine
from webrtc.aio.ice import IceAgent
from webrtc.aio.net.budget import CHECKS, with_budget
from webrtc.ice import AgentConfig
from webrtc.ice.budget import Budget
from webrtc.vnet import Link


def budget_of(settings: SettingEngine) -> Budget:
    """What a connection with these settings would take its places from."""
    budget = with_budget(settings).ice.budget
    assert budget is not None
    return budget


async def test_the_connections_of_a_loop_share_one_budget() -> None:
    settings = SettingEngine()
    ours = budget_of(settings)
    assert with_budget(settings) is with_budget(settings) is not settings
    assert budget_of(SettingEngine(ice=AgentConfig(failed_timeout=60.0))) is ours
    own = Budget(5.0)
    assert budget_of(SettingEngine(ice=AgentConfig(budget=own))) is own


def test_another_loop_has_another_budget() -> None:
    async def get() -> Budget:
        return budget_of(SettingEngine())

    assert asyncio.run(get()) is not asyncio.run(get())


async def test_who_starts_late_waits_for_a_place_and_the_peer_for_nothing() -> None:
    """A first check is delayed; who is checked by it answers with a check of his own at once."""
    network, left, right = two_hosts(Link(delay=0.01))
    loop = asyncio.get_running_loop()
    budget = budget_of(SettingEngine())
    for _ in range(2 * CHECKS):
        budget.reserve(loop.time())
    one, other = IceAgent(network=left), IceAgent(network=right)
    for agent, peer in ((one, other), (other, one)):
        for candidate in await agent.gather():
            peer.add_remote_candidate(candidate)
    began = loop.time()
    async with one, other:
        await asyncio.gather(
            one.dial(other.local_ufrag, other.local_pwd),
            other.accept(one.local_ufrag, one.local_pwd),
        )
        assert 1.9 <= loop.time() - began < 1.97
    assert network.now >= 1.9


async def test_a_peer_connection_uses_it() -> None:
    settings = SettingEngine()
    _, left, _ = two_hosts(Link())
    async with RTCPeerConnection(settings=settings, network=left) as pc:
        pc.create_data_channel("x")
        await pc.set_local_description()
        transport = pc._core.transports.one
        assert transport is not None
        checks = transport.ice._connectivity.checks
        assert checks._config.budget is budget_of(settings)
    assert settings.ice.budget is None
