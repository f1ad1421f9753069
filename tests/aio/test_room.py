"""Who waits for room in the buffer that channels share goes on one by one."""

import asyncio
from typing import cast

import pytest

from webrtc.aio.room import Room
from webrtc.peer import PeerConnection


class Buffer:
    """Stands for the core and its channels: so much room is left."""

    def __init__(self) -> None:
        self.send_room = -1
        self.channels = self


class Waiting:
    """Tasks that wait for room, and then may take some."""

    def __init__(self, takes: int = 0) -> None:
        self.buffer = Buffer()
        self.room = Room(cast("PeerConnection", self.buffer))
        self.room.full = True
        self.takes = takes
        self.gone_on: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self, count: int) -> None:
        self.tasks = [asyncio.create_task(self.wait(number)) for number in range(count)]
        await asyncio.sleep(0)

    async def wait(self, number: int) -> None:
        await self.room.queue()
        self.gone_on.append(number)
        self.buffer.send_room -= self.takes

    async def turns(self) -> None:
        await asyncio.sleep(1.0)

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_each_finds_what_the_one_before_has_left() -> None:
    waiting = Waiting(takes=100)
    await waiting.start(5)
    waiting.room.wake()
    await waiting.turns()
    assert waiting.gone_on == []
    waiting.buffer.send_room = 150
    waiting.room.wake()
    await waiting.turns()
    assert waiting.gone_on == [0, 1]
    assert waiting.room.full
    waiting.buffer.send_room = 0
    waiting.room.wake()
    await waiting.turns()
    assert waiting.gone_on == [0, 1, 2]
    await waiting.end()


async def test_all_go_on_when_nobody_takes_anything() -> None:
    """One call is enough: nothing else may come from the network."""
    waiting = Waiting()
    await waiting.start(5)
    waiting.buffer.send_room = 0
    waiting.room.wake()
    await waiting.turns()
    assert waiting.gone_on == [0, 1, 2, 3, 4]
    assert not waiting.room.full


async def test_one_goes_on_in_a_turn_of_the_loop() -> None:
    waiting = Waiting()
    await waiting.start(3)
    waiting.buffer.send_room = 10**6
    for _ in range(3):
        waiting.room.wake()
    await asyncio.sleep(0)
    assert waiting.gone_on == [0]
    await waiting.end()


@pytest.mark.parametrize("how", ["cancelled", "told"])
async def test_who_does_not_wait_any_more_takes_no_turn(how: str) -> None:
    room = Waiting().room
    first, second = room.queue(), room.queue()
    if how == "cancelled":
        first.cancel()
    else:
        first.set_result(None)
    cast("Buffer", room._channels).send_room = 0
    room.wake()
    assert second.done()
