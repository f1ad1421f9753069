"""ICE alone: gathering, trickling, dialling, restarts, and everything that can come between."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from tests.aio.ice_agents import QUICK, agents, connect, trickle
from tests.scenarios.leaks import leakless
from tests.support import two_hosts
from webrtc import ConnectionFailed, InvalidAccessError, InvalidStateError, InvalidSyntaxError
from webrtc.aio import IceAgent
from webrtc.errors import NotSupportedError
from webrtc.ice import AgentConfig, Candidate, CandidateType, Role, State
from webrtc.peer.events import AddressesBound
from webrtc.stun.responder import Responder
from webrtc.vnet import Link, Nat, Network

SERVER = ("198.51.100.1", 3478)


async def test_candidates_are_told_as_they_come_and_at_last_that_there_are_no_more() -> None:
    """ICE-12, ICECFG-11: by event, or all at once from `gather`."""
    async with agents() as (_, one, other):
        found: list[Candidate | None] = []
        one.on("candidate", found.append)
        gathered, again = await asyncio.gather(one.gather(), one.gather())
        assert gathered == again == one.local_candidates == found[:-1]
        assert len(found) == 2
        assert found[-1] is None
        assert await one.gather() == gathered
        await asyncio.sleep(1.0)
        assert len(found) == 2
        assert other.remote_candidates == [replace(each, base=None) for each in gathered]


async def test_vanilla_candidates_are_enough() -> None:
    """ICECFG-11: gathered first and handed over with the credentials, nothing is trickled."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with IceAgent(network=left) as one, IceAgent(network=right) as other:
        for source, target in ((one, other), (other, one)):
            for candidate in [*await source.gather(), None]:
                target.add_remote_candidate(candidate)
        near, far = await connect(one, other)
        near.send(b"hello")
        assert await far.recv() == b"hello"


async def test_dead_servers_and_interfaces_are_waited_for_side_by_side() -> None:
    """ICE-08, ICECFG-01: host candidates at once, the living server's next, the end after 5 s."""
    network = Network(Link(delay=0.01))
    network.add(SERVER, Responder())
    network.name("slow.example", "198.51.100.2", delay=60.0)
    home = network.router("home", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    host = network.host("left", router=home)
    host.add_interface(network.wan, "192.0.2.77", name="wan")
    servers = ["stun:198.51.100.250", f"stun:{SERVER[0]}", "stun:slow.example"]
    async with leakless(), IceAgent(network=host, stun_servers=servers) as agent:
        times: list[tuple[str, float]] = []
        agent.on("candidate", lambda each: times.append((each.type if each else "", network.now)))
        assert len(await agent.gather()) == 3
    assert [kind for kind, _ in times] == ["host", "host", "srflx", ""]
    assert times[1][1] == 0.0
    assert times[2][1] < 0.2
    assert 4.9 < times[3][1] < 5.1


@pytest.mark.parametrize(
    ("server", "error"),
    [
        ("turn:192.0.2.1", InvalidAccessError),
        ("http://x", InvalidSyntaxError),
        ("stuns:192.0.2.1", NotSupportedError),
    ],
)
async def test_what_cannot_work_is_refused_at_once(server: str, error: type[Exception]) -> None:
    """ICECFG-01."""
    _, left, _ = two_hosts()
    async with leakless():
        with pytest.raises(error):
            IceAgent(network=left, stun_servers=[server])
        with pytest.raises(InvalidAccessError):
            IceAgent(network=left, port_range=(9, 1))
        with pytest.raises(InvalidAccessError):
            IceAgent(network=left, max_queued=0)


async def test_states_come_in_order_by_event_and_by_iteration() -> None:
    """ICE-11: a late reader misses none, and the iteration ends with the agent."""
    async with agents() as (_, one, other):
        by_event: list[State] = []
        one.on("statechange", lambda: by_event.append(one.state))
        pairs: list[object] = []
        one.on("selectedcandidatepairchange", lambda: pairs.append(one.selected_pair))

        async def read() -> list[State]:
            return [state async for state in one.states()]

        early = asyncio.create_task(read())
        late = one.states()
        assert await anext(late) is State.NEW
        await connect(one, other)
        await asyncio.sleep(1.0)
        await one.close()
        expected = [State.CHECKING, State.CONNECTED, State.COMPLETED]
        assert by_event == expected
        assert await early == [State.NEW, *expected, State.CLOSED]
        assert [state async for state in late] == [*expected, State.CLOSED]
        assert [state async for state in one.states()] == [State.CLOSED]
        assert len(pairs) == 1


@pytest.mark.parametrize("call", ["dial", "accept", "gather", "recv"])
async def test_what_waits_can_be_cancelled_and_begun_again(call: str) -> None:
    """ICE-06: cancelling the task leaves the agent as it was."""
    async with agents() as (_, one, other):
        credentials = (other.local_ufrag, other.local_pwd)
        if call == "recv":
            near, far = await connect(one, other)
            task: asyncio.Task[object] = asyncio.create_task(near.recv())
        else:
            task = asyncio.create_task(
                one.gather() if call == "gather" else getattr(one, call)(*credentials)
            )
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        near, far = await connect(one, other)
        far.send(b"all the same")
        assert await near.recv() == b"all the same"


async def test_close_ends_everything_that_waits() -> None:
    """ICE-22, ICETYP-13, ICETYP-19: twice is once; no task, timer or socket stays."""
    async with agents() as (_, one, other):
        near, _ = await connect(one, other)
        near.take(b"rest")
        waiting = asyncio.create_task(near.closed.wait())
        await asyncio.sleep(0)
        await asyncio.gather(one.close(), one.close())
        await one.close()
        await waiting
        assert await near.recv() == b"rest"
        with pytest.raises(ConnectionFailed, match="closed"):
            await near.recv()
        assert one.state is State.CLOSED
        credentials = (other.local_ufrag, other.local_pwd)
        for call in (
            one.gather,
            partial(one.dial, *credentials),
            partial(one.accept, *credentials),
        ):
            with pytest.raises(InvalidStateError):
                await call()
        for now in (one.restart, partial(one.add_remote_candidate, None)):
            with pytest.raises(InvalidStateError):
                now()


@pytest.mark.parametrize("call", ["dial", "gather", "recv"])
async def test_close_fails_what_is_under_way(call: str) -> None:
    """ICE-22: nobody waits for ever."""
    _, left, _ = two_hosts()
    async with leakless():
        agent = IceAgent(network=left, stun_servers=["stun:198.51.100.250"])
        task: asyncio.Task[object]
        if call == "recv":
            task = asyncio.create_task(agent._connection.recv())
        else:
            task = asyncio.create_task(
                agent.gather() if call == "gather" else agent.dial("u" * 8, "p" * 24)
            )
        await asyncio.sleep(0.5)
        await agent.close()
        with pytest.raises(ConnectionFailed, match="closed"):
            await task


async def test_without_a_path_dialling_fails_and_a_restart_helps() -> None:
    """ICE-06, ICE-35: the reason has numbers; after `restart` both find each other."""
    async with agents(QUICK) as (network, one, other):
        heal = network.filter(lambda _: True)
        results = await asyncio.gather(
            one.dial(other.local_ufrag, other.local_pwd),
            other.accept(one.local_ufrag, one.local_pwd),
            return_exceptions=True,
        )
        assert [type(each) for each in results] == [ConnectionFailed] * 2
        assert "1 pairs of 1 local and 1 remote candidates" in str(results[0])
        heal()
        one.restart()
        other.restart()
        near, far = await connect(one, other)
        near.send(b"again")
        assert await far.recv() == b"again"


async def test_a_restart_keeps_the_connection_and_its_old_path_meanwhile() -> None:
    """ICE-06, ICE-14: the same object goes on, `dial` returns it once the new pair is selected."""
    async with agents() as (_, one, other):
        near, far = await connect(one, other)
        old, ufrag = near.pair, one.local_ufrag
        one.restart(ufrag="mine")
        other.restart()
        assert one.local_ufrag == "mine" != ufrag
        near.send(b"meanwhile")
        assert await far.recv() == b"meanwhile"
        renewed = await connect(one, other)
        assert renewed[0] is near
        assert renewed[1] is far
        assert near.pair is not old
        near.send(b"after")
        assert await far.recv() == b"after"
        with pytest.raises(InvalidStateError, match="restart"):
            await one.dial("another1", "p" * 24)


def named(candidate: Candidate, name: str) -> Candidate:
    return replace(candidate, address=(name, candidate.address[1]))


async def test_names_are_ignored_and_nobody_is_asked_what_they_mean() -> None:
    """ICE-09, ICETYP-06, ICETYP-17: the end of candidates then finds nothing to check."""
    network, left, right = two_hosts(Link(delay=0.01))
    network.name("peer.local", "192.0.2.2")
    async with leakless(), IceAgent(network=left) as agent, IceAgent(network=right) as source:
        candidate = (await source.gather())[0]
        for name in ("peer.local", "peer.example", "a.b.local"):
            agent.add_remote_candidate(named(candidate, name))
        await asyncio.sleep(10.0)
        assert agent.remote_candidates == []


async def test_an_answer_in_the_very_turn_of_a_restart_does_not_end_gathering() -> None:
    """F-14: the new generation has not bound anything yet."""
    async with agents() as (_, one, _):
        await one.gather()
        one.restart()
        one._core.handle_event(AddressesBound((), ()), asyncio.get_running_loop().time())
        assert one.local_candidates == []
        assert one._agent.gathering_state == "new"
        assert len(await one.gather()) == 1


async def test_a_lite_agent_is_dialled() -> None:
    """ICE-07, ICECFG-12: the full one is told so, and is controlling whatever it was called for."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with (
        leakless(),
        IceAgent(network=left) as full,
        IceAgent(AgentConfig(lite=True), network=right) as lite,
    ):
        trickle(full, lite)
        full.remote_lite = True
        assert full.remote_lite
        near, far = await connect(lite, full)
        assert full.role is Role.CONTROLLING
        near.send(b"hello")
        assert await far.recv() == b"hello"


async def test_a_handler_that_fails_stops_nothing() -> None:
    """ICE-11: it is shown to the loop."""
    async with agents() as (_, one, other):
        shown: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, each: shown.append(each))
        one.on("statechange", lambda: 1 // 0)
        await connect(one, other)
        assert shown
        asyncio.get_running_loop().set_exception_handler(None)


@pytest.mark.realtime
async def test_on_this_machine() -> None:
    """ICE-05, ICE-33: on sockets of the system."""
    async with (
        leakless(),
        IceAgent(bind_addresses=("127.0.0.1",)) as one,
        IceAgent(bind_addresses=("127.0.0.1",), port_range=(40000, 60000)) as other,
    ):
        trickle(one, other)
        near, far = await connect(one, other)
        near.send(b"hello")
        assert await far.recv() == b"hello"
        assert far.local[1] in range(40000, 60001)
        assert repr(one).endswith("connected>") or repr(one).endswith("completed>")
        assert one.local_candidates[0].type is CandidateType.HOST
