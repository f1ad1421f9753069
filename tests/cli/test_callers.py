"""Who is let in at `webrtc send`: time and connections of the test's own making."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from webrtc import RTCPeerConnection, RTCSessionDescription
from webrtc.cli.callers import MAX_SESSIONS, MAX_WAITING, PROOF_GRACE, Caller, Callers
from webrtc.signaling import Place

OFFER = RTCSessionDescription("offer", "v=0")


class FakeCall:
    """A call that notes what becomes of it."""

    def __init__(self) -> None:
        self.offer = OFFER
        self.refused = ""

    async def refuse(self, reason: str) -> None:
        self.refused = reason


class FakeConnection:
    """Whoever waits for it hears when it is closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self.closed.set()


class Desk:
    """A sender whose callers come when the test says so, and do nothing."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[FakeCall | None] = asyncio.Queue()
        self.served: list[Caller] = []
        self.over: list[Caller] = []
        self.callers = Callers(self.create, self.serve)

    def create(self) -> RTCPeerConnection:
        return cast("RTCPeerConnection", FakeConnection())

    async def serve(self, caller: Caller) -> None:
        self.served.append(caller)
        await cast("FakeConnection", caller.pc).closed.wait()
        self.over.append(caller)

    async def __aiter__(self) -> AsyncIterator[FakeCall]:
        while (call := await self.calls.get()) is not None:
            yield call

    async def call(self, times: int = 1) -> list[FakeCall]:
        made = [FakeCall() for _ in range(times)]
        for each in made:
            self.calls.put_nowait(each)
        await asyncio.sleep(0.001)
        return made

    def being_served(self) -> list[FakeCall]:
        return [cast("FakeCall", each.call) for each in self.served if each not in self.over]


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    found = Desk()
    task = asyncio.create_task(found.callers.take(cast("Place", found)))
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await found.callers.close()
        assert all(cast("FakeConnection", each.pc).closed.is_set() for each in found.served)


async def test_oldest_without_a_proof_makes_room_once_its_time_is_over() -> None:
    async with desk() as found:
        first = await found.call(MAX_SESSIONS)
        assert found.being_served() == first
        (late,) = await found.call()
        assert found.being_served() == first
        await asyncio.sleep(PROOF_GRACE)
        assert found.being_served() == [*first[1:], late]


async def test_who_has_been_there_long_makes_room_at_once() -> None:
    async with desk() as found:
        first = await found.call(MAX_SESSIONS)
        await asyncio.sleep(2 * PROOF_GRACE)
        assert found.being_served() == first  # nobody needed the place
        (late,) = await found.call()
        assert found.being_served() == [*first[1:], late]


async def test_time_begins_with_the_answer() -> None:
    """How long we took for it is not the caller's fault."""
    async with desk() as found:
        first = await found.call(MAX_SESSIONS)
        await asyncio.sleep(PROOF_GRACE)
        found.callers.answered(found.served[0])
        (late,) = await found.call()
        assert found.being_served() == [first[0], *first[2:], late]


async def test_newest_call_goes_first_and_the_oldest_is_refused() -> None:
    async with desk() as found:
        first = await found.call(MAX_SESSIONS)
        waiting = await found.call(MAX_WAITING + 1)
        assert [each.refused for each in waiting] == ["the sender is busy", *[""] * MAX_WAITING]
        await found.served[0].pc.close()
        await asyncio.sleep(0.001)
        assert found.being_served() == [*first[1:], waiting[-1]]


async def test_who_has_proven_to_know_the_code_takes_no_place_and_stays() -> None:
    async with desk() as found:
        first = await found.call(MAX_SESSIONS)
        found.callers.proven(found.served[0])
        crowd = await found.call(MAX_SESSIONS)
        assert found.being_served() == [*first, crowd[0]]
        await asyncio.sleep(10 * PROOF_GRACE)
        assert first[0] in found.being_served()
        assert len(found.being_served()) == MAX_SESSIONS + 1


async def test_who_is_served_outlives_the_rendezvous() -> None:
    found = Desk()
    task = asyncio.create_task(found.callers.take(cast("Place", found)))
    await found.call()
    found.calls.put_nowait(None)
    await asyncio.sleep(1.0)
    assert not task.done()
    await found.served[0].pc.close()
    await task


async def test_call_whose_turn_never_began_is_closed_too() -> None:
    found = Desk()
    task = asyncio.create_task(found.callers.take(cast("Place", found)))
    found.calls.put_nowait(FakeCall())
    await asyncio.sleep(0)
    (caller,) = found.callers._unproven
    await found.callers.close()
    assert not found.served
    assert cast("FakeConnection", caller.pc).closed.is_set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
