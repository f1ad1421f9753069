"""Who is told what happens in a connection."""

import asyncio
import gc
from pathlib import Path
from typing import Any

from webrtc.aio.loop.files import SharedFile
from webrtc.aio.observers import Observers
from webrtc.peer import PeerConnection


def make() -> tuple[PeerConnection, Observers]:
    core = PeerConnection()
    return core, Observers(core, "pc=1", asyncio.get_running_loop())


async def test_core_tells_nothing_while_nobody_listens(tmp_path: Path) -> None:
    core, observers = make()
    told = [core._observer]
    for change in (observers.add, observers.add, observers.remove, observers.remove):
        change(tmp_path / "x")
        told.append(core._observer)
    assert [each is not None for each in told] == [False, True, True, False, False]
    assert not SharedFile._open


async def test_all_are_told_and_nothing_after_the_end(tmp_path: Path) -> None:
    _, observers = make()
    told: list[dict[str, Any]] = []
    observers.add(told.append)
    observers.add(tmp_path / "x")
    observers.tell("something", {"fact": 1})
    assert told == []
    observers.close()
    observers.tell("later", {})
    await asyncio.sleep(0)
    assert [each["event"] for each in told] == ["log", "something", "closed"]
    assert (told[1]["connection"], told[1]["fact"]) == ("pc=1", 1)
    assert (tmp_path / "x").read_text().count("\n") == 3


async def test_function_that_raises_stops_nothing() -> None:
    _, observers = make()
    loop = asyncio.get_running_loop()
    reported: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: reported.append(context))
    observers.add(lambda record: 1 / 0)
    observers.tell("something", {})
    await asyncio.sleep(0)
    assert len(reported) == 2
    assert isinstance(reported[0]["exception"], ZeroDivisionError)
    gc.collect()
