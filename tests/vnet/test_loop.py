"""Virtual time: rows VNET-08 and SANS-15."""

import asyncio
import socket
import threading

import pytest

from webrtc.vnet import VirtualTimeLoop


async def test_sleep_takes_no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """SANS-15: an hour passes at once; the sockets are looked at, and never waited for."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    waits: list[float | None] = []

    def select(timeout: float | None = None) -> list[object]:
        waits.append(timeout)
        return []

    monkeypatch.setattr(loop._selector._real, "select", select)  # type: ignore[attr-defined] # asyncio's
    started = loop.time()
    await asyncio.sleep(3600)
    assert loop.time() - started == 3600.0
    assert set(waits) == {0}


def test_deadlock_is_an_error_that_names_the_task() -> None:
    async def wait_for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    async def main() -> None:
        await asyncio.create_task(wait_for_ever(), name="stuck")

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        with pytest.raises(RuntimeError, match=r"(?s)deadlock.*'stuck'.*wait_for_ever"):
            runner.run(main())
        assert runner.run(asyncio.sleep(1.0, "usable again")) == "usable again"


async def _interleaving() -> list[str]:
    """Timers, callbacks, tasks and queues; equal order is what the loop promises."""
    log: list[str] = []
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[int] = asyncio.Queue(1)

    async def produce() -> None:
        for number in range(3):
            await queue.put(number)
            log.append(f"put {number}")
            await asyncio.sleep(0.01)

    async def consume() -> None:
        for _ in range(3):
            log.append(f"got {await queue.get()}")
            loop.call_soon(log.append, "soon")
            await asyncio.sleep(0.025)

    for delay in (0.03, 0.012, 0.021):
        loop.call_later(delay, log.append, f"timer {delay}")
    cancelled = loop.call_later(0.015, log.append, "never")
    loop.call_later(0.005, cancelled.cancel)
    async with asyncio.TaskGroup() as group:
        group.create_task(produce())
        group.create_task(consume())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await asyncio.sleep(0.04)
    return [*log, "timeout"]


def test_callbacks_come_in_the_order_of_a_real_loop_that_is_never_late() -> None:
    """VNET-08: only waiting is left out."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(_interleaving()) == [
            "put 0",
            "got 0",
            "soon",
            "put 1",
            "timer 0.012",
            "timer 0.021",
            "got 1",
            "put 2",
            "soon",
            "timer 0.03",
            "got 2",
            "soon",
            "timeout",
        ]


async def test_time_stands_still_while_a_job_runs_in_a_thread() -> None:
    """VNET-08: how long a thread really takes does not reach virtual time."""
    loop = asyncio.get_running_loop()
    timer = loop.call_later(0.001, pytest.fail, "time went on")
    assert not await loop.run_in_executor(None, threading.Event().wait, 0.02)
    assert not await asyncio.to_thread(threading.Event().wait, 0.02)
    assert loop.time() == 0.0
    timer.cancel()


def test_a_job_that_waits_for_virtual_time_is_not_waited_for_beyond_patience() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        opened = threading.Event()
        loop.call_later(60.0, opened.set)
        await asyncio.to_thread(opened.wait)
        return loop.time()

    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(patience=0.02)) as runner:
        assert runner.run(main()) == 60.0


async def test_a_job_that_is_all_that_is_left_is_no_deadlock() -> None:
    release = threading.Event()
    threading.Timer(0.03, release.set).start()
    assert await asyncio.to_thread(release.wait, 60.0)


async def test_call_soon_threadsafe_wakes_the_loop() -> None:
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    thread = threading.Timer(0.02, loop.call_soon_threadsafe, [woken.set])
    thread.start()
    await woken.wait()
    thread.join()
    assert loop.time() == 0.0


async def test_real_sockets_are_read_before_time_moves() -> None:
    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    with left, right:
        left.setblocking(False)
        right.setblocking(False)
        right.send(b"ping")
        async with asyncio.timeout(0.001):
            assert await loop.sock_recv(left, 16) == b"ping"
    assert loop.time() == 0.0


async def test_real_streams_work_on_virtual_time() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(4))
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"ping")
    assert await reader.read() == b"ping"
    writer.close()
    server.close()
    await server.wait_closed()


def test_skip_runs_what_it_passed() -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualTimeLoop)
        log: list[float] = []
        loop.call_at(5.0, lambda: log.append(loop.time()))
        loop.skip(7.5)
        runner.run(asyncio.sleep(0))
        assert log == [7.5]
