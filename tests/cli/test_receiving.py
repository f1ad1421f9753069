"""`webrtc receive` when the connection breaks in the middle."""

import asyncio
import hashlib
import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from tests.cli.test_sending import running
from tests.support import PATIENCE, eventually
from webrtc import RTCPeerConnection, RTCSessionDescription
from webrtc.cli import sending
from webrtc.cli.receiving import Plan, receive
from webrtc.errors import ConnectionFailed
from webrtc.signaling import call
from webrtc.transfer import Code

pytestmark = pytest.mark.realtime

SIZE = 40 * 2**20


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> list[RTCPeerConnection]:
    """Every peer connection that the sender makes."""
    made: list[RTCPeerConnection] = []

    class Kept(RTCPeerConnection):
        def __init__(self, **options: object) -> None:
            super().__init__(**options)  # type: ignore[arg-type] # passed on
            made.append(self)

    monkeypatch.setattr(sending, "RTCPeerConnection", Kept)
    return made


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number that each attempt of the receiver calls."""
    made: list[int] = []

    async def noted(url: str, number: int, offer: RTCSessionDescription) -> RTCSessionDescription:
        made.append(number)
        return await call(url, number, offer)

    monkeypatch.setattr("webrtc.cli.receiving.call", noted)
    return made


@pytest.fixture
def plan(tmp_path: Path) -> sending.Plan:
    path = tmp_path / "data.bin"
    path.write_bytes(os.urandom(2**20) * 40)
    (tmp_path / "in").mkdir()
    return sending.Plan(path, None, "127.0.0.1", 0, (), 4, PATIENCE)


@asynccontextmanager
async def receiving(plan: Plan) -> AsyncIterator[tuple["asyncio.Task[None]", io.StringIO]]:
    screen = io.StringIO()
    task = asyncio.create_task(receive(Console(file=screen, width=100), plan))
    try:
        yield task, screen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def reached(folder: Path, size: int) -> None:
    part = folder / "data.bin.webrtc.part"
    await eventually(lambda: part.exists() and part.stat().st_size >= size)


def came_back(peers: list[RTCPeerConnection], times: int) -> bool:
    return len(peers) > times


async def test_lost_connection_comes_back_and_the_file_is_whole(
    plan: sending.Plan, tmp_path: Path, peers: list[RTCPeerConnection]
) -> None:
    folder = tmp_path / "in"
    async with running(plan) as sender:
        url, code = await sender.address()
        async with receiving(Plan(code, url, folder, False, (), PATIENCE)) as (task, screen):
            for number in (1, 2):
                await reached(folder, number * SIZE // 4)
                await peers[-1].close()
                await eventually(partial(came_back, peers, number))
            async with asyncio.timeout(PATIENCE):
                await task
                await sender.task
    shown = screen.getvalue()
    assert shown.count("lost ") == 2
    assert shown.count("resuming ") == 2
    sha256 = hashlib.sha256(plan.path.read_bytes()).hexdigest()
    assert hashlib.sha256((folder / "data.bin").read_bytes()).hexdigest() == sha256
    assert f"SHA-256     {sha256}" in shown


async def test_sender_that_does_not_come_back_is_given_up(
    plan: sending.Plan, tmp_path: Path, peers: list[RTCPeerConnection], calls: list[int]
) -> None:
    folder = tmp_path / "in"
    async with running(plan) as sender:
        url, code = await sender.address()
        async with receiving(Plan(code, url, folder, False, (), 2.0)) as (task, _):
            await reached(folder, SIZE // 4)
            await peers[-1].close()
            sender.task.cancel()
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(ConnectionFailed):
                    await task
    assert len(calls) > 1
    assert (folder / "data.bin.webrtc.part").stat().st_size >= SIZE // 4


async def test_first_attempt_that_fails_is_the_last(tmp_path: Path, calls: list[int]) -> None:
    nobody = Plan(Code(7, ("tiger",)), "http://127.0.0.1:9", tmp_path, False, (), PATIENCE)
    async with receiving(nobody) as (task, _):
        with pytest.raises(ConnectionFailed, match="no rendezvous"):
            await task
    assert calls == [7]
