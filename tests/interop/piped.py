"""Peers that are programs of their own, driven over standard input and output."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.interop.peer import LinkedPeer, deadline
from tests.interop.processes import Program

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
AIORTC = ROOT / ".venv-aiortc" / "bin" / "python"
PION = ROOT / ".peers" / "bin" / "pion-interop"
NODE_MODULES = {"libwebrtc": "@roamhq/wrtc", "libdatachannel": "node-datachannel/polyfill"}


def command_of(name: str) -> list[str]:
    """How a peer is started. Skips the test where Pion has no Go to be built with."""
    if name == "aiortc":
        return [str(AIORTC), "-u", str(HERE / "aiortc_peer.py")]
    if name == "pion":
        if not PION.exists() and shutil.which("go") is None:
            pytest.skip("there is no Go")
        return [str(PION)]
    return ["node", str(HERE / "node_peer.mjs"), NODE_MODULES[name]]


@asynccontextmanager
async def piped(name: str) -> AsyncIterator[LinkedPeer]:
    """aiortc, libwebrtc, libdatachannel or pion."""
    async with await Program.start(*command_of(name), talks=True) as program:
        inlet, outlet = program.process.stdin, program.process.stdout
        assert inlet is not None
        assert outlet is not None

        def send(text: str) -> None:
            inlet.write(text.encode() + b"\n")

        peer = LinkedPeer(name, trickles=name != "aiortc", send=send)
        program.tail = peer.log
        reader = asyncio.create_task(_read(outlet, peer))
        try:
            async with deadline(f"{name}; it said: {peer.log}"):
                await peer.ready
            yield peer
        finally:
            reader.cancel()


async def _read(outlet: asyncio.StreamReader, peer: LinkedPeer) -> None:
    while line := await outlet.readline():
        peer.receive(line.decode())
    peer.lose(f"{peer.name} is gone")
