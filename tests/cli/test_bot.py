"""The Python behind the page, asked over real data channels."""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support import PATIENCE
from webrtc import RTCPeerConnection
from webrtc.cli import bot
from webrtc.cli.pair import negotiate
from webrtc.errors import ConnectionFailed

pytestmark = pytest.mark.realtime


@asynccontextmanager
async def page() -> AsyncIterator[RTCPeerConnection]:
    """The peer connection of a page that is connected to the bot."""
    async with RTCPeerConnection() as pc, RTCPeerConnection() as served:
        bot.serve(served)
        pc.create_data_channel("ping")
        await negotiate(pc, served)
        await pc.wait_connected(PATIENCE)
        yield pc


async def test_chat_comes_back() -> None:
    async with page() as pc, asyncio.timeout(PATIENCE):
        chat = pc.create_data_channel("chat")
        await chat.opened()
        for message in ("hello", b"\x00\xff", "", "ünïcode"):
            await chat.send(message)
            assert await chat.recv() == message


@pytest.mark.parametrize("size", [0, 1, 65536, 1_000_000])
async def test_file_comes_back_and_its_hash_too(size: int) -> None:
    content = os.urandom(size)
    async with page() as pc, asyncio.timeout(PATIENCE):
        channel = pc.create_data_channel("file")
        await channel.opened()
        await channel.send(str(size))
        for start in range(0, size, 65536):
            await channel.send(content[start : start + 65536])
        returned = b""
        while isinstance(message := await channel.recv(), bytes):
            returned += message
        assert returned == content
        assert message == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 65536, 200_001])
async def test_bytes_that_are_asked_for_come_with_their_hash(size: int) -> None:
    async with page() as pc, asyncio.timeout(PATIENCE):
        channel = pc.create_data_channel("ask")
        await channel.opened()
        await channel.send(str(size))
        received = b""
        while isinstance(message := await channel.recv(), bytes):
            received += message
        assert len(received) == size
        assert message == hashlib.sha256(received).hexdigest()


async def test_vitals_tell_memory_and_cpu_of_the_process() -> None:
    async with page() as pc, asyncio.timeout(PATIENCE):
        channel = pc.create_data_channel("vitals")
        for _ in range(2):
            vitals = json.loads(await channel.recv())
            assert vitals["memory"] > 2**20
            assert vitals["cpu"] >= 0


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("file", "many"),
        ("file", ""),
        ("file", "9" * 5000),
        ("ask", b"\xff\xff"),
        ("unheard of", "x"),
    ],
)
async def test_nonsense_closes_that_channel_only(label: str, message: str | bytes) -> None:
    async with page() as pc, asyncio.timeout(PATIENCE):
        chat = pc.create_data_channel("chat")
        channel = pc.create_data_channel(label)
        await channel.opened()
        await channel.send(message)
        with pytest.raises(ConnectionFailed):
            await channel.recv()
        await chat.opened()
        await chat.send("still here")
        assert await chat.recv() == "still here"


async def test_text_in_the_middle_of_a_file_ends_it() -> None:
    async with page() as pc, asyncio.timeout(PATIENCE):
        channel = pc.create_data_channel("file")
        await channel.opened()
        await channel.send("10")
        await channel.send(b"12345")
        await channel.send("text")
        assert await channel.recv() == b"12345"
        assert await channel.recv() == hashlib.sha256(b"12345").hexdigest()
