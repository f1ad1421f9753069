"""A peer in another process that is killed, or that blocks its own loop: with the real clock."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.scenarios.test_outages import history
from tests.support import PATIENCE, eventually
from webrtc import ConnectionFailed, RTCDataChannel, RTCPeerConnection, SettingEngine

pytestmark = [pytest.mark.slow, pytest.mark.realtime]


@asynccontextmanager
async def answered() -> AsyncIterator[
    tuple[RTCPeerConnection, RTCDataChannel, asyncio.subprocess.Process]
]:
    """A connection to a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.scenarios.answerer",
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    settings = SettingEngine(bind_addresses=("127.0.0.1",))
    try:
        async with RTCPeerConnection(settings=settings) as pc:
            channel = pc.create_data_channel("data")
            await pc.set_local_description()
            await pc.gathered()
            assert pc.local_description is not None
            process.stdin.write(json.dumps(pc.local_description.to_json()).encode() + b"\n")
            await pc.set_remote_description(json.loads(await process.stdout.readline()))
            async with asyncio.timeout(PATIENCE):
                await channel.opened()
            yield pc, channel, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined] # else its pipes outlive the loop


async def test_a_process_that_is_killed_is_missed() -> None:
    """F-16: first `disconnected`, then `failed`; what waits is told. When: test_outages."""
    async with answered() as (pc, channel, process):
        channel.send("hello")
        assert await channel.recv() == "hello"
        states = history(pc)
        process.kill()
        async with asyncio.timeout(30.0 + PATIENCE):
            with pytest.raises(ConnectionFailed):
                await channel.recv()
        await eventually(lambda: len(states) == 2)
        assert [state for _, state in states] == ["disconnected", "failed"]


@pytest.mark.parametrize("seconds", [2.0, 8.0])
async def test_a_process_that_blocks_its_loop_is_not_given_up(seconds: float) -> None:
    """F-22: everything sent meanwhile is echoed afterwards, and it never thought itself alone."""
    async with answered() as (pc, channel, _):
        channel.send(f"block {seconds}")
        for number in range(50):
            channel.send(str(number))
            await asyncio.sleep(0.02)
        async with asyncio.timeout(seconds + PATIENCE):
            received = [await channel.recv() for _ in range(51)]
        assert received == [f"block {seconds}", *map(str, range(50))]
        await eventually(lambda: pc.connection_state == "connected")
