"""The thread behind blocking connections. SYS-12, RICE-05."""

import asyncio
import concurrent.futures
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.blocking.support import LIMIT
from webrtc.blocking.background import Background, background

ROOT = Path(__file__).parents[2]


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


async def fail() -> None:
    raise ZeroDivisionError


def test_one_thread_serves_all() -> None:
    assert background() is background()
    assert [thread.name for thread in threading.enumerate()].count("webrtc") == 1
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "webrtc")


def test_results_and_exceptions_come_back() -> None:
    shared = background()
    assert shared.run(double(4)) == 8
    assert shared.call(int, "12") == 12
    with pytest.raises(ZeroDivisionError):
        shared.run(fail())
    with pytest.raises(ValueError, match="invalid literal"):
        shared.call(int, "twelve")


def test_a_time_limit_ends_the_wait_and_the_work() -> None:
    ended = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        background().run(wait(), 0.01)
    assert ended.wait(LIMIT)


def test_a_timeout_that_the_work_raises_is_its_own() -> None:
    async def time_out() -> None:
        raise TimeoutError("of the work")

    with pytest.raises(TimeoutError, match="of the work"):
        background().run(time_out())


def test_waiting_in_the_thread_itself_is_an_error_and_no_deadlock() -> None:
    shared = background()
    with pytest.raises(RuntimeError, match="wait for itself"):
        shared.call(lambda: shared.run(double(1)))
    with pytest.raises(RuntimeError, match="wait for itself"):
        shared.call(lambda: shared.call(int))


def test_many_threads_at_once() -> None:
    results: list[int] = []

    def work(number: int) -> None:
        results.extend(background().run(double(number)) for _ in range(20))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert sorted(results) == sorted(2 * number for number in range(8) for _ in range(20))


def test_after_its_end_calls_say_so_and_another_one_is_made() -> None:
    one = Background()
    assert one.run(double(1)) == 2
    one.stop()
    one.stop()
    assert not one.alive
    with pytest.raises(RuntimeError, match="ended"):
        one.run(double(1))
    with pytest.raises(RuntimeError, match="ended"):
        one.call(int)


def test_who_waits_when_the_thread_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webrtc.blocking.background.SLICE", 0.05)
    stopped, died = Background(), Background()
    threading.Timer(0.1, stopped.stop).start()
    with pytest.raises(RuntimeError, match="ended"):
        stopped.run(asyncio.sleep(3600))
    died._loop.call_soon_threadsafe(died._loop.stop)
    with pytest.raises(RuntimeError, match="ended"):
        died._wait(concurrent.futures.Future())


def test_work_that_is_cancelled_is_no_end_of_the_thread() -> None:
    async def give_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(concurrent.futures.CancelledError):
        background().run(give_up())
    assert background().run(double(1)) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_gets_a_thread_of_its_own() -> None:
    before = background()
    child = os.fork()
    if not child:
        status = 1
        try:
            with pytest.raises(RuntimeError, match="fork"):
                before.run(double(1))
            status = background().run(double(1)) - 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def program(text: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(text)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


def test_a_program_that_closes_nothing_ends_at_once_and_tells_the_peer() -> None:
    """Row 17 of what users ask for: the interpreter exits."""
    process = program("""
        from tests.blocking.support import connected
        stack = connected()
        pair = stack.__enter__()
        print(pair.right.connection_state)
    """)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, err) == (0, "connected\n", "")


def test_threads_that_still_wait_do_not_keep_a_program_alive() -> None:
    process = program("""
        import threading
        from tests.blocking.support import connected
        stack = connected()
        pair = stack.__enter__()
        seen = threading.Event()
        def read():
            for message in pair.remote:
                print(message)
                seen.set()
        def accept():
            try:
                pair.left.accept_data_channel()
            except BaseException:
                pass
        for work in (read, accept):
            threading.Thread(target=work, daemon=True).start()
        pair.channel.send("last words")
        seen.wait(120)
    """)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, err) == (0, "last words\n", "")


def test_ctrl_c_interrupts_a_wait() -> None:
    process = program("""
        from webrtc.blocking import PeerConnection
        with PeerConnection() as pc:
            channel = pc.create_data_channel("x")
            try:
                print("waiting", flush=True)
                channel.recv()
            except KeyboardInterrupt:
                print("interrupted", pc.connection_state)
    """)
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, err) == (0, "interrupted new\n", "")
