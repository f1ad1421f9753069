"""The event heap on both clocks: row VNET-08."""

import asyncio
from random import Random

import pytest

from webrtc.vnet.engine import Engine


class Flushed:
    def __init__(self, log: list[str]) -> None:
        self._log = log

    def flush(self) -> None:
        self._log.append("flush")


def test_order_of_time_then_of_origin_and_one_flush_per_instant() -> None:
    engine, log = Engine(Random(0)), list[str]()
    receiver = Flushed(log)

    def act(text: str) -> None:
        log.append(text)
        engine.mark(receiver)

    for when, text in [(2.0, "c"), (1.0, "a"), (3.0, "late"), (1.0, "b")]:
        engine.at(when, act, text)
    assert not engine.run(2.5, lambda: False)
    assert log == ["a", "b", "flush", "c", "flush"]
    assert engine.now == 2.5


def test_endless_traffic_without_delay_cannot_hide_the_predicate() -> None:
    engine, count = Engine(Random(0)), list[int]()

    def again(number: int) -> None:
        count.append(number)
        engine.at(engine.now, again, number + 1)

    engine.at(0.0, again, 0)
    assert engine.run(1.0, lambda: len(count) == 100)
    assert engine.now == 0.0


async def test_a_loop_moves_time_with_one_timer() -> None:
    loop = asyncio.get_running_loop()
    engine, log = Engine(Random(0)), list[tuple[str, float]]()
    engine.at(0.5, lambda text: log.append((text, loop.time())), "before attach")
    engine.attach(loop)
    engine.at(0.7, lambda text: log.append((text, loop.time())), "later")
    engine.at(0.2, lambda text: log.append((text, loop.time())), "earlier")
    await asyncio.sleep(1.0)
    assert log == [("earlier", 0.2), ("before attach", 0.5), ("later", 0.7)]
    with pytest.raises(RuntimeError, match="asyncio loop"):
        engine.run(2.0, lambda: True)


async def test_an_exception_does_not_stop_what_comes_after() -> None:
    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
    engine, log = Engine(Random(0)), list[str]()
    engine.attach(loop)
    engine.at(0.1, dict[str, None]().__getitem__, "missing")
    engine.at(0.1, log.append, "same time")
    engine.at(0.2, log.append, "later")
    await asyncio.sleep(1.0)
    assert log == ["same time", "later"]
    assert [type(error) for error in errors] == [KeyError]


async def test_one_clock_for_life() -> None:
    engine = Engine(Random(0))
    engine.attach(asyncio.get_running_loop())
    other = asyncio.new_event_loop()
    with pytest.raises(RuntimeError, match="one clock"):
        engine.attach(other)
    other.close()
    ahead = Engine(Random(0))
    ahead.run(10.0, lambda: False)
    with pytest.raises(RuntimeError, match="one clock"):
        ahead.attach(asyncio.get_running_loop())


@pytest.mark.realtime
async def test_a_real_loop_drives_it_as_well() -> None:
    loop = asyncio.get_running_loop()
    engine, done = Engine(Random(0)), asyncio.Event()
    engine.attach(loop)
    started = loop.time()
    engine.at(engine.now + 0.02, lambda _: done.set(), None)
    await done.wait()
    assert loop.time() - started >= 0.02 - 1e-3
