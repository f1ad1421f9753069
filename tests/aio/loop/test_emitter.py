import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks


class Source(Emitter):
    """Something with one event."""

    onping = EventHandler("ping")


@pytest.fixture
def reports() -> list[dict[str, Any]]:
    return []


@pytest.fixture
async def source(reports: list[dict[str, Any]]) -> Source:
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    return Source(Tasks())


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
async def test_what_belongs_to_a_loop_cannot_be_duplicated(
    source: Source, duplicate: Callable[[object], object]
) -> None:
    """A-05: half a copy that shares a socket would be worse than an error."""
    with pytest.raises(TypeError, match="Source can be neither copied nor pickled"):
        duplicate(source)


async def test_sync_and_async_handlers_get_the_arguments(source: Source) -> None:
    """DC-11, RTCDC-03."""
    got: list[object] = []

    @source.on("ping")
    def sync(value: int) -> None:
        got.append(value)

    @source.on("ping")
    async def later(value: int) -> None:
        await asyncio.sleep(1)
        got.append(-value)

    source.emit("ping", 1)
    assert got == [1]
    await asyncio.sleep(2)
    assert got == [1, -1]


async def test_a_handler_that_raises_stops_nothing(
    source: Source, reports: list[dict[str, Any]]
) -> None:
    """DC-08 of the catalogue: it is reported to the loop, the others still run."""
    got: list[int] = []

    @source.on("ping")
    def bad(value: int) -> None:
        raise ValueError("sync")

    @source.on("ping")
    async def worse(value: int) -> None:
        raise ValueError("async")

    source.on("ping", got.append)
    source.emit("ping", 1)
    source.emit("ping", 2)
    await asyncio.sleep(1)
    assert got == [1, 2]
    assert sorted(str(report["exception"]) for report in reports) == ["async"] * 2 + ["sync"] * 2
    assert "bad" in reports[0]["message"]


async def test_an_attribute_is_none_until_it_is_assigned(source: Source) -> None:
    """RTCDC-03: `onping = handler`."""
    got: list[str] = []
    assert source.onping is None
    handler: Callable[[str], None] = got.append
    source.onping = handler
    assert source.onping is handler
    source.emit("ping", "a")
    source.onping = lambda value: got.append(value.upper())
    source.emit("ping", "b")
    source.onping = None
    source.emit("ping", "c")
    assert got == ["a", "B"]
    assert source.onping is None


async def test_attributes_and_listeners_do_not_meet(source: Source) -> None:
    """The same callable assigned and added is called twice, and each can be taken away."""
    got: list[int] = []
    handler = got.append
    source.on("ping", handler)
    source.onping = handler
    source.emit("ping", 1)
    assert got == [1, 1]
    source.onping = None
    source.emit("ping", 2)
    assert got == [1, 1, 2]
    source.onping = handler
    source.remove_listener("ping", handler)
    source.emit("ping", 3)
    assert got == [1, 1, 2, 3]


async def test_objects_have_attributes_of_their_own(source: Source) -> None:
    other = Source(Tasks())
    source.onping = print
    assert other.onping is None


@pytest.mark.parametrize("value", [3, "handler", object()])
async def test_only_callables_can_be_assigned(source: Source, value: object) -> None:
    with pytest.raises(TypeError, match="onping"):
        source.onping = value  # type: ignore[assignment] # what is tested
    assert source.onping is None


async def test_a_failing_attribute_is_named_in_the_report(
    source: Source, reports: list[dict[str, Any]]
) -> None:
    def clumsy() -> None:
        raise ValueError

    source.onping = clumsy
    source.emit("ping")
    assert "clumsy" in reports[0]["message"]


async def test_firing_soon_leaves_the_stack(source: Source) -> None:
    got: list[int] = []
    source._emit_soon("ping", 0)
    source.on("ping", got.append)
    source._emit_soon("ping", 1)
    assert got == []
    await asyncio.sleep(0)
    assert got == [1]


async def test_removing_all_listeners_of_an_event_leaves_no_trace(source: Source) -> None:
    source.on("ping", lambda: None)
    source.on("pong", lambda: None)
    source.remove_all_listeners("ping")
    assert (source.event_names(), source.emit("ping")) == ({"pong"}, False)
    source.remove_all_listeners()
    assert source.event_names() == set()


async def test_once(source: Source) -> None:
    got: list[int] = []
    source.once("ping", got.append)
    source.emit("ping", 1)
    source.emit("ping", 2)
    assert got == [1]


def test_an_emitter_needs_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        Source(Tasks())
