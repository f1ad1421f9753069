"""The ends of a pair as processes, and how each stack's is started."""

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.relay import Direction, host_candidate, redirected, relay

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".peers"
AIORTC = ROOT / ".venv-aiortc" / "bin" / "python"
PION = PEERS / "bin" / "pion-bench"
NODE_MODULES = {"libwebrtc": "@roamhq/wrtc", "libdatachannel": "node-datachannel"}
ANSWER_WITHIN = 120.0
OPEN_WITHIN = 20.0


class Stack:
    """An implementation, by a name such as `webrtc+compiled`, `aiortc+uvloop` or `pion`.

    `webrtc@FOLDER` is another checkout of ours: before and after in one run.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        library, *self._variants = name.split("+")
        self._library, _, folder = library.partition("@")
        self._tree = Path(folder).resolve() if folder else ROOT

    @property
    def missing(self) -> str | None:
        """What keeps it from running, and what to do; None when nothing does."""
        if self._library in NODE_MODULES:
            if shutil.which("node") is None:
                return "there is no node"
            needed = PEERS / "npm" / "node_modules" / NODE_MODULES[self._library]
        else:
            needed = {"aiortc": AIORTC, "pion": PION, "webrtc": self._tree}[self._library]
        if not needed.exists():
            return f"{needed} is missing: run scripts/install-peers"
        if not self.folder.exists():
            return f"{self.folder} is missing: run `make compile` there"
        return None

    @property
    def folder(self) -> Path:
        """Where it is started: `webrtc` is looked for here first."""
        return self._tree / "build" / "compiled" if "compiled" in self._variants else self._tree

    @property
    def command(self) -> list[str]:
        if self._library in NODE_MODULES:
            return ["node", str(ROOT / "benchmarks" / "peer_node.mjs"), self._library]
        if self._library == "pion":
            return [str(PION)]
        python = str(AIORTC) if self._library == "aiortc" else sys.executable
        loop = ["--uvloop"] if "uvloop" in self._variants else []
        return [python, "-m", f"benchmarks.peer_{self._library}", *loop]


class Worker:
    """One end in a process of its own."""

    def __init__(self, process: Process, name: str) -> None:
        self._process = process
        self._name = name

    @classmethod
    async def start(cls, name: str, within: Sequence[str] = ()) -> "Worker":
        """Start a stack's program; `within` is the command that runs it, with its arguments."""
        stack = Stack(name)
        process = await asyncio.create_subprocess_exec(
            *within,
            *stack.command,
            stdin=PIPE,
            stdout=PIPE,
            cwd=stack.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            limit=1 << 20,
        )
        return cls(process, name)

    async def call(self, op: str, *, within: float = ANSWER_WITHIN, **arguments: Any) -> Any:
        inlet, outlet = self._process.stdin, self._process.stdout
        if inlet is None or outlet is None:
            raise RuntimeError("started without pipes")
        inlet.write(json.dumps({"op": op, **arguments}).encode() + b"\n")
        try:
            async with asyncio.timeout(within):
                line = await outlet.readline()
        except TimeoutError as error:
            raise TimeoutError(f"{self._name} did not answer to {op}") from error
        if not line:
            raise ConnectionError(f"{self._name} died at {op}")
        return json.loads(line)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Ends:
    """An offerer and an answerer."""

    def __init__(self, offerer: Worker, answerer: Worker, path: Direction | None = None) -> None:
        self.offerer = offerer
        self.answerer = answerer
        self._path = path

    async def connect(self, stack: AsyncExitStack) -> float:
        """Set up one connection; what is between the peers lives as long as `stack`.

        Returns the loop's time when the offer was there with its candidates.
        """
        offer = await self.offerer.call("offer")
        offered = asyncio.get_running_loop().time()
        if self._path is None:
            answer = await self.answerer.call("answer", description=offer)
        else:
            here = host_candidate(offer)
            way = await stack.enter_async_context(relay(here[0], self._path, self._path))
            way.locate("a", here)
            offer = redirected(offer, way.addresses["b"])
            answer = await self.answerer.call("answer", description=offer)
            way.locate("b", host_candidate(answer))
            answer = redirected(answer, way.addresses["a"])
        await self.offerer.call("accept", description=answer)
        await self.both("opened", within=OPEN_WITHIN)
        return offered

    async def both(self, op: str, *, within: float = ANSWER_WITHIN) -> tuple[Any, Any]:
        return await asyncio.gather(
            self.offerer.call(op, within=within), self.answerer.call(op, within=within)
        )

    async def spent(self) -> tuple[float, float]:
        """CPU seconds so far, of each."""
        return await self.both("usage")

    def swapped(self) -> "Ends":
        """The same two, each in the other's place."""
        return Ends(self.answerer, self.offerer, self._path)


@asynccontextmanager
async def ends(stack: str, path: Direction | None = None) -> AsyncIterator[Ends]:
    """A self-pair on loopback."""
    offerer, answerer = await Worker.start(stack), await Worker.start(stack)
    try:
        yield Ends(offerer, answerer, path)
    finally:
        await offerer.stop()
        await answerer.stop()


def check_installed(stack: str) -> None:
    """Exit with what to do when `stack` cannot run."""
    if missing := Stack(stack).missing:
        sys.exit(missing)
