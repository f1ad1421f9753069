"""Whole processes: their exit, their threads, other event loops, the strictest interpreter."""

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support import connected, over_loopback, two_hosts

uvloop = pytest.importorskip("uvloop") if sys.platform != "win32" else None

if uvloop is not None:
    uvloop.new_event_loop().close()  # libuv keeps a pipe for signals from the first loop on

SETUP = """
import asyncio, sys
from webrtc import RTCPeerConnection, SettingEngine
from tests.support import negotiate, trickle

async def pair():
    settings = SettingEngine(bind_addresses=("127.0.0.1",))
    one, other = RTCPeerConnection(settings=settings), RTCPeerConnection(settings=settings)
    trickle(one, other)
    channel = one.create_data_channel("data")
    await negotiate(one, other)
    await channel.opened()
    await channel.send("hello")
    return one, other, channel
"""


def run(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `script` in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, *options, "-c", SETUP + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=Path(__file__).parents[2],
        check=False,
    )


EXITS = {
    "returns without closing": "asyncio.run(pair())",
    "sys.exit inside": """
        async def main():
            await pair()
            sys.exit(0)
        asyncio.run(main())
    """,
    "loop closed under them": """
        loop = asyncio.new_event_loop()
        kept = loop.run_until_complete(pair())
        loop.close()
    """,
    "loop neither closed nor run again": """
        loop = asyncio.new_event_loop()
        kept = loop.run_until_complete(pair())
    """,
    "while connecting": """
        async def main():
            asyncio.ensure_future(pair())
            await asyncio.sleep(0.002)
        asyncio.run(main())
    """,
    "with somebody waiting": """
        async def main():
            one, other, channel = await pair()
            asyncio.ensure_future(channel.recv())
            asyncio.ensure_future(one.wait_connected())
            await asyncio.sleep(0.01)
        asyncio.run(main())
    """,
}


@pytest.mark.parametrize("name", sorted(EXITS))
def test_the_interpreter_exits_silently_with_connections_open(name: str) -> None:
    """F-47: at most two seconds, no traceback."""
    started = time.monotonic()
    result = run(EXITS[name])
    assert (result.returncode, result.stderr) == (0, "")
    assert time.monotonic() - started < 10.0


CLOSED = """
    async def main():
        one, other, channel = await pair()
        await asyncio.gather(one.close(), other.close())
    asyncio.run(main())
    asyncio.run(main())
"""


@pytest.mark.parametrize(
    "options",
    [("-X", "dev", "-W", "error"), ("-O",), ("-OO", "-W", "error"), ("-X", "dev", "-bb")],
    ids=" ".join,
)
def test_nothing_is_complained_about_when_all_is_closed(options: tuple[str, ...]) -> None:
    """A-03, A-06, F-32: debug mode, warnings as errors, without asserts."""
    result = run(CLOSED, *options)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_connection_that_is_forgotten_open_is_complained_about() -> None:
    """A-03: its socket is a ResourceWarning, as any other."""
    result = run(EXITS["returns without closing"], "-X", "dev")
    assert result.returncode == 0
    assert "ResourceWarning" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process there")
def test_an_interrupt_ends_the_process_in_time() -> None:
    """F-32, F-47: control-C while connected."""
    result = run(
        """
        import signal, os
        async def main():
            kept = await pair()
            asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGINT)
            await asyncio.sleep(20)
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            print("interrupted")
        """
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "interrupted\n", "")


async def talk() -> None:
    """Connect over loopback and exchange a message."""
    async with over_loopback() as pair:
        await pair.channel.send(bytes(200_000))
        assert len(await pair.remote.recv()) == 200_000


@pytest.mark.parametrize(
    "factory",
    [asyncio.new_event_loop, uvloop.new_event_loop if uvloop else None],
    ids=["asyncio", "uvloop"],
)
@pytest.mark.parametrize("threads", [0, 3])
def test_any_loop_in_any_thread(
    factory: Callable[[], asyncio.AbstractEventLoop] | None, threads: int
) -> None:
    """SYS-05, A-06: also several loops at once; and no thread is left."""
    before = threading.active_count()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(talk())
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    if not workers:
        work()
    for worker in workers:
        worker.join(20.0)
    assert failures == []
    assert threading.active_count() == before


@pytest.mark.realtime
async def test_another_thread_gets_a_clear_error_or_goes_through_the_loop() -> None:
    """SYS-12: and the connection goes on."""
    loop = asyncio.get_running_loop()
    async with over_loopback() as pair:
        for call in (
            partial(pair.channel.send, "from nowhere"),
            partial(pair.left.create_data_channel, "from nowhere"),
        ):
            with pytest.raises(RuntimeError, match="call_soon_threadsafe"):
                await asyncio.to_thread(call)

        async def send() -> None:
            await pair.channel.send("through a coroutine")

        def work() -> None:
            loop.call_soon_threadsafe(pair.channel.send, "through the loop")
            asyncio.run_coroutine_threadsafe(send(), loop).result(5.0)

        await asyncio.to_thread(work)
        async with asyncio.timeout(5.0):
            while await pair.remote.recv() != "through a coroutine":
                pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_child_that_is_forked_and_exits_leaves_the_connection_to_its_parent() -> None:
    """A-05: its copies of the sockets close nothing."""
    result = run(
        """
        import os
        async def main():
            one, other, channel = await pair()
            for _ in range(3):
                child = os.fork()
                if not child:
                    os._exit(0)
                os.waitpid(child, 0)
                await channel.send("still here")
                await channel.drained()
            assert one.connection_state == other.connection_state == "connected"
            await asyncio.gather(one.close(), other.close())
        asyncio.run(main())
        """
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


class Text(str):
    """A string that is more."""

    __slots__ = ()


async def test_messages_of_derived_classes_arrive_as_what_they_derive_from() -> None:
    """A-05: and everything that is a buffer as bytes; anything else is a TypeError."""
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        for message in (Text("text"), bytearray(b"array"), memoryview(b"view"), True.to_bytes()):
            await pair.channel.send(message)
        assert [await pair.remote.recv() for _ in range(4)] == ["text", b"array", b"view", b"\x01"]
        for wrong in (7, None, ["list"], 1.5):
            with pytest.raises(TypeError):
                pair.channel.send(wrong)  # type: ignore[arg-type] # what it must refuse


def test_a_constant_random_module_does_not_make_secrets_constant() -> None:
    """A-07: what the `random` module gives is used for nothing that must be unpredictable."""
    result = run(
        """
        import random
        for name in ("random", "getrandbits", "randbytes", "choice", "choices", "randrange"):
            setattr(random, name, lambda *args, **options: (_ for _ in ()).throw(RuntimeError))
        random.seed(1)
        async def main():
            found = []
            for _ in range(2):
                random.seed(1)
                async with RTCPeerConnection() as pc:
                    pc.create_data_channel("data")
                    offer = await pc.create_offer()
                    lines = [line for line in offer.sdp.split("\\r\\n")
                             if line.startswith(("a=ice", "a=fingerprint", "o="))]
                    found.append({line for line in lines if "options" not in line})
            assert not found[0] & found[1], found
        asyncio.run(main())
        """
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_connections_need_no_extra_and_signalling_names_its_own() -> None:
    """F-48: aiohttp, click, rich, uvloop and av are missing."""
    block = """
import sys
for name in ("aiohttp", "click", "rich", "uvloop", "av"):
    sys.modules[name] = None
"""
    script = """
        async def main():
            one, other, _ = await pair()
            await one.close()
            await other.close()
        asyncio.run(main())
        import webrtc.blocking, webrtc.transfer, webrtc.testing
        try:
            import webrtc.signaling
        except ModuleNotFoundError as error:
            print(error, error.name)
    """
    done = subprocess.run(
        [sys.executable, "-c", block + SETUP + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.stderr == ""
    hint = "webrtc.signaling needs aiohttp: pip install asyncio-webrtc[server]"
    assert done.stdout == f"{hint} aiohttp\n"
