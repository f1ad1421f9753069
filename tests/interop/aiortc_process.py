"""aiortc in a process and an environment of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.interop.peer import LinkedPeer, deadline
from tests.interop.processes import Program

HERE = Path(__file__).parent
PYTHON = HERE.parent.parent / ".venv-aiortc" / "bin" / "python"


@asynccontextmanager
async def aiortc() -> AsyncIterator[LinkedPeer]:
    command = [str(PYTHON), "-u", str(HERE / "aiortc_peer.py")]
    async with await Program.start(*command, talks=True) as program:
        inlet, outlet = program.process.stdin, program.process.stdout
        assert inlet is not None
        assert outlet is not None

        def send(text: str) -> None:
            inlet.write(text.encode() + b"\n")

        peer = LinkedPeer("aiortc", trickles=False, send=send)
        program.tail = peer.log
        reader = asyncio.create_task(_read(outlet, peer))
        try:
            async with deadline(f"aiortc; it said: {peer.log}"):
                await peer.ready
            yield peer
        finally:
            reader.cancel()


async def _read(outlet: asyncio.StreamReader, peer: LinkedPeer) -> None:
    while line := await outlet.readline():
        peer.receive(line.decode())
    peer.lose("aiortc is gone")
